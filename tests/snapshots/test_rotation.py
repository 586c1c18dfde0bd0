"""A night opened is that very night: names that rotate while they are read never show the neighbour's mail."""

import os
from datetime import UTC, datetime

import pytest

from demo.provider import STAMP, Provider
from snapshots.accounts import parse_address
from snapshots.engines import beneath, volumes
from snapshots.engines.maildir import MaildirEngine
from snapshots.errors import EngineUnavailable, MailboxNotFound, SnapshotGone
from tests.served import ALICE, CHARLIE, volume_over

ACCOUNT = parse_address(ALICE)
ROTATING = "nightly.{n}"


@pytest.fixture
def rotating(tmp_path):
    """Three nights with rotating names, each with one message that names its day."""
    provider = Provider(tmp_path, ROTATING)
    for night in provider.mailbox(ALICE).nights("2026-11-20", "2026-11-22"):
        night.message(f"la notte del {night.day}")
    return provider


@pytest.fixture
def uncached(monkeypatch):
    monkeypatch.setattr(volumes, "NIGHTS_CACHE_SECONDS", 0)


def days(nights):
    return [night.day.day for night in nights]


def newest_subject(engine, night):
    """The newest message's subject of a night, so its day."""
    with engine.open(ACCOUNT, night) as reader:
        inbox = reader.folders()[0]
        [head] = reader.heads(inbox, reader.entries(inbox)[-1:])
        return head.data.partition(b"Subject: ")[2].splitlines()[0].decode()


def on_day(engine, day):
    return next(night for night in engine.nights(ACCOUNT) if night.day.day == day)


def test_rotating_nights_are_dated_by_their_stamps(rotating, unchanged):
    engine = MaildirEngine([volume_over(unchanged(rotating))])

    assert [newest_subject(engine, night) for night in engine.nights(ACCOUNT)] == [
        "la notte del 2026-11-20",
        "la notte del 2026-11-21",
        "la notte del 2026-11-22",
    ]


@pytest.mark.parametrize("stamp", [b"", b"yesterday\n", b"2026-11-19T00:00:00\n", b"\xff" * 200, None])
def test_stamp_that_tells_nothing_leaves_the_index(rotating, stamp):
    path = rotating.snapshot("2026-11-22") / STAMP
    path.unlink()
    if stamp is not None:
        path.write_bytes(stamp)

    assert days(volume_over(rotating).nights(ACCOUNT)) == [20, 21, 22]


def test_stamp_may_be_in_any_time_zone(rotating):
    (rotating.snapshot("2026-11-22") / STAMP).write_text("2026-11-21T18:00:00-05:00")

    assert volume_over(rotating).nights(ACCOUNT)[-1].taken_at == datetime(2026, 11, 21, 23, tzinfo=UTC)


@pytest.mark.parametrize("day", [20, 21, 22])
def test_rotation_after_a_night_was_opened_changes_nothing_of_it(rotating, day):
    engine = MaildirEngine([volume_over(rotating)])
    with engine.open(ACCOUNT, on_day(engine, day)) as reader:
        inbox = reader.folders()[0]
        before = [entry.guid for entry in reader.entries(inbox)]

        rotating.rotate()

        assert [entry.guid for entry in reader.entries(inbox)] == before


@pytest.mark.parametrize("day", [20, 21, 22])
def test_night_that_rotated_since_it_was_listed_is_gone_never_its_neighbour(rotating, day):
    engine = MaildirEngine([volume_over(rotating)])
    night = on_day(engine, day)

    rotating.rotate()

    with pytest.raises(SnapshotGone) as caught:
        engine.open(ACCOUNT, night)
    assert caught.value.day == night.day


def test_after_a_rotation_each_day_is_found_under_its_new_name(rotating, uncached):
    engine = MaildirEngine([volume_over(rotating)])
    before = on_day(engine, 21)

    rotating.rotate()

    after = on_day(engine, 21)
    assert (before.name, after.name) == ("nightly.1", "nightly.2")
    assert newest_subject(engine, after) == "la notte del 2026-11-21"


def test_rotation_in_the_midst_of_opening_shows_no_neighbour(rotating, monkeypatch):
    engine = MaildirEngine([volume_over(rotating)])
    night = on_day(engine, 21)
    original = beneath.open_directory
    rotations = [rotating.rotate]

    def rotate_then_open(parent, name, *, follow=False):
        if rotations and name == night.name:
            rotations.pop()()
        return original(parent, name, follow=follow)

    monkeypatch.setattr(volumes, "open_directory", rotate_then_open)

    with pytest.raises(SnapshotGone):
        engine.open(ACCOUNT, night)


def test_rotation_between_opening_and_reading_the_stamp_shows_the_right_night(rotating, monkeypatch):
    engine = MaildirEngine([volume_over(rotating)])
    night = on_day(engine, 21)
    original = beneath.read_file
    rotations = [rotating.rotate]

    def rotate_then_read(*arguments, **named):
        if rotations:
            rotations.pop()()
        return original(*arguments, **named)

    monkeypatch.setattr(volumes, "read_file", rotate_then_read)

    assert newest_subject(engine, night) == "la notte del 2026-11-21"


def without_stamps(provider):
    for path in (provider.volume / ".snapshot").glob(f"*/{STAMP}"):
        path.unlink()
    return provider


def test_night_listed_before_midnight_is_gone_after_it_without_a_stamp(rotating):
    moment = [datetime(2026, 11, 22, 22, 40, tzinfo=UTC)]
    volume = volume_over(without_stamps(rotating))
    volume._clock = lambda: moment[0]
    engine = MaildirEngine([volume])
    night = on_day(engine, 22)

    rotating.rotate()
    moment[0] = datetime(2026, 11, 22, 23, 20, tzinfo=UTC)

    with pytest.raises(SnapshotGone):
        engine.open(ACCOUNT, night)


def test_night_without_a_stamp_is_not_opened_while_names_rotate(rotating):
    moment = [datetime(2026, 11, 22, 22, 49, tzinfo=UTC)]
    volume = volume_over(without_stamps(rotating))
    volume._clock = lambda: moment[0]
    engine = MaildirEngine([volume])
    night = on_day(engine, 22)

    moment[0] = datetime(2026, 11, 22, 22, 51, tzinfo=UTC)

    with pytest.raises(EngineUnavailable, match="rotating"):
        engine.open(ACCOUNT, night)


def test_opening_leaks_no_descriptor(rotating):
    engine = MaildirEngine([volume_over(rotating)])
    night = on_day(engine, 21)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    engine.open(ACCOUNT, night).close()
    for address in (CHARLIE, "nobody@example.org"):
        with pytest.raises(MailboxNotFound):
            engine.open(parse_address(address), night)
    rotating.rotate()
    with pytest.raises(SnapshotGone):
        engine.open(ACCOUNT, night)

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
