"""The doctor, here without servers: what is wrong is found, named, and something is said that mends it."""

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from demo.provider import Provider
from mtm.doctor import mounts, nights, notices, site, state
from mtm.doctor.findings import Check, State, examine, ok
from mtm.management.commands import doctor
from snapshots import configured
from snapshots.accounts import parse_address
from tests.served import ALICE, NOW

ACCOUNT = parse_address(ALICE)
NETWORK = "30 25 0:40 / {point} rw,relatime - nfs4 filer:/vol rw,vers=4.2\n"


def told(findings, state=State.PROBLEM):
    """Return the words of what was found in that state, as one text."""
    found = list(findings)
    assert all(each.fix for each in found if each.state is not State.OK)
    return "\n".join(each.words for each in found if each.state is state)


@pytest.fixture
def state_dir(settings, tmp_path):
    path = tmp_path / "state"
    path.mkdir(mode=0o700)
    settings.MTM_STATE_DIR = path
    return path


@pytest.fixture
def mounted(tmp_path):
    """Give a function that mounts a directory once more, with options; skips where nothing may be mounted."""
    made: list[Path] = []

    def mount(source, options):
        place = tmp_path / f"mount{len(made)}"
        place.mkdir()
        if os.getuid() or subprocess.run(["mount", "--bind", "-o", options, str(source), str(place)]).returncode:
            pytest.skip("only root may mount")
        made.append(place)
        return place

    yield mount
    for place in made:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def told_by_kernel(monkeypatch, tmp_path):
    """Give a function that puts one more mount into what the kernel tells."""

    def tell(line):
        path = tmp_path / "mountinfo"
        path.write_text(mounts.MOUNTINFO.read_text() + line)
        monkeypatch.setattr(mounts, "MOUNTINFO", path)

    return tell


def test_look_that_never_ends_is_a_problem_and_ends():
    ended = Event()

    def look(account):
        yield ok("begun")
        ended.wait()

    found = examine(Check("slow", look, seconds=0.05), None)
    ended.set()

    assert [each.words for each in found] == ["begun", "no answer within 0.05 s"]


def test_look_that_fails_is_a_problem_in_the_words_of_its_cause():
    def look(account):
        try:
            raise OSError("no such device")
        except OSError as error:
            raise ValueError("wrapped") from error

    assert told(examine(Check("broken", look), None)) == "could not be looked at: no such device"


def test_one_look_that_fails_does_not_keep_the_others_from_theirs(monkeypatch, capsys):
    def broken(account):
        raise ValueError("unforeseen")

    monkeypatch.setattr(doctor, "CHECKS", (Check("first", broken), Check("second", lambda account: [ok("fine")])))

    with pytest.raises(CommandError, match="^1 problem$") as caught:
        call_command("doctor")

    assert caught.value.returncode == 1
    assert "problem  first: could not be looked at: unforeseen\n" in capsys.readouterr().out.replace("\n\n", "\n")


def test_findings_are_told_as_lines_or_as_json(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "CHECKS", (Check("search", state.search),))

    call_command("doctor")
    call_command("doctor", "--json")

    line, *rest = capsys.readouterr().out.splitlines()
    assert line.startswith("ok       search: SQLite ")
    assert [each["state"] for each in json.loads("\n".join(rest))] == ["ok"]


def test_account_that_is_none_is_refused():
    with pytest.raises(CommandError, match="nobody is no account's address"):
        call_command("doctor", account="nobody")


@pytest.mark.django_db
def test_setting_that_is_wrong_is_named_with_its_hint(settings):
    settings.SECRET_KEY = "short"

    assert "MTM_SECRET_KEY is missing or short. (mtm.E001)" in told(site.system_checks(None))


@pytest.mark.django_db
def test_settings_of_a_site_with_tls_are_clean_for_deployment(settings):
    settings.MTM_PLAIN_HTTP = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000

    assert told(site.system_checks(None), State.OK) == "every setting is understood"


