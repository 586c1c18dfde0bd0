"""`python -m demo`: a mailbox with eight nights, a live account, and the site over them, until Ctrl-C."""

import argparse
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType

from demo import imap_server, site
from demo.ports import LOOPBACK, is_free
from demo.provider import TIME_ZONE
from demo.story import OWNER, POP3_OWNER

DIRECTORY = Path(__file__).resolve().parent.parent / ".demo"
PASSWORD = "lotto-tre"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY = """
The demo is ready. Ctrl-C stops everything.

Address:  http://{loopback}:{port}/
Email:    {owner}
Password: {password}

A mailbox that POP3 has emptied: {pop3_owner}, the same password.

Support:  http://{loopback}:{port}/support/
Name:     {operator}
Password for support: {operator_password}
Key of the second factor, for an authenticator: {key}
A code without one: {python} -m demo.code
"""


class Stopped(Exception):
    """Somebody asked the demo to end."""


def main() -> int:
    arguments = _arguments()
    try:
        with _alone(arguments.directory):
            return _run(arguments.directory / "made", arguments.port, reload=arguments.reload)
    except Stopped:
        print("\ndemo: stopped", flush=True)
        return 0
    except (site.NotStarted, RuntimeError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


def _run(files: Path, port: int, *, reload: bool) -> int:
    if not is_free(port):
        raise site.NotStarted(f"port {port} is taken; choose another: PORT={port + 1} make demo")
    if site.prepare(files, datetime.now(TIME_ZONE).date()):
        print("demo: made eight nights of mail, one of them missing", flush=True)
    with imap_server.running({OWNER: PASSWORD, POP3_OWNER: PASSWORD}) as imap_url:
        settings = site.environment(files, imap_url=imap_url, has_live_mail=True)
        with _engine(files) as others, site.running(settings := settings | others, port=port, reload=reload) as process:
            site.add_operator(files, settings)
            words = {"loopback": LOOPBACK, "port": port, "owner": OWNER, "password": PASSWORD, "pop3_owner": POP3_OWNER}
            words |= {"operator": site.OPERATOR, "operator_password": site.OPERATOR_PASSWORD}
            words |= {"key": site.operator_key(files), "python": sys.executable}
            print(READY.format(**words), flush=True)
            status = process.wait()
    raise site.NotStarted(f"the site ended by itself with status {status}")


@contextmanager
def _engine(files: Path) -> Iterator[dict[str, str]]:
    """Yield the settings of the engine that MTM_ENGINE asks for, while what it reads from runs."""
    if os.environ.get("MTM_ENGINE") != "imap":
        yield {}
        return
    from demo import snapshot_server  # it brings the tests' server along, which the plain demo has no use for

    with snapshot_server.running(files) as settings:
        print("demo: a Dovecot serves the nights, and the site reads them from it", flush=True)
        yield settings


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold the demo's directory, so that a second demo does not make its files anew under the first."""
    directory.mkdir(exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise site.NotStarted(f"another demo is running in {directory}; stop it first") from None
        yield


def _stop(number: int, frame: FrameType | None) -> None:
    for one in STOP_SIGNALS:
        signal.signal(one, signal.SIG_IGN)  # a second Ctrl-C must not leave a child behind
    raise Stopped


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="default: PORT, or 8000")
    parser.add_argument("--directory", type=Path, default=DIRECTORY, help="where its files lie, default: %(default)s")
    parser.add_argument("--reload", action="store_true", help="restart the site whenever a file changes")
    return parser.parse_args()


if __name__ == "__main__":
    for one in STOP_SIGNALS:
        signal.signal(one, _stop)
    sys.exit(main())
