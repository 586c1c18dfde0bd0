"""A right password opens one's own nights, never a predecessor's: through the site, against a real Dovecot."""

from datetime import date

import pytest
from django.test import Client

from demo.provider import Provider
from snapshots.types import Folder, message_id
from tests.crawl import visit
from tests.dovecot import PASSWORD
from tests.routes import closed_routes
from tests.served import ALICE, CHARLIE

DAY, NEXT_DAY = date(2026, 11, 20), date(2026, 11, 21)


@pytest.fixture
def live(dovecot, settings):
    settings.MTM_IMAP_URL = dovecot.url
    return dovecot


@pytest.fixture
def log_in(db):
    """Give a function that logs an address in and returns its browser."""

    def enter(address):
        client = Client(raise_request_exception=False)
        assert client.post("/login/", {"email": address, "password": PASSWORD}).status_code == 302
        return client

    return enter


@pytest.fixture
def fresh(live):
    """Give an address nobody used yet: Dovecot knows a user by name."""
    return f"anna{len(live.passwords)}@example.com"


def subjects(client, day):
    return [row.subject for row in client.get(f"/{day}/").context["rows"]]


def test_mailbox_that_is_the_same_opens_on_every_night(provider, site, live, log_in, fresh):
    mailbox = provider.mailbox(fresh)
    mailbox.night(DAY).message("Prima")
    live.add_user(fresh, copy_of=mailbox.night(NEXT_DAY).path)
    site(provider)

    client = log_in(fresh)

    assert subjects(client, DAY) == subjects(client, NEXT_DAY) == ["Prima"]


def test_predecessor_s_nights_stay_closed(provider, site, live, log_in, fresh):
    mailbox = provider.mailbox(fresh)
    mailbox.night(DAY).message("Del predecessore")
    mailbox.night(NEXT_DAY, empty=True).message("Del nuovo titolare")
    live.add_user(fresh, copy_of=mailbox.night(NEXT_DAY).path)
    site(provider)

    client = log_in(fresh)

    assert subjects(client, NEXT_DAY) == ["Del nuovo titolare"]
    assert client.get(f"/{DAY}/").status_code == 403
    assert client.get(f"/{DAY}/inbox/").status_code == 403
    assert b"predecessore" not in client.get(f"/{DAY}/").content


def test_predecessor_s_messages_stay_closed_by_every_url(provider, site, live, log_in, fresh):
    mailbox = provider.mailbox(fresh)
    secret = mailbox.night(DAY).message("Del predecessore")
    live.add_user(fresh, copy_of=mailbox.night(NEXT_DAY, empty=True).path)
    site(provider)
    values = {"day": DAY, "folder": "inbox", "message": message_id(secret.guid, 0), "number": "1", "name": "x"}

    client = log_in(fresh)

    form = {"message": message_id(secret.guid, 0), "format": "eml"}
    matrix = [route for route in closed_routes() if "day" in route.parameters]
    assert {visit(client, route.name, route.url(values), form).status for route in matrix} == {403}


def test_predecessor_s_folders_and_messages_are_not_told_of_from_a_later_night(provider, site, live, log_in, fresh):
    mailbox = provider.mailbox(fresh)
    secret = mailbox.night(DAY).message("Del predecessore", folder="Segreti")
    live.add_user(fresh, copy_of=mailbox.night(NEXT_DAY, empty=True).path)
    site(provider)
    places = [Folder("Segreti").id, f"inbox/{message_id(secret.guid, 0)}"]

    client = log_in(fresh)

    assert [client.get(f"/{NEXT_DAY}/{place}/").status_code for place in places] == [404, 404]


def test_repaired_uidlist_locks_nobody_out(provider, site, live, log_in, fresh):
    mailbox = provider.mailbox(fresh)
    mailbox.night(DAY).message("Prima della riparazione")
    mailbox.night(NEXT_DAY).repair(guid="0123456789abcdef0123456789abcdef")
    live.add_user(fresh, copy_of=mailbox.night(NEXT_DAY).path)
    site(provider)

    client = log_in(fresh)

    assert subjects(client, DAY) == subjects(client, NEXT_DAY) == ["Prima della riparazione"]


def test_mailbox_emptied_today_still_opens_its_own_nights(provider, site, live, log_in, fresh):
    mailbox = provider.mailbox(fresh)
    night = mailbox.night(DAY)
    message = night.message("Perso")
    emptied = mailbox.live().delete(message)
    live.add_user(fresh, copy_of=emptied.path)
    site(provider)

    client = log_in(fresh)

    assert subjects(client, DAY) == ["Perso"]


def test_alias_opens_its_account_and_no_mailbox_of_its_own_name(provider, site, live, log_in, settings, fresh):
    alias = fresh.replace("@", ".alias@")
    provider.mailbox(fresh).night(DAY).message("Del titolare")
    provider.mailbox(alias).night(DAY).message("Di chi aveva questo nome")
    live.add_user(fresh, copy_of=provider.mailbox(fresh).night(DAY).path)
    settings.MTM_ACCOUNT_LOOKUP = "tests.webmail.test_right_mailbox.without_alias"
    site(provider)

    client = log_in(alias)

    assert subjects(client, DAY) == ["Del titolare"]


def without_alias(typed):
    """A provider's look-up in which `x.alias@…` is another name of `x@…`."""
    return typed.replace(".alias@", "@"), {}


def test_alias_without_a_lookup_opens_nothing_of_a_mailbox_with_another_guid(provider, site, live, log_in, fresh):
    """The live server delivers the alias to another mailbox than the one that had this name that night."""
    provider.mailbox(fresh).night(DAY).message("Di chi aveva questo nome")
    provider.mailbox(CHARLIE).night(DAY).message("Del titolare")
    live.add_user(fresh, copy_of=provider.mailbox(CHARLIE).night(DAY).path)
    site(provider)

    client = log_in(fresh)

    assert client.get(f"/{DAY}/").status_code == 403


def test_mailbox_that_two_volumes_hold_is_locked(provider, site, live, log_in, settings, fresh, tmp_path):
    other = Provider(tmp_path / "other")
    other.mailbox(fresh).night(DAY).message("Altrove")
    provider.mailbox(fresh).night(DAY).message("Qui")
    live.add_user(fresh, copy_of=provider.mailbox(fresh).night(DAY).path)
    site(provider)
    settings.MTM_SNAPSHOT_PATH = [each.settings()["MTM_SNAPSHOT_PATH"] for each in (provider, other)]

    client = log_in(fresh)

    assert client.get(f"/{DAY}/").status_code == 403


def test_alice_is_not_charlie(provider, site, live, log_in):
    provider.mailbox(ALICE).night(DAY).message("Di Alice")
    provider.mailbox(CHARLIE).night(DAY).message("Di Charlie")
    live.add_user(ALICE, copy_of=provider.mailbox(ALICE).night(DAY).path)
    live.add_user(CHARLIE, copy_of=provider.mailbox(CHARLIE).night(DAY).path)
    site(provider)

    alice, charlie = log_in(ALICE), log_in(CHARLIE)

    assert (subjects(alice, DAY), subjects(charlie, DAY)) == (["Di Alice"], ["Di Charlie"])
