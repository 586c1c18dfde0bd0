from datetime import date
from email import message_from_bytes
from email.policy import default

import pytest

from demo.provider import midnight
from demo.story import OWNER, POP3_OWNER, build, story

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def provider(tmp_path_factory):
    return build(tmp_path_factory.mktemp("story"), TODAY)


def night(provider, day, address=OWNER):
    return provider.mailboxes[address].by_day[date(2026, 11, day)]


def subjects(provider, day, folder):
    messages = (placement.message for placement in night(provider, day).folders[folder].placements)
    return [str(message_from_bytes(message.source, policy=default)["Subject"]) for message in messages]


def test_story_has_eight_nights_but_one(provider):
    assert [day.day for day in sorted(provider.names)] == [15, 17, 18, 19, 20, 21, 22]


def test_inbox_needs_five_pages(provider):
    assert len(night(provider, 19).folders["INBOX"].placements) == 214


def test_contract_is_deleted_then_gone(provider):
    subject = "Contratto firmato, lotto 3"

    held = [[folder for folder in ("INBOX", "Cestino") if subject in subjects(provider, day, folder)]
            for day in (17, 18, 19, 20, 21, 22)]  # fmt: skip

    assert held == [[], ["INBOX"], ["INBOX"], ["Cestino"], [], []]


def test_quote_moves_to_another_folder(provider):
    subject = "Preventivo infissi, revisione 2"

    assert subject in subjects(provider, 19, "INBOX")
    assert subject in subjects(provider, 20, "Fatture")


def test_folder_of_the_site_is_removed(provider):
    assert len(night(provider, 20).folders["Cantieri/Lotto 3"].placements) == 34
    assert "Cantieri/Lotto 3" not in night(provider, 21).folders


def test_pop3_mailbox_is_empty_every_night(provider):
    assert [night(provider, day, POP3_OWNER).folders["INBOX"].placements for day in (15, 17, 22)] == [[], [], []]


def test_mail_arrives_before_the_night_that_holds_it(provider):
    late = [
        placement.base
        for night in provider.mailboxes[OWNER].by_day.values()
        for folder in night.folders.values()
        for placement in folder.placements
        if placement.message.received >= midnight(night.day)
    ]

    assert late == []


@pytest.mark.parametrize("told", story(), ids=lambda told: told.id)
def test_every_told_message_arrives_some_night(provider, told):
    assert -7 <= told.arrives <= 0
