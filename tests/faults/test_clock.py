"""Clocks that are changed twice a year, and clocks that jump: each night keeps its day, no session its life."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from demo.provider import Provider
from snapshots import configured
from snapshots.accounts import parse_address
from tests.served import ALICE, ROME, sign_in

PATTERNS = ("nightly.%Y-%m-%d_0000", "nightly.{n}")
CHANGES = {"clocks go back": date(2026, 10, 25), "clocks go forward": date(2027, 3, 28)}
AROUND = timedelta(days=3)


@pytest.fixture(params=PATTERNS)
def mailbox(request, tmp_path):
    return Provider(tmp_path / "provider", request.param).mailbox(ALICE)


@pytest.fixture
def at(site, settings, monkeypatch, tmp_path):
    """Give a function that puts the site over a provider at a moment of Rome."""
    settings.MTM_STATE_DIR = tmp_path / "state"

    def put(provider, moment):
        site(provider)
        now = datetime.fromisoformat(moment).replace(tzinfo=ROME)
        monkeypatch.setattr(configured, "utc_now", lambda: now)
        configured.forget()

    return put


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_night_around_the_change_is_its_own_day(client, mailbox, at, change):
    nights = list(mailbox.nights(change - AROUND, change + AROUND))
    for number, night in enumerate(nights):
        mailbox.night(night.day).message(f"Di {night.day} {number}")
    at(mailbox.provider, f"{change + AROUND}T10:00")
    reader = sign_in(client)

    listed = {night.day: subjects(reader.get(f"/{night.day}/")) for night in nights}
    while not configured.archive().build_index(parse_address(ALICE)):
        pass

    assert listed == {night.day: [f"Di {night.day} {number}"] for number, night in enumerate(nights)}
    assert list(configured.archive().check_index(parse_address(ALICE))) == []
    assert {day: subjects(reader.get(f"/{day}/")) for day in listed} == listed
    assert [day.day for day in configured.archive().days() if day.nights] == list(listed)


def subjects(answer):
    return [row.subject for row in answer.context["rows"]]


@pytest.mark.django_db
def test_clock_set_back_over_midnight_offers_no_night_of_tomorrow_and_ends_the_session(
    client, mailbox, at, monkeypatch
):
    for day in ("2026-11-21", "2026-11-22"):
        mailbox.night(day).message(f"Di {day}")
    at(mailbox.provider, "2026-11-22T00:30")
    reader = sign_in(client)
    before = reader.get("/2026-11-22/").status_code

    at(mailbox.provider, "2026-11-21T22:30")
    tomorrow, yesterday = reader.get("/2026-11-22/"), reader.get("/2026-11-21/")
    earlier = timezone.now() - timedelta(hours=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: earlier)
    after = reader.get("/2026-11-21/")

    assert (before, tomorrow.status_code, yesterday.status_code) == (200, 404, 200)
    assert (after.status_code, after["Location"]) == (302, "/login/?next=/2026-11-21/")
