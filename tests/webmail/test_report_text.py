"""Invitations and delivery reports, as people read them."""

import time

import pytest

from webmail.report_text import report_text

INVITATION = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:Riunione\\, lotto 3
DTSTART:20261123T140000Z
DTEND;TZID=Europe/Rome:20261123T160000
LOCATION:Sala \\; primo
  piano
ORGANIZER;CN="Sala, Chiara":mailto:chiara@example.org
DESCRIPTION:Portare\\nle tavole
END:VEVENT
END:VCALENDAR
"""


def test_invitation_says_what_when_where_who(db):
    assert report_text("text/calendar", INVITATION).split("\n") == [
        "Invito",
        "Che cosa: Riunione, lotto 3",
        "Dal: lunedì 23 novembre 2026, 15:00",
        "Fino al: lunedì 23 novembre 2026, 16:00",
        "Dove: Sala ; primo piano",
        "Organizzato da: chiara@example.org",
        "",
        "Portare",
        "le tavole",
    ]


@pytest.mark.parametrize("value", ["20261340", "99999999T999999Z", "", "domani"])
def test_moment_that_is_none_stands_as_written(value):
    assert value in report_text("text/calendar", f"BEGIN:VEVENT\nSUMMARY:x\nDTSTART:{value}\n")


@pytest.mark.parametrize("text", ["", "nothing of a calendar", "BEGIN:VEVENT\nEND:VEVENT"])
def test_calendar_that_says_nothing_stands_as_it_is(text):
    assert report_text("text/calendar", text) == text


def test_delivery_report_stands_as_it_is():
    assert report_text("message/delivery-status", "Action: failed\n") == "Action: failed"


@pytest.mark.parametrize("piece", ["A;" * 10, 'A;x="', "BEGIN:VEVENT\n", "\n ", "A" * 31, 'A;"":'])
def test_hostile_calendar_takes_linear_time(piece):
    began = time.process_time()

    report_text("text/calendar", "BEGIN:VEVENT\n" + piece * 200_000)

    assert time.process_time() - began < 5
