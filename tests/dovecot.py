"""A private real Dovecot 2.3 on the loopback: its mail is its own copy, never a snapshot.

In tests take the session's server as the fixture `dovecot` (tests/conftest.py imports it from here).
Whoever takes its `url` comes through a proxy that records: as the server stops, nothing may have been asked that
takes mail away. A test's own client, which may do as it likes, comes straight to its `port`.
A test that changes how the server is set up starts its own: `with running(trusted_networks=...)`.
"""

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import imapclient
import pytest

from demo.ports import LOOPBACK, free_port, wait_for_answer
from tests.imap_proxy import ADDING, Proxy, recording

PASSWORD = "girasole 12"
MAIL_USER = "mail"
BINARY = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
LAYOUTS = {"maildir++": "", "fs": ":LAYOUT=fs"}
ENCODINGS = {"mutf7": "", "utf8": ":UTF-8"}

# What is not said here is Dovecot's default, above all its delays after a wrong password.
CONFIGURATION = """
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
login_trusted_networks = {trusted_networks}
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
first_valid_uid = 1
mail_uid = {mail_user}
mail_gid = {mail_group}
mail_plugins = zlib
mail_fsync = never
mail_max_userip_connections = 100
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/users/%u
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {directory}/users/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(slots=True)
class Dovecot:
    """A running server. Users may be added at any time."""

    directory: Path
    port: int
    proxy: Proxy
    # One file a user: Dovecot looks for changes of a file once a second only.
    passwords: dict[str, str] = field(default_factory=dict)
    clients: list[Any] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.proxy.url

    @property
    def log(self) -> str:
        path = self.directory / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def add_user(
        self,
        address: str,
        password: str = PASSWORD,
        *,
        copy_of: Path | None = None,
        layout: str = "maildir++",
        encoding: str = "mutf7",
    ) -> Path:
        """Let the address log in to a mailbox of its own, or to a copy of a Maildir; return where it lies."""
        maildir = self.directory / "mail" / f"{len(self.passwords)}" / "Maildir"
        maildir.parent.mkdir(parents=True)
        if copy_of is not None:
            shutil.copytree(copy_of, maildir, symlinks=True)
        give_to_mail_user(maildir.parent)
        location = f"maildir:{maildir}{LAYOUTS[layout]}{ENCODINGS[encoding]}"
        line = f"{address}:{password}::::{maildir.parent}::userdb_mail={location}\n"
        (self.directory / "users" / address).write_text(line)
        self.passwords[address] = password
        return maildir

    def start(self) -> None:
        with (self.directory / "start.log").open("wb") as complaints:
            command = [str(BINARY), "-F", "-c", str(self.directory / "dovecot.conf")]
            self.process = subprocess.Popen(command, stderr=complaints)
        if not wait_for_answer(self.port, timeout_seconds=20):
            raise RuntimeError(f"Dovecot did not start: {(self.directory / 'start.log').read_text()}{self.log}")

    def stop(self) -> None:
        for client in self.clients:
            client.shutdown()
        self.clients.clear()
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def restart(self) -> None:
        self.stop()
        self.start()

    def client(self, address: str) -> Any:
        """Return an IMAP client that is logged in, and is logged out when the server stops."""
        client = imapclient.IMAPClient(LOOPBACK, self.port, ssl=False, timeout=60)
        self.clients.append(client)
        client.normalise_times = False
        client.login(address, self.passwords[address])
        return client


def require_dovecot() -> None:
    """Skip the test where there is no Dovecot; fail in CI, where there must be one."""
    if BINARY is None and os.environ.get("CI"):
        pytest.fail("Dovecot is not installed: run `make deps`")
    if BINARY is None:
        pytest.skip("Dovecot is not installed: run `make deps` as root")


@contextmanager
def running(*, trusted_networks: str = "", more: str = "") -> Iterator[Dovecot]:
    """Run a server until the block ends.

    `trusted_networks` may tell a login's true address by ID; `more` is configuration, with `{directory}` in it.
    """
    require_dovecot()
    # Sockets have short names, and the mail user must be able to come here: pytest's directories are neither.
    directory = Path(tempfile.mkdtemp(prefix="mtm-dovecot-"))
    try:
        with recording(0) as proxy:
            # The proxy has its port by now, so the server's is another.
            proxy.target = free_port()
            server = Dovecot(directory, proxy.target, proxy)
            _write_files(server, trusted_networks, more)
            try:
                server.start()
                yield server
            finally:
                server.stop()
        assert proxy.unsafe(allowed=ADDING) == []
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    with running() as server:
        yield server


def _write_files(server: Dovecot, trusted_networks: str, more: str) -> None:
    server.directory.chmod(0o755)
    for name in ("run", "state", "mail", "users"):
        (server.directory / name).mkdir()
    configuration = server.directory / "dovecot.conf"
    values = {"directory": server.directory, "port": server.port, "trusted_networks": trusted_networks}
    configuration.write_text((CONFIGURATION + more).format(**values, **system_users()))


def system_users() -> dict[str, str]:
    """Return whom a server's processes run as."""
    if os.getuid() == 0:
        return {
            "internal_user": "dovecot", "internal_group": "dovecot", "login_user": "dovenull",
            "mail_user": MAIL_USER, "mail_group": MAIL_USER,
        }  # fmt: skip
    user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
    return {
        "internal_user": user, "internal_group": group, "login_user": user, "mail_user": user, "mail_group": group,
    }  # fmt: skip


def give_to_mail_user(root: Path) -> None:
    """Make the mail user the owner of all below, where we may."""
    if os.getuid() != 0:
        return
    owner = pwd.getpwnam(MAIL_USER)
    for directory, _, files in os.walk(root):
        for name in (".", *files):
            os.chown(Path(directory, name), owner.pw_uid, owner.pw_gid, follow_symlinks=False)
