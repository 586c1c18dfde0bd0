"""Remote pictures: counted, blocked, and let through for one message of one reader, on record."""

import time
from datetime import timedelta

import pytest
from django.db import DatabaseError

from access.models import Action, AuditRecord
from tests.served import ALICE
from tests.webmail.test_answers import DOCUMENT

DAY = "2026-11-21"
HTML = (
    '<img src="http://one.example/a.png"><IMG  alt=x SRC=https://two.example/b.png><img src="cid:x"><p>src=http://</p>'
)
RELEASED = DOCUMENT.replace("img-src data:", "img-src data: https:")


@pytest.fixture
def row(alice, site, provider):
    night = provider.mailbox(ALICE).night(DAY)
    night.message("Altro", html=HTML)
    night.message("Novità", html=HTML)
    site(provider)
    return alice.get(f"/{DAY}/").context["rows"][0]


@pytest.fixture
def shown(alice, row):
    """The page on which the pictures were let through."""
    return alice.post(f"{row.url}images/")


def message_of(response):
    return response.context["message"]


def test_pictures_from_elsewhere_are_counted_and_blocked(alice, row):
    message = message_of(alice.get(row.url))

    assert message["images_sentence"].startswith("2 ")
    assert alice.get(message["frame_url"])["Content-Security-Policy"] == DOCUMENT


def test_frame_loads_pictures_after_the_reader_said_so(alice, shown):
    response = alice.get(message_of(shown)["frame_url"])

    assert response["Content-Security-Policy"] == RELEASED
    assert 'src="https://two.example/b.png"' in response.content.decode()


def test_picture_behind_plain_http_is_asked_for_over_https(alice, shown):
    assert 'src="https://one.example/a.png"' in alice.get(message_of(shown)["frame_url"]).content.decode()


def test_leave_is_not_remembered(alice, row, shown):
    frame = alice.get(message_of(alice.get(row.url))["frame_url"])

    assert frame["Content-Security-Policy"] == DOCUMENT


def test_leave_is_on_record_before_a_picture_loads(shown):
    record = AuditRecord.objects.get(action=Action.SHOW_IMAGES)

    assert (record.actor, record.count) == (ALICE, 1)


def test_what_cannot_be_written_down_is_not_shown(alice, row, monkeypatch):
    def fail(*args, **options):
        raise DatabaseError

    monkeypatch.setattr(AuditRecord, "save", fail)

    response = alice.post(f"{row.url}images/")

    assert response.status_code == 503
    assert "images=" not in response.content.decode()


def test_reading_does_not_let_pictures_through(alice, row):
    assert alice.get(f"{row.url}images/").status_code == 405


def test_leave_for_one_message_is_none_for_another(alice, shown, row):
    frame = message_of(shown)["frame_url"]
    other = alice.get(f"/{DAY}/").context["rows"][1].id

    response = alice.get(frame.replace(row.id, other))

    assert response.status_code == 200
    assert response["Content-Security-Policy"] == DOCUMENT


def test_leave_of_one_reader_is_none_for_another(alice, shown, charlie, provider):
    frame = message_of(shown)["frame_url"]
    charlie_sees = charlie.get(frame)

    assert charlie_sees["Content-Security-Policy"] == DOCUMENT


def test_leave_ends_after_an_hour(alice, shown, monkeypatch):
    frame = message_of(shown)["frame_url"]
    moment = time.time() + timedelta(hours=1, seconds=1).total_seconds()
    monkeypatch.setattr(time, "time", lambda: moment)

    assert alice.get(frame)["Content-Security-Policy"] == DOCUMENT


@pytest.mark.parametrize("token", ["", "x", "x:y:z", "\N{SNOWMAN}", "a" * 5000])
def test_forged_leave_is_none(alice, row, token):
    frame = message_of(alice.get(row.url))["frame_url"]

    assert alice.get(frame, {"folder": "inbox", "images": token})["Content-Security-Policy"] == DOCUMENT


def test_html_too_much_to_be_shown_offers_no_pictures(alice, site, provider):
    provider.mailbox(ALICE).night(DAY).message("Troppo", html=HTML + "<div>" * 5000)
    site(provider)

    message = message_of(alice.get(alice.get(f"/{DAY}/").context["rows"][0].url))

    assert "images_sentence" not in message