def test_ways_in_that_mislead_are_told(settings):
    settings.ALLOWED_HOSTS = ["*"]
    plain = told(site.way_in(None), State.WARNING)
    settings.MTM_PLAIN_HTTP = False
    behind = told(site.way_in(None), State.WARNING)

    assert "lets any host name in" in plain
    assert "passwords cross the network in clear" in plain
    assert "every reader seems to come from the web server in front" in behind


def test_static_files_that_are_not_collected_are_a_problem(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {"staticfiles": {"BACKEND": "mtm.static_storage.StaticStorage"}}

    assert told(site.static_files(None)) == f"none are collected in {tmp_path}"


def test_state_directory_must_be_there_and_ours_alone(state_dir):
    state_dir.chmod(0o755)
    opened = told(state.directory(None))
    state_dir.rmdir()

    assert "is open to others (mode 0755)" in opened
    assert told(state.directory(None)) == f"{state_dir} is not there"


def test_state_directory_over_the_network_is_a_problem(state_dir, told_by_kernel):
    told_by_kernel(NETWORK.format(point=state_dir))

    assert "lies on nfs4, where SQLite's locks cannot be trusted" in told(state.directory(None))


def test_full_disk_is_a_problem(state_dir):
    small = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "none", str(state_dir)]
    if os.getuid() or subprocess.run(small).returncode:
        pytest.skip("only root may mount")

    found = told(state.directory(None))

    subprocess.run(["umount", str(state_dir)], check=True)
    assert found == f"{state_dir} has 0.0 GiB free"


@pytest.mark.database
@pytest.mark.django_db
def test_database_that_lacks_a_migration_is_a_problem():
    before = told(state.database(None))
    MigrationRecorder.Migration.objects.filter(app="access").delete()

    assert before == ""
    assert told(state.database(None)) == "the database is not up to date"


@pytest.mark.django_db
def test_audit_log_that_lost_its_rows_is_a_problem(state_dir):
    (state_dir / "audit-head").write_text("7:0123")

    assert told(state.audit_log(None)).startswith("row 1: ")


def test_audit_key_made_from_the_secret_key_is_told(settings, db, state_dir):
    settings.MTM_AUDIT_KEY = f"audit:{settings.MTM_SECRET_KEY}"

    assert "its key is made from MTM_SECRET_KEY" in told(state.audit_log(None), State.WARNING)


def test_snapshots_that_could_be_written_are_a_problem(provider, site):
    provider.mailbox(ALICE).night("2026-11-21")
    site(provider)

    assert "is not mounted read-only" in told(nights.mounts(None))


@pytest.mark.parametrize(
    ("options", "state", "words"),
    [
        ("ro,nosuid,nodev,noexec", State.OK, "is mounted ro,nosuid,nodev,noexec"),
        ("ro,nosuid", State.WARNING, "is mounted without nodev,noexec"),
    ],
)
def test_mount_is_judged_by_its_options(provider, mounted, settings, options, state, words):
    provider.mailbox(ALICE).night("2026-11-21")
    place = mounted(provider.volume / ".snapshot", options)
    settings.MTM_SNAPSHOT_PATH = [f"{place}/{{snapshot}}/{{domain}}/{{user}}/Maildir"]

    assert words in told(nights.mounts(None), state)


def test_mount_that_is_not_there_is_a_problem(settings):
    settings.MTM_SNAPSHOT_PATH = ["/nonexistent/.snapshot/{snapshot}/{domain}/{user}/Maildir"]

    assert told(nights.mounts(None)) == "/nonexistent/.snapshot is not there"


def test_names_that_no_pattern_knows_are_told(provider, settings):
    provider.mailbox(ALICE).night("2026-11-21")
    settings.MTM_SNAPSHOT_PATH = [provider.settings()["MTM_SNAPSHOT_PATH"]]
    settings.MTM_SNAPSHOT_NAMES = ["daily.%Y%m%d"]

    assert told(nights.mounts(None)).endswith("found there: nightly.2026-11-21_0000")


