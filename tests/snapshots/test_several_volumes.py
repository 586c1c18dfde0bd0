"""An account is found on the volume that holds it, on none silently, and on two not at all."""

import threading

import pytest

from demo.provider import Provider
from snapshots.accounts import parse_address
from snapshots.engines.deadline import Guard
from snapshots.engines.maildir import MaildirEngine
from snapshots.errors import EngineTimeout
from tests.served import ALICE, CHARLIE, volume_over

ACCOUNT = parse_address(ALICE)
ROTATING = "nightly.{n}"


def days(nights):
    return [night.day.day for night in nights]


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


def test_page_that_asks_several_times_asks_the_mounts_once(two, monkeypatch):
    engine = engine_over(*two)
    nights = engine.nights(ACCOUNT)
    monkeypatch.setattr(Guard, "call", None)

    assert engine.nights(ACCOUNT) == nights


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
        begun: list[bool] = []

        def call_all(self, works, *, within_seconds=None):
            return super().call_all([self.hang], within_seconds=within_seconds)

        def hang(self):
            self.begun.append(True)
            return over.wait(10)

    yield Hung("hung", deadline_seconds=0.05, hung_after_seconds=0.0)
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


def test_volume_that_hangs_is_not_asked_again_for_those_who_lie_on_another(two, hung):
    engine = engine_over(*two, guards=(hung, None))

    first, asked = engine.nights(parse_address(CHARLIE)), len(hung.begun)
    second = engine.nights(parse_address(CHARLIE))

    assert days(first) == days(second) == [20, 21]
    assert len(hung.begun) == asked
