"""Every state of a day has a page of its own that says what happened and what to do."""

import re
import threading
from functools import partial

import pytest

from snapshots import configured
from snapshots.engines import volumes
from snapshots.engines.deadline import Guard
from snapshots.types import Folder, message_id
from tests.served import ALICE, CHARLIE, sign_in

SENTENCES = {
    "missing": ("La copia di quel giorno non c’è", "There is no copy of that day"),
    "absent": ("Questa casella non c’era ancora", "This mailbox was not there yet"),
    "expired": ("Quella copia non c’è più", "That copy is gone"),
    "locked": ("Questa notte è bloccata", "This night is locked"),
    "unavailable": ("Le copie non rispondono", "The copies do not answer"),
    "empty": ("Se scarichi la posta in POP3", "If you collect mail by POP3"),
}
LANGUAGES = [(0, "it"), (1, "en")]


@pytest.fixture
def mailbox(provider):
    mailbox = provider.mailbox(ALICE)
    for day in ("2026-11-17", "2026-11-18", "2026-11-20", "2026-11-21"):
        mailbox.night(day).message(f"Arrivato il {day}", folder="Clienti")
    return mailbox


@pytest.fixture
def hung_storage(monkeypatch):
    """Let every look at the snapshots' directory hang until the test ends; give the list of such looks."""
    asked, over = [], threading.Event()

    def hang(self, before):
        asked.append(before)
        over.wait(60)

    monkeypatch.setattr(configured, "Guard", partial(Guard, deadline_seconds=0.2))
    monkeypatch.setattr(volumes.Volume, "_read_nights", hang)
    yield asked
    over.set()


def assert_said(client, url, kind, status):
    for place, language in LANGUAGES:
        response = client.get(url, headers={"accept-language": language})
        assert response.status_code == status
        assert SENTENCES[kind][place] in response.content.decode()
        assert f'lang="{language}"' in response.content.decode()


def nearest(response):
    """Return the days an error's page offers instead, beside the rail."""
    content = response.content.decode()
    return [day for day in ("2026-11-17", "2026-11-18", "2026-11-20", "2026-11-21") if content.count(f"/{day}/") > 1]


def test_missing_night_says_there_is_no_copy(reader, site, provider, mailbox):
    site(provider)

    assert_said(reader, "/2026-11-19/", "missing", 404)


def test_missing_night_offers_the_nights_on_either_side(reader, site, provider, mailbox):
    site(provider)

    response = reader.get("/2026-11-19/")

    assert nearest(response) == ["2026-11-18", "2026-11-20"]


def test_night_that_is_lost_later_is_missing_at_once(reader, site, provider, mailbox):
    site(provider)
    reader.get("/2026-11-20/")
    provider.lose("2026-11-20")
    site(provider)

    assert_said(reader, "/2026-11-20/", "missing", 404)


def test_today_before_its_copy_is_not_ready(reader, site, provider, mailbox):
    site(provider)

    assert_said(reader, "/2026-11-22/", "missing", 404)


def test_mailbox_that_did_not_exist_is_not_an_empty_one(reader, site, provider, mailbox):
    provider.mailbox(CHARLIE).night("2026-11-16")
    site(provider)

    assert_said(reader, "/2026-11-16/", "absent", 404)
    assert nearest(reader.get("/2026-11-16/")) == ["2026-11-17"]


def test_empty_mailbox_explains_pop3(reader, site, provider):
    provider.mailbox(ALICE).night("2026-11-21")
    site(provider)

    assert_said(reader, "/2026-11-21/", "empty", 200)


def test_empty_folder_of_a_full_mailbox_does_not_speak_of_pop3(reader, site, provider, mailbox):
    site(provider)

    response = reader.get("/2026-11-21/")

    assert response.context["page"].total == 0
    assert "POP3" not in response.content.decode()


