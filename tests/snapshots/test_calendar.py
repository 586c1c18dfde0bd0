"""Snapshot names and days, in both directions and across midnight, time zones and rotations."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from snapshots.calendar import BadPattern, Calendar, DayState, NamePattern, offered_days
from snapshots.errors import EngineUnavailable
from snapshots.types import Night
from tests.served import ROME

NOW = datetime(2026, 11, 22, 9, 44, tzinfo=ROME)


def calendar(*patterns, zone=ROME, service_zone=ROME, rotates_at=time(0, 0), day_shift=0):
    parsed = tuple(NamePattern.parse(text) for text in patterns)
    return Calendar(parsed, zone, service_zone, rotates_at, day_shift)


def no_stamp(_name):
    return None


def rome(year, month, day, *clock):
    return datetime.combine(date(year, month, day), time(*clock), ROME)


@pytest.mark.parametrize(
    ("pattern", "name", "taken_at"),
    [
        pytest.param("daily.%Y-%m-%d_%H%M", "daily.2026-11-21_0010", rome(2026, 11, 21, 0, 10), id="ONTAP"),
        pytest.param("weekly.%Y-%m-%d_%H%M", "weekly.2026-11-15_0015", rome(2026, 11, 15, 0, 15), id="ONTAP weekly"),
        pytest.param("nightly.{n}", "nightly.0", rome(2026, 11, 22), id="7-mode newest"),
        pytest.param("nightly.{n}", "nightly.7", rome(2026, 11, 15), id="7-mode oldest"),
        pytest.param(
            "snapmirror.*.%Y-%m-%d_%H%M%S",
            "snapmirror.3f1e-11ee-9a00_2154843121.2026-11-21_001000",
            rome(2026, 11, 21, 0, 10),
            id="SnapMirror",
        ),
        pytest.param(
            "*_%m-%d-%Y_%H.%M.%S.*", "mail_RG_11-21-2026_00.10.05.12", rome(2026, 11, 21, 0, 10, 5), id="SnapCenter"
        ),
        pytest.param(
            "autosnap_%Y-%m-%d_%H:%M:%S_daily",
            "autosnap_2026-11-21_00:00:02_daily",
            rome(2026, 11, 21, 0, 0, 2),
            id="sanoid",
        ),
        pytest.param(
            "zfs-auto-snap_daily-%Y-%m-%d-%H%M",
            "zfs-auto-snap_daily-2026-11-21-0025",
            rome(2026, 11, 21, 0, 25),
            id="zfs-auto-snapshot",
        ),
        pytest.param("auto-%Y-%m-%d_%H-%M", "auto-2026-11-21_00-00", rome(2026, 11, 21), id="TrueNAS"),
        pytest.param("zrepl_%Y%m%d_%H%M%S_*", "zrepl_20261121_000000_000", rome(2026, 11, 21), id="zrepl"),
        pytest.param("mail.%Y%m%dT%H%M", "mail.20261121T0000", rome(2026, 11, 21), id="btrbk"),
        pytest.param("daily.{n}", "daily.1", rome(2026, 11, 21), id="rsnapshot"),
        pytest.param(
            "scheduled-%Y-%m-%d-%H_%M_%S*", "scheduled-2026-11-21-00_00_00_UTC", rome(2026, 11, 21), id="CephFS"
        ),
        pytest.param("%Y-%m-%d", "2026-11-21", rome(2026, 11, 21), id="mounts of one's own"),
        pytest.param(
            "@GMT-%Y.%m.%d-%H.%M.%S", "@GMT-2026.11.21-00.00.01", rome(2026, 11, 21, 0, 0, 1), id="shadow copies"
        ),
    ],
)
def test_names_of_every_known_system_are_dated(pattern, name, taken_at):
    assert calendar(pattern).taken_at(name, NOW, no_stamp) == taken_at


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("daily.%Y-%m-%d_%H%M", "hourly.2026-11-21_1105"),
        ("daily.%Y-%m-%d_%H%M", "daily.2026-02-31_0010"),
        ("daily.%Y-%m-%d_%H%M", "daily.2026-11-21_2460"),
        ("daily.%Y-%m-%d_%H%M", "daily.2026-11-21_0010.old"),
        ("daily.%Y-%m-%d_%H%M", "daily.2026-11-21_0010\n"),
        ("daily.%Y-%m-%d_%H%M", "daily.٢٠٢٦-11-21_0010"),
        ("daily.%Y-%m-%d", "dailyX2026-11-21"),
        ("nightly.{n}", "nightly.0.bak"),
        ("nightly.{n}", "../nightly.0"),
        ("nightly.{n}", "nightly.-1"),
        ("nightly.{n}", "nightly.٣"),
        ("nightly.{n}", "nightly.12345"),
    ],
)
def test_other_names_are_not_ours(pattern, name):
    assert calendar(pattern).nights([name], NOW, no_stamp) == []


@pytest.mark.parametrize("pattern", ["nightly", "%Y-%m", "", "%H%M", "*", "%Y-%m-%d-%Y", "{n}{n}"])
def test_pattern_that_tells_no_day_is_refused_in_words(pattern):
    with pytest.raises(BadPattern, match="needs|only once"):
        NamePattern.parse(pattern)


def test_first_pattern_that_knows_a_name_dates_it():
    both = calendar("daily.%Y-%m-%d_%H%M", "weekly.%Y-%m-%d_%H%M")

    nights = both.nights(["weekly.2026-11-22_0015", "daily.2026-11-21_0010", "other"], NOW, no_stamp)

    assert [(night.day.isoformat(), night.name) for night in nights] == [
        ("2026-11-21", "daily.2026-11-21_0010"),
        ("2026-11-22", "weekly.2026-11-22_0015"),
    ]


def test_night_is_an_aware_utc_moment_and_knows_its_volume():
    [night] = calendar("%Y-%m-%d").nights(["2026-11-21"], NOW, no_stamp, volume=3)

    assert night == Night(date(2026, 11, 21), datetime(2026, 11, 20, 23, tzinfo=UTC), "2026-11-21", volume=3)
    assert night.taken_at.tzinfo is UTC


def test_name_in_utc_belongs_to_the_services_own_day():
    in_utc = calendar("%Y-%m-%d_%H%M", zone=UTC)

    [night] = in_utc.nights(["2026-11-20_2300"], NOW, no_stamp)

    assert night.day == date(2026, 11, 21)


def test_midnight_in_utc_is_one_in_the_morning_of_the_same_day():
    [night] = calendar("%Y-%m-%d_%H%M", zone=UTC).nights(["2026-11-21_0000"], NOW, no_stamp)

    assert night.day == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("name", "utc_hour", "day"),
    [
        pytest.param("2026-03-29_0000", 23, date(2026, 3, 29), id="before the clocks go forward"),
        pytest.param("2026-03-30_0000", 22, date(2026, 3, 30), id="after"),
        pytest.param("2026-10-25_0000", 22, date(2026, 10, 25), id="before they go back"),
        pytest.param("2026-10-26_0000", 23, date(2026, 10, 26), id="after that"),
        pytest.param("2026-10-25_0230", 0, date(2026, 10, 25), id="an hour that comes twice"),
        pytest.param("2026-03-29_0230", 1, date(2026, 3, 29), id="an hour that never came"),
    ],
)
def test_summer_time_moves_no_night_to_another_day(name, utc_hour, day):
    [night] = calendar("%Y-%m-%d_%H%M").nights([name], NOW, no_stamp)

    assert (night.taken_at.hour, night.day) == (utc_hour, day)


def test_rotating_nights_stay_a_day_apart_across_summer_time():
    names = [f"nightly.{index}" for index in range(4)]

    nights = calendar("nightly.{n}").nights(names, rome(2026, 10, 27, 12), no_stamp)

    assert [night.day.day for night in nights] == [24, 25, 26, 27]
    assert {night.taken_at.astimezone(ROME).hour for night in nights} == {0}


def test_of_several_in_a_day_the_first_after_midnight_is_that_night():
    names = ["2026-11-21_0600", "2026-11-21_0010", "2026-11-21_2355"]

    nights = calendar("%Y-%m-%d_%H%M").nights(names, NOW, no_stamp)

    assert [night.name for night in nights] == ["2026-11-21_0010"]


def test_day_shift_gives_a_snapshot_of_the_evening_to_the_day_that_follows():
    evening = calendar("%Y-%m-%d_%H%M", day_shift=1)

    nights = evening.nights(["2026-11-20_1200", "2026-11-20_2355"], NOW, no_stamp)

    assert [(night.name, night.day.isoformat()) for night in nights] == [("2026-11-20_2355", "2026-11-21")]


def test_stamp_dates_a_rotating_name_before_its_index_does():
    stamps = {"nightly.0": rome(2026, 11, 20)}

    nights = calendar("nightly.{n}").nights(["nightly.0", "nightly.1"], NOW, stamps.get)

    assert [(night.name, night.day.day) for night in nights] == [("nightly.0", 20), ("nightly.1", 21)]


def test_dated_name_asks_for_no_stamp():
    [night] = calendar("%Y-%m-%d").nights(["2026-11-21"], NOW, lambda _: rome(2026, 11, 1))

    assert night.day == date(2026, 11, 21)


def test_rotation_at_another_hour_dates_by_that_hour():
    at_five = calendar("nightly.{n}", rotates_at=time(5, 0))

    assert at_five.taken_at("nightly.0", rome(2026, 11, 22, 4, 30), no_stamp) == rome(2026, 11, 21, 5)
    assert at_five.taken_at("nightly.0", rome(2026, 11, 22, 5, 30), no_stamp) == rome(2026, 11, 22, 5)


@pytest.mark.parametrize(
    ("rotates_at", "now"),
    [
        (time(0, 0), rome(2026, 11, 22, 0, 0)),
        (time(0, 0), rome(2026, 11, 22, 0, 9)),
        (time(0, 0), rome(2026, 11, 22, 23, 51)),
        (time(23, 55), rome(2026, 11, 22, 0, 3)),
        (time(23, 55), rome(2026, 11, 22, 23, 46)),
        (time(5, 0), rome(2026, 11, 22, 4, 55)),
    ],
)
def test_names_are_not_dated_by_index_while_they_rotate(rotates_at, now):
    with pytest.raises(EngineUnavailable, match="rotating"):
        calendar("nightly.{n}", rotates_at=rotates_at).nights(["nightly.0"], now, no_stamp)


def test_names_with_a_stamp_are_dated_even_while_they_rotate():
    [night] = calendar("nightly.{n}").nights(["nightly.0"], rome(2026, 11, 22), lambda _: rome(2026, 11, 21))

    assert night.day == date(2026, 11, 21)


def test_only_indexed_names_rotate():
    both = calendar("nightly.{n}", "%Y-%m-%d")

    assert [both.rotates(name) for name in ("nightly.0", "2026-11-21", "other")] == [True, False, False]


def test_today_begins_at_the_services_midnight():
    assert calendar("%Y-%m-%d").today(datetime(2026, 11, 21, 23, 30, tzinfo=UTC)) == date(2026, 11, 22)
    assert calendar("%Y-%m-%d", service_zone=ZoneInfo("America/New_York")).today(NOW) == date(2026, 11, 22)


def on(day, volume=0):
    midnight = datetime.combine(day, time(), ROME)
    return Night(day, midnight.astimezone(UTC), day.isoformat(), volume)


def test_offered_days_end_today_and_say_how_each_is():
    today = date(2026, 11, 22)
    held = [on(today - timedelta(days=back)) for back in (1, 2, 4, 7, 8)]

    days = offered_days(held, today, 7)

    assert [(day.day.day, str(day.state), day.expires_tonight) for day in days] == [
        (15, "available", True),
        (16, "missing", False),
        (17, "missing", False),
        (18, "available", False),
        (19, "missing", False),
        (20, "available", False),
        (21, "available", False),
        (22, "preparing", False),
    ]


def test_oldest_day_without_a_night_does_not_expire():
    [oldest, *_] = offered_days([], date(2026, 11, 22), 7)

    assert (oldest.state, oldest.expires_tonight) == (DayState.MISSING, False)


def test_night_of_tomorrow_is_not_offered():
    days = offered_days([on(date(2026, 11, 23))], date(2026, 11, 22), 7)

    assert {day.state for day in days} == {DayState.MISSING, DayState.PREPARING}


def test_day_keeps_the_nights_of_both_volumes():
    twice = [on(date(2026, 11, 21)), on(date(2026, 11, 21), volume=1)]

    days = offered_days(twice, date(2026, 11, 22), 1)

    assert days[0].nights == tuple(twice)
