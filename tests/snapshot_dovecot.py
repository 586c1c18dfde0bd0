"""The Dovecot that serves snapshots: the configuration we ship, with its paths moved below one directory.

It reads a made provider's nights through a real read-only mount where the tests may make one (root may), else where
they lie. In tests take the session's server as the fixture `snapshot_dovecot` (tests/conftest.py imports it).
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.ports import LOOPBACK, free_port, wait_for_answer
from demo.provider import Provider
from tests.dovecot import BINARY, give_to_mail_user, require_dovecot, system_users
from tests.house_rules import ROOT

SHIPPED = ROOT / "deploy/dovecot"
MASTER = "mtm"
PORTS_SHIPPED = ("port = 10143", "port = 10993")
# What the machine of the tests wants otherwise; a later line wins. One test's wrong password delays no other's.
OF_THE_TESTS = """
auth_failure_delay = 0
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
service imap-login {{
  chroot =
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(slots=True)
class SnapshotDovecot:
    """A running server, and the one provider whose nights it serves at a time."""

    directory: Path
    port: int
    secret: str
    more: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"imap://{LOOPBACK}:{self.port}"

    @property
    def log(self) -> str:
        path = self.directory / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def settings(self) -> dict[str, str]:
        """Return the environment that makes Mail Time Machine read from here."""
        return {
            "MTM_ENGINE": "imap",
            "MTM_SNAPSHOT_IMAP_URL": self.url,
            "MTM_SNAPSHOT_IMAP_MASTER": f"{MASTER}:{self.secret}",
        }

    def serve(self, provider: Provider) -> Provider:
        """Serve this provider's nights, in place of another's; to be called before they are sealed."""
        self.release()
        give_to_mail_user(provider.volume)
        snapshots = self._mounted(provider.volume / ".snapshot")
        for day, name in provider.names.items():
            (self.directory / "by-day" / day.isoformat()).symlink_to(snapshots / name)
        return provider

    def release(self) -> None:
        """Let go of the provider that is served, and of what is remembered of it."""
        for link in (self.directory / "by-day").iterdir():
            link.unlink()
        for tree in ("control", "index"):
            shutil.rmtree(self.directory / "cache" / tree, ignore_errors=True)
        for mount in (self.directory / "mounts").iterdir():
            subprocess.run(["umount", "--lazy", str(mount)], stderr=subprocess.DEVNULL)
            shutil.rmtree(mount)

    def start(self) -> None:
        """Start the server, or start it again."""
        command = [str(BINARY), "-F", "-c", str(self.directory / "etc/dovecot.conf")]
        with (self.directory / "start.log").open("wb") as complaints:
            self.process = subprocess.Popen(command, stderr=complaints)
        if not wait_for_answer(self.port, timeout_seconds=20):
            raise RuntimeError(f"Dovecot did not start: {(self.directory / 'start.log').read_text()}{self.log}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def _mounted(self, snapshots: Path) -> Path:
        if os.getuid() != 0:
            return snapshots
        mount = Path(tempfile.mkdtemp(dir=self.directory / "mounts"))
        mount.chmod(0o755)
        bind = ["mount", "--bind", "-o", "ro,nosuid,nodev,noexec", str(snapshots), str(mount)]
        if subprocess.run(bind, stderr=subprocess.DEVNULL).returncode:
            # Root of a container may mount nothing: the same files under a path the mail user may go.
            shutil.copytree(snapshots, mount, symlinks=True, copy_function=os.link, dirs_exist_ok=True)
            give_to_mail_user(mount)
        return mount


@contextmanager
def running(*, more: str = "") -> Iterator[SnapshotDovecot]:
    """Run a server until the block ends; `more` is configuration that comes after the shipped one."""
    require_dovecot()
    directory = Path(tempfile.mkdtemp(prefix="mtm-snapshots-"))
    server = SnapshotDovecot(directory, free_port(), secrets.token_urlsafe(32), more)
    try:
        _write_files(server)
        server.start()
        yield server
    finally:
        server.stop()
        server.release()
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def snapshot_dovecot() -> Iterator[SnapshotDovecot]:
    with running() as server:
        yield server


def configuration(server: SnapshotDovecot, version: str = "2.3") -> str:
    """Return the shipped configuration as an administrator would change it for this machine."""
    text = (SHIPPED / f"dovecot-{version}.conf").read_text() + server.more
    users = system_users()
    places = {
        "/srv/mtm/by-day": "by-day",
        "/var/cache/mtm-dovecot": "cache",
        "/etc/mtm-dovecot": "etc",
        "/run/mtm-dovecot": "run",
        "/var/lib/mtm-dovecot": "state",
        "/var/log/mtm-dovecot.log": "dovecot.log",
    }
    for shipped, ours in places.items():
        text = text.replace(shipped, str(server.directory / ours))
    for name, value in (("mail_uid", "mail_user"), ("mail_gid", "mail_group"), ("user", "mail_user")):
        text = text.replace(f"{name} = vmail", f"{name} = {users[value]}")
    for port in PORTS_SHIPPED:
        text = text.replace(port, f"port = {server.port}")
    return text + OF_THE_TESTS.format(**users)


def _write_files(server: SnapshotDovecot) -> None:
    server.directory.chmod(0o755)
    for name in ("by-day", "cache", "cache/home", "etc", "mounts", "run", "state"):
        (server.directory / name).mkdir()
    give_to_mail_user(server.directory / "cache")
    hashed = subprocess.run(
        ["doveadm", "pw", "-s", "SSHA512", "-p", server.secret], capture_output=True, text=True, check=True
    )
    (server.directory / "etc/masters").write_text(f"{MASTER}:{hashed.stdout.strip()}\n")
    (server.directory / "etc/nobody").touch()
    for name in ("acl", "seed-control"):
        shutil.copy(SHIPPED / name, server.directory / "etc" / name)
    (server.directory / "etc/dovecot.conf").write_text(configuration(server))