def test_expired_night_is_gone_and_offers_the_oldest(reader, site, provider, mailbox):
    provider.mailbox(ALICE).night("2026-11-13")
    site(provider)

    assert_said(reader, "/2026-11-13/", "expired", 410)
    assert nearest(reader.get("/2026-11-13/")) == ["2026-11-17"]


def test_night_that_is_not_proved_mine_is_locked(client, db, site, provider, mailbox):
    site(provider)
    stranger = sign_in(client, guids=frozenset({"the GUID of another INBOX"}))

    assert_said(stranger, "/2026-11-21/", "locked", 403)
    assert "Clienti" not in stranger.get("/2026-11-21/").content.decode()


def test_absent_storage_is_said_and_may_be_asked_again(reader, site, provider, mailbox, settings):
    site(provider)
    settings.MTM_SNAPSHOT_PATH = ["/nonexistent/{snapshot}/{domain}/{user}"]
    configured.forget()

    assert_said(reader, "/2026-11-21/", "unavailable", 503)
    assert reader.get("/2026-11-21/")["Retry-After"] == "30"


def test_hung_storage_is_said_while_it_still_hangs(reader, site, provider, mailbox, hung_storage):
    site(provider)

    assert_said(reader, "/2026-11-21/", "unavailable", 503)
    assert reader.get("/2026-11-21/")["Retry-After"] == "30"


def test_hung_storage_is_waited_for_once_a_request(reader, site, provider, mailbox, hung_storage):
    site(provider)

    reader.get("/2026-11-21/inbox/")

    assert len(hung_storage) == 1


def test_login_page_appears_while_the_storage_hangs(stranger, db, site, provider, mailbox, hung_storage):
    site(provider)

    assert stranger.get("/login/").status_code == 200
    assert stranger.get("/healthz").status_code == 200


def test_changing_day_keeps_the_folder(reader, site, provider, mailbox):
    site(provider)
    page = reader.get(f"/2026-11-21/{Folder('Clienti').id}/")

    moved = reader.get(re.findall(r'href="(/2026-11-18/[^"]*)"', page.content.decode())[0])

    assert moved.context["folder_name"] == "Clienti"
    assert [row.subject for row in moved.context["rows"]] == ["Arrivato il 2026-11-18", "Arrivato il 2026-11-17"]


def test_folder_that_was_not_there_yet_is_named_above_the_inbox(reader, site, provider, mailbox):
    mailbox.night("2026-11-21").folder("Nuova")
    site(provider)

    response = reader.get(f"/2026-11-20/{Folder('Nuova').id}/")

    assert response.context["folder"].id == "inbox"
    assert "Nuova" in response.context["notice"]


def test_message_that_was_not_there_names_the_night_that_has_it(reader, site, provider, mailbox):
    message = mailbox.night("2026-11-21").message("Nuovo")
    site(provider)
    link = f"inbox/{message_id(message.guid, 0)}/"

    response = reader.get(f"/2026-11-20/{link}")

    assert "Nuovo" not in response.content.decode()
    assert f'href="/2026-11-21/{link}"' in response.content.decode()


def test_message_that_lay_elsewhere_that_night_opens_there(reader, site, provider, mailbox):
    message = mailbox.night("2026-11-20").message("Spostato")
    mailbox.night("2026-11-21").message(source=message.source, name=message.guid, folder="Cestino")
    site(provider)

    response = reader.get(f"/2026-11-21/inbox/{message_id(message.guid, 0)}/")

    assert response["Location"] == f"/2026-11-21/trash/{message_id(message.guid, 0)}/"


def test_rail_tells_every_day_s_state(reader, site, provider, mailbox):
    site(provider)

    tabs = reader.get("/2026-11-21/", headers={"accept-language": "en"}).context["days"]

    assert [(tab.day.day, tab.status) for tab in tabs] == [
        (15, "Missing"), (16, "Missing"), (17, ""), (18, ""), (19, "Missing"), (20, ""), (21, "Latest copy"),
        (22, "Not ready yet"),
    ]  # fmt: skip
