"""The demo's files, and the site as a child process that reads them."""

import base64
import hashlib
import http.client
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from demo.imap_server import stop
from demo.maildir import write_private
from demo.ports import LOOPBACK
from demo.provider import Provider
from demo.story import build

CODE = Path(__file__).parent
START_SECONDS = 90
FEW = ("--workers", "2")
"""Processes: enough for one reader, and begun sooner."""

OPERATOR, OPERATOR_PASSWORD = "m.bianchi", "lotto-tre-assistenza"
OPERATOR_SECRETS = "operator-secrets"


class NotStarted(Exception):
    """The site ended, or did not answer in time."""


def prepare(directory: Path, today: date) -> bool:
    """Make the demo's files unless they are there and of today; tell whether they were made."""
    edition = f"{today} {_digest_of_code()}"
    mark = directory / "edition"
    if mark.exists() and mark.read_text() == edition:
        return False
    shutil.rmtree(directory, ignore_errors=True)
    build(directory / "provider", today)
    (directory / "state").mkdir()
    write_private(directory / "secret-key", secrets.token_urlsafe(50).encode())
    key = base64.b32encode(secrets.token_bytes(20)).decode()
    write_private(directory / OPERATOR_SECRETS, f"{OPERATOR_PASSWORD}\n{key}\n".encode())
    mark.write_text(edition)
    return True


def environment(directory: Path, *, imap_url: str, has_live_mail: bool = False) -> dict[str, str]:
    """Return the settings of the site; those of the caller's environment that are not ours stay.

    `has_live_mail`: the live mailboxes lie beside the snapshots, and are not those of the IMAP server.
    """
    return {
        **os.environ,
        **Provider(directory / "provider").settings(),
        **(Provider(directory / "provider").live_setting() if has_live_mail else {}),
        "MTM_IMAP_URL": imap_url,
        "MTM_PLAIN_HTTP": "1",
        "MTM_STATE_DIR": str(directory / "state"),
        "MTM_DATABASE_URL": f"sqlite:///{directory}/state/mtm.sqlite3",
        "MTM_SECRET_KEY_FILE": str(directory / "secret-key"),
        "MTM_ALLOWED_HOSTS": f"{LOOPBACK},localhost",
    }


def add_operator(directory: Path, settings: dict[str, str]) -> None:
    """Make the demo's operator, with every permission, in a site that runs; once for its files."""
    mark = directory / "operator-added"
    if mark.exists():
        return
    arguments = ["add", OPERATOR, "--permissions", "help,download,restore,audit,admin"]
    command = [sys.executable, str(CODE.parent / "manage.py"), "operator", *arguments]
    secrets_file = str(directory / OPERATOR_SECRETS)
    subprocess.run([*command, "--secrets-file", secrets_file], env=settings, check=True, stdout=subprocess.DEVNULL)
    mark.touch()


def operator_key(directory: Path) -> str:
    """Return the key of the operator's second factor, as an authenticator takes it."""
    return (directory / OPERATOR_SECRETS).read_text().splitlines()[1]


@contextmanager
def running(settings: dict[str, str], *, port: int, reload: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the site until the block ends; the block begins when it answers.

    Raises: NotStarted.
    """
    command = [sys.executable, str(CODE.parent / "manage.py"), "serve", "--bind", f"{LOOPBACK}:{port}", *FEW]
    process = subprocess.Popen(command + ["--reload"] * reload, env=settings, start_new_session=True)
    try:
        _wait(process, port)
        yield process
    finally:
        stop(process)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(port):
        if process.poll() is not None:
            raise NotStarted(f"the site ended with status {process.returncode}; the lines above say why")
        if time.monotonic() > deadline:
            raise NotStarted(f"the site did not answer within {START_SECONDS} seconds")
        time.sleep(0.1)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
    try:
        connection.request("GET", "/login/")
        return connection.getresponse().status < http.client.INTERNAL_SERVER_ERROR
    except OSError:
        return False
    finally:
        connection.close()


def _digest_of_code() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in CODE.rglob("*") if path.suffix in {".py", ".toml", ".eml", ".html"}):
        digest.update(path.read_bytes())
    return digest.hexdigest()
