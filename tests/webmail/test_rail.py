"""The rail's words and neighbours, in both languages."""

from datetime import date

import pytest
from django.utils import translation

from snapshots.calendar import Day, DayState
from webmail.rail import day_rail

TODAY = date(2026, 11, 22)
AVAILABLE, MISSING, PREPARING = DayState.AVAILABLE, DayState.MISSING, DayState.PREPARING


def days(*states, first=15):
    return [Day(date(2026, 11, first + at), state, (), expires_tonight=at == 0) for at, state in enumerate(states)]


@pytest.fixture(autouse=True)
def italian():
    with translation.override("it"):
        yield


@pytest.fixture
def week():
    """15 expires tonight, 16 is missing, 22 is not ready."""
    return days(AVAILABLE, MISSING, AVAILABLE, AVAILABLE, AVAILABLE, AVAILABLE, AVAILABLE, PREPARING)


def rail_of(week, chosen=None, tail=""):
    return day_rail(week, chosen, today=TODAY, tail=tail)


def test_every_day_says_its_state(week):
    assert [tab.status for tab in rail_of(week).tabs] == [
        "Scade stanotte", "Manca", "", "", "", "", "Ultima copia", "Non ancora pronta",
    ]  # fmt: skip


def test_day_is_named_by_weekday_number_and_month(week):
    tab = rail_of(week).tabs[4]

    assert (tab.weekday, tab.number, tab.month) == ("gio", "19", "novembre")


def test_today_is_called_so_and_yesterday_on_the_cards(week):
    tabs = rail_of(week).tabs

    assert tabs[-1].weekday == "oggi"
    assert [tab.label for tab in tabs[-3:]] == ["ven 20 nov", "ieri, sab 21 nov", "oggi, dom 22 nov"]


def test_only_a_day_with_a_copy_can_be_opened(week):
    assert [tab.is_available for tab in rail_of(week).tabs] == [True, False, True, True, True, True, True, False]


def test_links_keep_what_is_open(week):
    tabs = rail_of(week, tail="sent/AAAAAAAAAAAA/").tabs

    assert tabs[0].url == "/2026-11-15/sent/AAAAAAAAAAAA/"


@pytest.mark.parametrize(
    ("chosen", "before", "after"),
    [(15, None, 17), (16, 15, 17), (17, 15, 18), (21, 20, None), (22, 21, None)],
)
def test_neighbours_pass_over_days_without_a_copy(week, chosen, before, after):
    rail = rail_of(week, date(2026, 11, chosen))

    assert (rail.previous and rail.previous.day.day, rail.next and rail.next.day.day) == (before, after)


def test_neighbours_of_an_expired_day_are_the_oldest(week):
    rail = rail_of(week, date(2026, 11, 1))

    assert (rail.previous, rail.next and rail.next.day.day) == (None, 15)


def test_chosen_day_is_chosen_even_when_it_is_missing(week):
    assert [tab.day.day for tab in rail_of(week, date(2026, 11, 16)).tabs if tab.is_chosen] == [16]


def test_english_speaks_of_the_same_days(week):
    with translation.override("en"):
        tabs = rail_of(week).tabs

    assert (tabs[4].weekday, tabs[4].month, tabs[1].status) == ("Thu", "November", "Missing")
    assert tabs[6].submit == "Open the copy of Sat 21 Nov"
