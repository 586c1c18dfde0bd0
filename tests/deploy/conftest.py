"""The whole site as deploy/ describes it, in plain processes: PostgreSQL, Dovecot, web, builder, worker, nginx."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
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
class Host:
    """What runs under the name of one host, its state and its logs."""

    name: str
    directory: Path
    here: Here
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def socket(self) -> str:
        return self.here.here("/run/mtm/web.sock")

    def log(self, service: str) -> str:
        return (self.directory / f"{service}.log").read_text()

    @contextmanager
    def running(self, service: str) -> Iterator[None]:
        """Run a service of the containers until the block ends."""
        command = [sys.executable, str(ROOT / "manage.py"), *self.here.command(service)]
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name, *command]
        environment = self.here.environment(service)
        with (self.directory / f"{service}.log").open("wb") as log:
            process = subprocess.Popen(
                named if os.geteuid() == 0 else command, env=environment, stderr=log, start_new_session=True
            )
        self.processes[service] = process
        try:
            yield
        finally:
            stop(process)


@dataclass(slots=True)
class Deployment:
    """Everything that runs, and the mailbox that is read through it. The worker runs on the first host."""

    hosts: list[Host]
    nginx: Nginx
    mailbox: Mailbox
    live_maildir: Path

    @property
    def directory(self) -> Path:
        return self.hosts[0].directory

    @property
    def here(self) -> Here:
        return self.hosts[0].here

    @property
    def processes(self) -> dict[str, subprocess.Popen[bytes]]:
        return self.hosts[0].processes

    def visitor(self) -> Visitor:
        return Visitor(self.nginx.address, self.nginx.opener())

    def log(self, service: str) -> str:
        return self.hosts[0].log(service)

    def manage(self, *arguments: str, service: str = "prepare") -> str:
        """Run a command in the environment of a service, and return what it said."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        environment = self.here.environment(service)
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with _standing(tmp_path_factory.mktemp("deployment"), "web1") as running:
        yield running


@pytest.fixture
def two_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    if os.geteuid() != 0:
        pytest.skip("only root may give processes another host's name")
    with _standing(tmp_path_factory.mktemp("deployment"), "web1", "web2") as running:
        yield running


@contextmanager
def _standing(directory: Path, *names: str) -> Iterator[Deployment]:
    require_nginx()
    with ExitStack() as stack:
        database = stack.enter_context(postgresql.running())
        live = stack.enter_context(live_dovecot.running(more=MASTERS_OF_LIVE_SERVER))
        (live.directory / "masters").write_text(f"{MASTER}\n")
        tls = certificate(directory, "dovecot", f"IP:{LOOPBACK}")
        nights = stack.enter_context(snapshot_dovecot.running(more=_over_tls(tls)))
        mailbox = _mailbox(directory)
        maildir = live.add_user(mailbox.address, copy_of=mailbox.live().path)
        nights.serve(mailbox.provider)
        places = _places(directory, live, nights, database.url)
        hosts = [_host(directory / name, places) for name in names]
        ports = filter(is_free, count(free_port()))
        nginx = Nginx(directory, next(ports), next(ports))
        running = Deployment(hosts, nginx, mailbox, maildir)
        running.manage("prepare")
        for host in hosts:
            stack.enter_context(host.running("web"))
            stack.enter_context(host.running("builder"))
        stack.enter_context(hosts[0].running("worker"))
        stack.enter_context(nginx.running(*[host.socket for host in hosts]))
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


def _places(
    directory: Path, live: live_dovecot.Dovecot, nights: snapshot_dovecot.SnapshotDovecot, database: str
) -> dict[str, str]:
    """Return where lies what all hosts share."""
    secrets = directory / "secrets"
    secrets.mkdir()
    master = nights.settings()["MTM_SNAPSHOT_IMAP_MASTER"]
    for name, value in {
        "secret_key": token_urlsafe(50), "audit_key": token_urlsafe(50), "database_url": database,
        "snapshot_master": master, "imap_master": MASTER,
    }.items():  # fmt: skip
        (secrets / name).write_text(value)
    (secrets / "dovecot_certificate").write_text((directory / "dovecot.pem").read_text())
    return {
        "imaps://mail.example.com": live.url,
        "imaps://dovecot:10993": f"imaps://{LOOPBACK}:{nights.port}",
        "/run/secrets": str(secrets),
        "/opt/static": str(directory / "static"),
        "nightly.%Y-%m-%d_%H%M": Provider(directory / "provider").snapshot_pattern,
    }


def _host(directory: Path, places: Mapping[str, str]) -> Host:
    run = directory / "run"
    run.mkdir(parents=True)
    own = {"/var/lib/mtm": str(directory / "state"), "/run/mtm": str(run)}
    return Host(directory.name, directory, Here({**places, **own}))
