"""The whole site as deploy/ describes it, in plain processes: PostgreSQL, Dovecot, web, builder, worker, nginx."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from secrets import token_urlsafe

import pytest

from demo.imap_server import stop
from demo.ports import LOOPBACK, free_port, is_free
from demo.provider import Mailbox, Provider
from tests import dovecot as live_dovecot
from tests import postgresql, snapshot_dovecot
from tests.deploy.composed import CONTAINER, Here
from tests.deploy.nginx import Nginx, certificate, require_nginx
from tests.house_rules import ROOT
from tests.running_site import Visitor, real_today

MASTER = "mtm-restore:a long secret of the live server"
MASTERS_OF_LIVE_SERVER = """
auth_master_user_separator = *
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/masters
  master = yes
}}
"""


@dataclass(slots=True)
class Deployment:
    """Everything that runs, and the mailbox that is read through it."""

    directory: Path
    here: Here
    nginx: Nginx
    mailbox: Mailbox
    live_maildir: Path
    processes: dict[str, subprocess.Popen[bytes]]

    def visitor(self) -> Visitor:
        return Visitor(self.nginx.address, self.nginx.opener())

    def log(self, service: str) -> str:
        return (self.directory / f"{service}.log").read_text()

    def manage(self, *arguments: str, service: str = "prepare") -> str:
        """Run a command in the environment of a service, and return what it said."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        environment = self.here.environment(service)
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    require_nginx()
    directory = tmp_path_factory.mktemp("deployment")
    with ExitStack() as stack:
        database = stack.enter_context(postgresql.running())
        live = stack.enter_context(live_dovecot.running(more=MASTERS_OF_LIVE_SERVER))
        (live.directory / "masters").write_text(f"{MASTER}\n")
        tls = certificate(directory, "dovecot", f"IP:{LOOPBACK}")
        nights = stack.enter_context(snapshot_dovecot.running(more=_over_tls(tls)))
        mailbox = _mailbox(directory)
        maildir = live.add_user(mailbox.address, copy_of=mailbox.live().path)
        nights.serve(mailbox.provider)
        here = _here(directory, live, nights, database.url)
        ports = filter(is_free, count(free_port()))
        nginx = Nginx(directory, next(ports), next(ports))
        running = Deployment(directory, here, nginx, mailbox, maildir, {})
        running.manage("prepare")
        for service in ("web", "builder", "worker"):
            running.processes[service] = stack.enter_context(_process(running, service))
        stack.enter_context(nginx.running(here.here("/run/mtm/web.sock")))
        yield running


def _mailbox(directory: Path) -> Mailbox:
    mailbox = Provider(directory / "provider").mailbox("anna@example.com")
    attachments = [("a.txt", "text/plain", b"ciao")]
    lost = mailbox.night(real_today() - timedelta(days=1)).message("Segretissimo", attachments=attachments)
    mailbox.night(real_today()).delete(lost)
    return mailbox


def _over_tls(tls: Path) -> str:
    """Return the containers' configuration of Dovecot with what lies elsewhere here."""
    text = (CONTAINER / "dovecot-tls.conf").read_text().replace("listen = *", f"listen = {LOOPBACK}")
    text = text.replace("log_path = /dev/stderr\n", "")
    return text.replace("/run/secrets/dovecot_certificate", str(tls)).replace(
        "/run/secrets/dovecot_key", str(tls.with_suffix(".key"))
    )


def _here(directory: Path, live: live_dovecot.Dovecot, nights: snapshot_dovecot.SnapshotDovecot, database: str) -> Here:
    secrets = directory / "secrets"
    secrets.mkdir()
    master = nights.settings()["MTM_SNAPSHOT_IMAP_MASTER"]
    for name, value in {
        "secret_key": token_urlsafe(50), "audit_key": token_urlsafe(50), "database_url": database,
        "snapshot_master": master, "imap_master": MASTER,
    }.items():  # fmt: skip
        (secrets / name).write_text(value)
    (secrets / "dovecot_certificate").write_text((directory / "dovecot.pem").read_text())
    (directory / "run").mkdir()
    return Here(
        {
            "imaps://mail.example.com": live.url,
            "imaps://dovecot:10993": f"imaps://{LOOPBACK}:{nights.port}",
            "/run/secrets": str(secrets),
            "/var/lib/mtm": str(directory / "state"),
            "/opt/static": str(directory / "static"),
            "/run/mtm": str(directory / "run"),
            "nightly.%Y-%m-%d_%H%M": Provider(directory / "provider").snapshot_pattern,
        }
    )


@contextmanager
def _process(running: Deployment, service: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(ROOT / "manage.py"), *running.here.command(service)]
    with (running.directory / f"{service}.log").open("wb") as log:
        process = subprocess.Popen(command, env=running.here.environment(service), stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        stop(process)
