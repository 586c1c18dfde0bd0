"""What is open when the day changes stays open where it exists; where not, the page says so and where it is."""

import pytest

from snapshots.types import Folder, message_id
from tests.served import ALICE, CHARLIE

FIRST, MIDDLE, LAST = "2026-11-18", "2026-11-20", "2026-11-22"
SITE = Folder("Cantieri").id


@pytest.fixture
def mailbox(provider):
    """A folder of the first night alone; a message of all nights but the last."""
    mailbox = provider.mailbox(ALICE)
    first = mailbox.night(FIRST)
    first.message("Sopralluogo", folder="Cantieri")
    first.message("Contratto")
    mailbox.night(MIDDLE).remove_folder("Cantieri")
    mailbox.night(LAST)
    return mailbox


@pytest.fixture
def contract(mailbox):
    return mailbox.night(FIRST).folders["INBOX"].placements[0].message


@pytest.fixture
def contract_id(contract, mailbox):
    mailbox.night(LAST).delete(contract)
    return message_id(contract.guid, 0)


def test_message_stays_open_where_the_night_holds_it(alice, site, provider, contract_id):
    site(provider)

    response = alice.get(f"/{MIDDLE}/inbox/{contract_id}/")

    assert response.context["message"]["subject"] == "Contratto"
    assert f'href="/{FIRST}/inbox/{contract_id}/"' in response.content.decode()


def test_message_that_is_gone_names_the_nearest_night(alice, site, provider, contract_id):
    site(provider)

    response = alice.get(f"/{LAST}/inbox/{contract_id}/")

    assert response.status_code == 200
    assert "Questo messaggio domenica 22 novembre non c’era." in response.content.decode()
    assert response.context["elsewhere"]["url"] == f"/{MIDDLE}/inbox/{contract_id}/"


def test_message_that_is_gone_is_said_to_htmx(alice, site, provider, contract_id):
    site(provider)

    response = alice.get(f"/{LAST}/inbox/{contract_id}/", headers={"HX-Request": "true", "HX-Target": "view"})

    assert "non c\\u2019era" in response["HX-Trigger-After-Settle"]
    assert "reader--empty" in response.content.decode()


def test_folder_that_is_gone_gives_way_to_the_inbox_and_is_named(alice, site, provider, mailbox):
    site(provider)

    response = alice.get(f"/{LAST}/{SITE}/")

    assert response.context["folder"].id == "inbox"
    assert "La cartella «Cantieri» domenica 22 novembre non esisteva." in response.content.decode()


def test_folder_that_is_gone_is_said_to_htmx(alice, site, provider, mailbox):
    site(provider)

    response = alice.get(f"/{LAST}/{SITE}/", headers={"HX-Request": "true", "HX-Target": "view"})

    assert "Cantieri" in response["HX-Trigger-After-Settle"]


@pytest.mark.parametrize("place", ["f-AAAAAAAAAAAA/", "inbox/AAAAAAAAAAAA/", "f-AAAAAAAAAAAA/AAAAAAAAAAAA/"])
def test_what_no_night_holds_is_not_there(alice, site, provider, mailbox, place):
    site(provider)

    assert alice.get(f"/{LAST}/{place}").status_code == 404


def test_another_s_nights_are_not_looked_through(alice, site, provider, mailbox):
    other = provider.mailbox(CHARLIE).night(FIRST).message("Segreto", folder="Segreti")
    site(provider)

    answers = [
        alice.get(f"/{LAST}/{Folder('Segreti').id}/"),
        alice.get(f"/{LAST}/inbox/{message_id(other.guid, 0)}/"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
