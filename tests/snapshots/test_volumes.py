"""Which nights a volume has, and that a night opened is that very night, rotations and expiries notwithstanding."""

import errno
import os
import shutil
from datetime import date

import pytest

from snapshots.accounts import PathTemplate, parse_address
from snapshots.engines import volumes
from snapshots.engines.deadline import Guard
from snapshots.engines.maildir import MaildirEngine
from snapshots.engines.volumes import Volume
from snapshots.errors import EngineUnavailable, MailboxNotFound, SnapshotGone
from tests.served import ALICE, CHARLIE, NOW, calendar_of, volume_over

ACCOUNT = parse_address(ALICE)
ROTATING = "nightly.{n}"


@pytest.fixture
def uncached(monkeypatch):
    monkeypatch.setattr(volumes, "NIGHTS_CACHE_SECONDS", 0)


def volume_at(path, *, now=NOW, stamp="", guard=None, pattern="%Y-%m-%d", number=0):
    return Volume(
        PathTemplate.parse(str(path)),
        calendar_of(pattern),
        guard or Guard("test", deadline_seconds=10),
        number=number,
        stamp=stamp,
        clock=lambda: now,
    )


def days(nights):
    return [night.day.day for night in nights]


def test_shared_volume_knows_its_nights_before_a_login(provider, unchanged):
    provider.mailbox(ALICE).night("2026-11-20")
    provider.mailbox(CHARLIE).night("2026-11-21")
    volume = volume_over(unchanged(provider))

    assert volume.is_shared
    assert days(volume.nights(None)) == days(volume.nights(ACCOUNT)) == [20, 21]


def test_volume_of_a_directory_a_user_knows_nothing_before_a_login(tmp_path):
    (tmp_path / "alice" / ".snap" / "2026-11-21").mkdir(parents=True)
    volume = volume_at(tmp_path / "{user}/.snap/{snapshot}")

    assert not volume.is_shared
    assert MaildirEngine([volume]).nights(None) == []
    assert days(volume.nights(ACCOUNT)) == [21]


def test_account_without_a_directory_of_its_own_has_no_nights(tmp_path):
    assert volume_at(tmp_path / "{user}/.snap/{snapshot}").nights(ACCOUNT) == []


@pytest.mark.parametrize("template", ["{snapshot}/{user}", "{user}/.snap/{snapshot}"])
def test_mount_that_is_not_there_is_unavailable_not_empty(tmp_path, template):
    volume = volume_at(tmp_path / "absent" / template)

    with pytest.raises(EngineUnavailable, match="not there"):
        volume.nights(ACCOUNT)


def test_mount_that_went_away_is_unavailable_when_a_night_is_opened(provider, unchanged):
    provider.mailbox(ALICE).night("2026-11-21")
    engine = MaildirEngine([volume_over(provider)])
    [night] = engine.nights(ACCOUNT)

    shutil.rmtree(provider.volume)

    with pytest.raises(EngineUnavailable):
        engine.open(ACCOUNT, night)


def test_snapshots_directory_is_opened_by_name_and_never_searched_for(provider, monkeypatch):
    provider.mailbox(ALICE).night("2026-11-21")
    listed = []
    original = os.listdir

    def listdir(path):
        listed.append(original(path))
        return listed[-1]

    monkeypatch.setattr(os, "listdir", listdir)

    MaildirEngine([volume_over(provider)]).nights(ACCOUNT)

    assert listed == [["nightly.2026-11-21_0000"]]


def test_nights_are_read_anew_after_a_moment(provider, uncached):
    provider.mailbox(ALICE).night("2026-11-20")
    volume = volume_over(provider)
    before = days(volume.nights(ACCOUNT))

    provider.mailbox(ALICE).night("2026-11-21")

    assert (before, days(volume.nights(ACCOUNT))) == ([20], [20, 21])


def test_nights_are_read_once_in_a_moment(provider, monkeypatch):
    provider.mailbox(ALICE).night("2026-11-21")
    volume = volume_over(provider)
    volume.nights(ACCOUNT)
    monkeypatch.setattr(os, "listdir", None)

    assert days(volume.nights(ACCOUNT)) == [21]


def test_cache_of_nights_has_an_end(provider, monkeypatch):
    monkeypatch.setattr(volumes, "CACHE_ENTRIES", 2)
    volume = volume_at(provider.volume / "{user}/{snapshot}")

    for user in "abcdef":
        volume.nights(parse_address(f"{user}@example.com"))

    assert len(volume._nights._kept) == 2


def test_cache_is_shorter_than_a_rotation_may_take():
    assert volumes.NIGHTS_CACHE_SECONDS <= 5


def test_night_that_expired_since_it_was_listed_is_gone(provider):
    provider.mailbox(ALICE).night("2026-11-21")
    engine = MaildirEngine([volume_over(provider)])
    [night] = engine.nights(ACCOUNT)

    provider.lose("2026-11-21")

    with pytest.raises(SnapshotGone) as caught:
        engine.open(ACCOUNT, night)
    assert (caught.value.account, caught.value.day) == (ALICE, date(2026, 11, 21))


@pytest.mark.parametrize("number", [errno.ESTALE, errno.EIO, errno.EACCES, errno.ENOENT])
def test_snapshots_directory_that_cannot_be_read_is_unavailable(provider, monkeypatch, number):
    def fail(_path):
        raise OSError(number, "no")

    monkeypatch.setattr(os, "listdir", fail)

    with pytest.raises(EngineUnavailable):
        volume_over(provider).nights(ACCOUNT)


@pytest.mark.parametrize("name", [".snapshot", "nightly.2026-11-21_0000", "example.com", "alice", "Maildir"])
def test_stale_handle_on_the_way_to_a_mailbox_means_the_night_is_gone(provider, monkeypatch, name):
    provider.mailbox(ALICE).night("2026-11-21")
    volume = volume_at(
        provider.volume / ".snapshot/{snapshot}/{domain}/{user}/Maildir", pattern=provider.snapshot_pattern
    )
    [night] = volume.nights(ACCOUNT)
    original = os.open

    def stale(path, *arguments, **named):
        if os.path.basename(path) == name:  # noqa: PTH119
            raise OSError(errno.ESTALE, "stale")
        return original(path, *arguments, **named)

    monkeypatch.setattr(os, "open", stale)

    with pytest.raises(SnapshotGone if name != ".snapshot" else EngineUnavailable):
        volume.open_mailbox(ACCOUNT, night)


def test_mailbox_a_night_does_not_have_is_not_found(provider, unchanged):
    provider.mailbox(ALICE).night("2026-11-21")
    engine = MaildirEngine([volume_over(unchanged(provider))])

    with pytest.raises(MailboxNotFound):
        engine.open(parse_address(CHARLIE), engine.nights(ACCOUNT)[0])
