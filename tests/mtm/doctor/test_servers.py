"""The doctor and real servers: what each does wrong is found and named, and a right setup is all green."""

import subprocess
from functools import cache

import pytest
from django.core.management import call_command

from mtm.doctor import live, served
from mtm.doctor.findings import State
from mtm.doctor.mounts import mount_of
from snapshots import configured
from snapshots.accounts import parse_address
from tests.dovecot import running
from tests.imap_faults import certificates, greeting_then, serving
from tests.mtm.doctor.words import told
from tests.scale import needs_evidence
from tests.served import ALICE

__all__ = ["certificates"]

ACCOUNT = parse_address(ALICE)
DAYS = ("2026-11-21", "2026-11-22")
STAFF = "staff:segreto 123"
MASTERS = """
auth_master_user_separator = *
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/masters
  master = yes
}}
"""


@pytest.fixture(scope="module")
def trusting():
    """A live server as the guide sets it up: it knows whom we speak for, and a master for the worker."""
    with running(trusted_networks="127.0.0.0/8", more=MASTERS) as server:
        (server.directory / "masters").write_text("staff:segreto 123\n")
        server.add_user(ALICE)
        yield server


@pytest.fixture
def live_at(settings):
    """Give a function that lets the site have its live server at an address."""

    def put(url, ca=""):
        settings.MTM_IMAP_URL, settings.MTM_IMAP_CA = url, ca
        configured.forget()

    yield put
    configured.forget()


@pytest.fixture
def over_imap(provider, site, settings, snapshot_dovecot):
    """Two nights of Alice's behind the server of the snapshots, and mounted here too."""
    for day in DAYS:
        provider.mailbox(ALICE).night(day).folder("Cestino").message(f"del {day}")
    snapshot_dovecot.serve(provider)
    site(provider)
    settings.MTM_ENGINE, settings.MTM_DAYS = "imap", 1
    for name, value in snapshot_dovecot.settings().items():
        setattr(settings, name, value)
    configured.forget()
    return snapshot_dovecot


def test_live_server_that_is_down_is_a_problem(live_at):
    live_at("imap://127.0.0.1:1")

    assert told(live.server(None)).startswith("imap://127.0.0.1:1 is not reachable: ")


def test_certificate_that_ends_soon_is_told(live_at, certificates, monkeypatch):
    monkeypatch.setattr(configured, "trusted", cache(lambda: certificates.client))
    with serving(greeting_then(), tls=certificates.right) as server:
        live_at(server.url("imaps", "localhost"))

        assert "certificate valid 1 days" in told(live.server(None), State.WARNING)


def test_certificate_nobody_vouches_for_is_a_problem(live_at, certificates):
    with serving(greeting_then(), tls=certificates.right) as server:
        live_at(server.url("imaps", "localhost"))

        found = told(live.server(None))

    assert "does not prove who it is" in found
    assert "certificate verify failed" in found


def test_server_without_plain_is_a_problem(live_at):
    with serving(greeting_then(capabilities=b"IMAP4rev1 AUTH=CRAM-MD5")) as server:
        live_at(server.url())

        assert "offers no AUTH=PLAIN" in told(live.server(None))


@needs_evidence
def test_server_that_makes_all_wait_for_one_is_told(live_at):
    with running() as server:
        live_at(server.url)

        found = told(live.patience(None), State.WARNING)

    assert "whoever is wrong makes everybody wait" in found


def test_worker_is_let_in_and_the_server_s_lacks_are_told(live_at, settings, trusting):
    live_at(trusting.url)
    settings.MTM_IMAP_MASTER = STAFF

    found = list(live.worker(ACCOUNT))

    assert told(found, State.OK).startswith("staff is let in for alice@example.com\nthe live INBOX tells its GUID")
    assert "the live server has no QUOTA: a plan cannot say whether there is room" in told(found, State.WARNING)


@pytest.mark.parametrize(("master", "address"), [("staff:wrong", ALICE), (STAFF, "nobody@example.com")])
def test_worker_that_is_not_let_in_is_a_problem(live_at, settings, trusting, master, address):
    live_at(trusting.url)
    settings.MTM_IMAP_MASTER = master

    assert told(live.worker(parse_address(address))).startswith(
        f"the live server does not let staff in for {address}: "
    )


def test_snapshots_server_without_a_night_is_told(over_imap):
    (over_imap.directory / "by-day" / DAYS[0]).unlink()

    found = list(served.server(ACCOUNT))

    assert told(found, State.WARNING) == "it has no night of 2026-11-21"
    assert "the service is let in; 1 nights answer" in told(found, State.OK)


def test_service_with_a_wrong_password_is_a_problem(over_imap, settings):
    settings.MTM_SNAPSHOT_IMAP_MASTER = "mtm:wrong"

    assert "The snapshots' server refuses the service's login" in told(served.server(None))


def test_service_that_may_write_is_a_problem(over_imap):
    rules = over_imap.directory / "etc/acl"
    right = rules.read_text()
    rules.write_text("* owner lrwst\n")

    found = told(served.server(ACCOUNT))

    rules.write_text(right)
    assert found == "the service may do more than read (lrwstd, and lr is enough)"


def test_server_that_could_write_in_the_snapshots_is_a_problem(over_imap):
    mount = (over_imap.directory / "by-day" / DAYS[1]).resolve().parent
    if subprocess.run(["mount", "-o", "remount,bind,rw", str(mount)], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("only root may mount")

    found = told(served.server(ACCOUNT))

    assert found == "it could write in the snapshots of 2026-11-21, 2026-11-22"


def test_server_that_shows_another_night_than_the_mount_is_a_problem(over_imap):
    by_day = over_imap.directory / "by-day"
    other = (by_day / DAYS[0]).readlink()
    (by_day / DAYS[1]).unlink()
    (by_day / DAYS[1]).symlink_to(other)

    assert told(served.agreement(ACCOUNT)) == "mount and server differ in INBOX"


def test_right_setup_is_all_green(over_imap, settings, live_at, trusting, state_dir, capsys, db):
    mount = (over_imap.directory / "by-day" / DAYS[-1]).resolve().parent
    found = mount_of(mount)
    if found is None or found.point != mount:
        pytest.skip("only root may mount")
    live_at(trusting.url)
    settings.MTM_SNAPSHOT_PATH = [f"{mount}/{{snapshot}}/{{domain}}/{{user}}/Maildir"]
    settings.MTM_PLAIN_HTTP, settings.MTM_TRUSTED_PROXIES = False, ["127.0.0.1"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.MTM_AUDIT_KEY = "a key of its own"

    call_command("doctor", account=ALICE)

    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if not line.startswith("ok ")] == []
    assert "ok       agreement: mount and server tell the same 2 messages in 2 folders" in said
    assert "ok       snapshot server: the service may read and no more (lr)" in said
    assert any("another reader's right after it" in line for line in said)
