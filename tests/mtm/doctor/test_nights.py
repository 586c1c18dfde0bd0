"""The doctor and the snapshots: how they are mounted, which nights there are, whose mailbox is in them."""

from datetime import timedelta

import pytest

from demo.provider import Provider
from mtm.doctor import nights
from mtm.doctor.findings import State
from snapshots import configured
from snapshots.accounts import parse_address
from tests.mtm.doctor.words import told
from tests.served import ALICE, NOW

ACCOUNT = parse_address(ALICE)


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
