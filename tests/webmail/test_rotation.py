"""Names that rotate while a page is open: the next click shows the right day or says it is gone."""

import pytest

from demo.provider import Provider
from snapshots import configured
from tests.served import ALICE, CHARLIE

DAYS = [f"2026-11-{number}" for number in range(15, 22)]


@pytest.fixture
def rotating(tmp_path):
    provider = Provider(tmp_path, "nightly.{n}")
    alice, charlie = provider.mailbox(ALICE), provider.mailbox(CHARLIE)
    for day in DAYS:
        alice.night(day).message(f"Alice {day}")
        charlie.night(day).message(f"Charlie {day}")
    return provider


@pytest.fixture
def after_midnight(reader, rotating, site, unchanged):
    """Open every day's page, then let midnight pass behind the site's back."""
    site(rotating)
    for day in DAYS:
        reader.get(f"/{day}/")
    rotating.rotate(keep=7)
    unchanged(rotating)


def subjects(response):
    return [row.subject for row in response.context["rows"]]


def expected(day):
    """What Alice's INBOX held that night, newest first."""
    return [f"Alice {each}" for each in reversed(DAYS) if each <= day]


@pytest.mark.parametrize("day", DAYS)
def test_next_click_shows_the_same_day_or_says_it_is_gone(reader, after_midnight, day):
    response = reader.get(f"/{day}/")

    assert response.status_code in (200, 410)
    assert response.status_code == 410 or subjects(response) == expected(day)


@pytest.mark.parametrize("day", DAYS[1:])
def test_every_night_that_is_left_is_found_under_its_new_name(reader, after_midnight, day):
    configured.forget()

    response = reader.get(f"/{day}/")

    assert subjects(response) == expected(day)


def test_night_that_rotated_out_is_not_another(reader, after_midnight):
    configured.forget()

    response = reader.get(f"/{DAYS[0]}/")

    assert response.status_code in (404, 410)


def test_message_of_a_page_that_is_open_never_becomes_another(reader, rotating, site, unchanged):
    site(rotating)
    row = reader.get(f"/{DAYS[3]}/").context["rows"][0]
    rotating.rotate(keep=7)
    unchanged(rotating)

    response = reader.get(f"/{DAYS[3]}/messages/{row.id}/message.eml")

    assert response.status_code in (200, 410)
    assert response.status_code == 410 or f"Subject: {row.subject}".encode() in response.getvalue()
