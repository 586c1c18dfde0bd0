"""Which nights a volume has, and that a night opened is that very night, rotations and expiries notwithstanding."""

import errno
import os
import shutil
import threading
from datetime import UTC, date, datetime

import pytest

from demo.provider import STAMP, Provider
from snapshots.accounts import PathTemplate, parse_address
from snapshots.engines import volumes
from snapshots.engines.deadline import Guard
from snapshots.engines.maildir import MaildirEngine
from snapshots.engines.volumes import Volume
from snapshots.errors import EngineTimeout, EngineUnavailable, MailboxNotFound, SnapshotGone
from tests.served import ALICE, CHARLIE, NOW, calendar_of, volume_over

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


def newest_subject(engine, night):
    """The newest message's subject of a night, so its day."""
    with engine.open(ACCOUNT, night) as reader:
        inbox = reader.folders()[0]
        [head] = reader.heads(inbox, reader.entries(inbox)[-1:])
        return head.data.partition(b"Subject: ")[2].splitlines()[0].decode()


def on_day(engine, day):
    return next(night for night in engine.nights(ACCOUNT) if night.day.day == day)


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
    monkeypatch.setattr(os, "listdir", lambda path: listed.append(original(path)) or listed[-1])

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

    assert len(volume._nights) == 2


def test_cache_is_shorter_than_a_rotation_may_take():
    assert volumes.NIGHTS_CACHE_SECONDS <= 5


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
    original = volumes.open_directory
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
    original = volumes.read_file
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


@pytest.fixture
def two(tmp_path, unchanged):
    """Two volumes: Alice lies on the first, Charlie on the second."""
    first, second = Provider(tmp_path / "1"), Provider(tmp_path / "2")
    for day in ("2026-11-20", "2026-11-21"):
        first.mailbox(ALICE).night(day)
        second.mailbox(CHARLIE).night(day)
    return first, second


def engine_over(*providers, guards=(None, None)):
    made = zip(providers, guards, strict=True)
    return MaildirEngine([volume_over(each, number=n, guard=guard) for n, (each, guard) in enumerate(made)])


@pytest.mark.parametrize(("address", "volume"), [(ALICE, 0), (CHARLIE, 1)])
def test_account_is_found_on_the_volume_that_holds_it(two, unchanged, address, volume):
    engine = engine_over(*map(unchanged, two))

    nights = engine.nights(parse_address(address))

    assert [(night.day.day, night.volume) for night in nights] == [(20, volume), (21, volume)]
    engine.open(parse_address(address), nights[0]).close()


def test_account_that_was_moved_is_found_where_it_was_on_each_night(two):
    first, second = two
    second.mailbox(ALICE).night("2026-11-22")

    nights = engine_over(*two).nights(ACCOUNT)

    assert [(night.day.day, night.volume) for night in nights] == [(20, 0), (21, 0), (22, 1)]


def test_account_on_two_volumes_has_two_nights_of_that_day(two):
    two[1].mailbox(ALICE).night("2026-11-21")

    nights = engine_over(*two).nights(ACCOUNT)

    assert [(night.day.day, night.volume) for night in nights] == [(20, 0), (21, 0), (21, 1)]


def test_account_on_no_volume_has_each_day_once(two):
    nights = engine_over(*two).nights(parse_address("nobody@example.com"))

    assert days(nights) == [20, 21]


def test_days_of_the_platform_are_told_once(two):
    assert days(engine_over(*two).nights(None)) == [20, 21]


@pytest.fixture
def hung():
    """A guard whose mount hangs."""
    over = threading.Event()

    class Hung(Guard):
        def call_all(self, works):
            return super().call_all([lambda: over.wait(10)])

    yield Hung("hung", deadline_seconds=0.05)
    over.set()


def test_volume_that_hangs_hides_nothing_of_the_other(two, hung):
    engine = engine_over(*two, guards=(None, hung))

    assert [(night.day.day, night.volume) for night in engine.nights(ACCOUNT)] == [(20, 0), (21, 0)]
    assert days(engine.nights(None)) == [20, 21]


def test_night_that_only_the_hung_volume_could_hold_is_not_told_to_hold_nothing(two, hung):
    two[0].mailbox("nobody@example.com").night("2026-11-22")
    engine = engine_over(*two, guards=(None, hung))

    assert days(engine.nights(ACCOUNT)) == [20, 21]


def test_account_that_may_lie_on_the_volume_that_hangs_is_not_told_it_does_not_exist(two, hung):
    engine = engine_over(*two, guards=(None, hung))

    with pytest.raises(EngineTimeout):
        engine.nights(parse_address(CHARLIE))


def test_no_volume_answering_is_an_error(two, hung):
    with pytest.raises(EngineTimeout):
        engine_over(*two, guards=(hung, hung)).nights(None)