def test_what_is_written_must_not_lie_in_the_snapshots(provider, site, settings):
    provider.mailbox(ALICE).night("2026-11-21")
    site(provider)
    settings.MTM_STATE_DIR = provider.snapshot("2026-11-21")
    settings.MTM_LIVE_PATH = f"{provider.volume}/.snapshot/{{domain}}/{{user}}"

    found = told(nights.mounts(None))

    assert "MTM_STATE_DIR lies in the snapshots" in found
    assert "MTM_LIVE_PATH lies in the snapshots" in found


def test_missing_nights_are_named(provider, site):
    for day in ("2026-11-19", "2026-11-21"):
        provider.mailbox(ALICE).night(day)
    site(provider)

    found = list(nights.nights(None))

    assert told(found, State.WARNING).startswith(
        "no snapshot of 2026-11-15, 2026-11-16, 2026-11-17, 2026-11-18, 2026-11-20"
    )
    assert "2 nights, the newest of 2026-11-21 (nightly.2026-11-21_0000), taken 35 hours ago" in told(found, State.OK)


def test_snapshots_that_are_not_taken_any_more_are_told(provider, site):
    provider.mailbox(ALICE).night("2026-11-18")
    site(provider)

    assert "the newest, nightly.2026-11-18_0000, is 107 hours old" in told(nights.nights(None), State.WARNING)


def test_clock_that_is_behind_the_snapshots_is_a_problem(provider, site, monkeypatch):
    provider.mailbox(ALICE).night("2026-11-22")
    site(provider)
    monkeypatch.setattr(configured, "utc_now", lambda: NOW - timedelta(hours=11))

    assert "nightly.2026-11-22_0000 was taken in the future" in told(nights.mounts(None))


def test_no_night_at_all_is_a_problem(provider, site):
    site(provider)

    assert told(nights.nights(None)) == "there is none"


def test_mailbox_on_two_volumes_is_a_problem(tmp_path, settings, site):
    volumes = [Provider(tmp_path / name) for name in "ab"]
    for each in volumes:
        each.mailbox(ALICE).night("2026-11-21")
    site(volumes[0])
    settings.MTM_SNAPSHOT_PATH = [each.settings()["MTM_SNAPSHOT_PATH"] for each in volumes]

    assert told(nights.nights(ACCOUNT)) == "2026-11-21: 2 volumes hold this mailbox, so the night stays locked"


def test_mailbox_is_looked_at_on_each_night(provider, site):
    night = provider.mailbox(ALICE).night("2026-11-20")
    night.message("uno")
    provider.mailbox(ALICE).night("2026-11-21", empty=True)
    site(provider)

    found = list(nights.mailbox(ACCOUNT))

    assert told(found, State.OK).splitlines() == [
        "2026-11-20: 1 folders, 1 messages",
        "2026-11-21: 1 folders, 0 messages",
    ]
    assert "its INBOX has not the same GUID on all nights" in told(found, State.WARNING)


def test_folder_that_cannot_be_read_is_named(provider, site):
    night = provider.mailbox(ALICE).night("2026-11-21").folder("Clienti")
    for name in ("cur", "new", "tmp"):
        (night.path / ".Clienti" / name).rmdir()
    (night.path / ".Clienti/cur").write_text("no directory")
    site(provider)

    assert told(nights.mailbox(ACCOUNT)) == "2026-11-21: cannot be read: Clienti"


def test_mailbox_that_a_night_does_not_hold_is_told(provider, site):
    provider.mailbox(ALICE).night("2026-11-21")
    site(provider)

    assert "no mailbox of bob@example.com" in told(nights.mailbox(parse_address("bob@example.com")), State.WARNING)


def test_server_of_notices_is_tried_where_there_are_any(settings):
    none = told(notices.server(None), State.OK)
    settings.MTM_NOTICE_FROM, settings.MTM_SMTP_URL = "support@example.com", "smtp://127.0.0.1:1"

    assert none == "none are sent, by MTM_NOTICE_FROM"
    assert told(notices.server(None)).startswith("127.0.0.1:1 does not take them: ")
