"""Which nights belong to the person who knows today's password."""

from datetime import date

import pytest

from access.evidence import proved_guids
from snapshots.errors import EngineUnavailable
from snapshots.types import Account
from tests.access.conftest import LiveServer, Nights

ALICE = Account("alice", "example.com")
MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 18)


def test_server_that_tells_no_guid_proves_nothing():
    assert proved_guids(LiveServer(guid=None), Nights({MONDAY: "old"}), ALICE) is None


def test_guid_that_is_withheld_proves_no_night_but_by_its_messages():
    live = LiveServer(guid="", messages=frozenset({"m1"}))
    nights = Nights({MONDAY: "own", TUESDAY: "old"}, {MONDAY: ["m1"], TUESDAY: ["m2"]})

    assert proved_guids(live, nights, ALICE) == frozenset({"own"})


def test_live_guid_is_proved():
    assert proved_guids(LiveServer(guid="live"), Nights({MONDAY: "live", TUESDAY: None}), ALICE) == frozenset({"live"})


def test_night_of_a_predecessor_stays_unproved():
    live = LiveServer(guid="live", messages=frozenset({"m9"}))
    nights = Nights({MONDAY: "old", TUESDAY: "live"}, {MONDAY: ["m1", "m2"]})

    assert proved_guids(live, nights, ALICE) == frozenset({"live"})


def test_repaired_index_with_the_same_messages_is_proved():
    live = LiveServer(guid="live", messages=frozenset({"m2"}))
    nights = Nights({MONDAY: "old", TUESDAY: "live"}, {MONDAY: ["m1", "m2"]})

    assert proved_guids(live, nights, ALICE) == frozenset({"live", "old"})


def test_each_guid_is_compared_on_its_newest_night():
    live = LiveServer(guid="live", messages=frozenset({"m3"}))
    nights = Nights({TUESDAY: "old", MONDAY: "old", WEDNESDAY: "live"}, {MONDAY: ["m1"], TUESDAY: ["m3"]})

    assert proved_guids(live, nights, ALICE) == frozenset({"live", "old"})


@pytest.mark.parametrize("unreadable", ["inbox_guids", "sample_guids"])
def test_night_that_cannot_be_read_proves_nothing(monkeypatch, unreadable):
    live = LiveServer(guid="live", messages=frozenset({"m1"}))
    nights = Nights({MONDAY: "old"}, {MONDAY: ["m1"]})
    monkeypatch.setattr(Nights, unreadable, lambda *args: (_ for _ in ()).throw(EngineUnavailable()))

    assert proved_guids(live, nights, ALICE) == frozenset({"live"})
