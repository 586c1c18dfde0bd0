"""What has gone since a night, as its owner sees it."""

import pytest

from tests.served import ALICE

FIRST, LAST = "2026-11-20", "2026-11-22"


@pytest.fixture
def mailbox(provider, indexed):
    """Three nights: one message goes, one is moved, one is put in the trash, one stays, a folder is removed."""
    mailbox = provider.mailbox(ALICE)
    first = mailbox.night(FIRST)
    lost, moved, trashed = (first.message(subject) for subject in ("Perso", "Spostato", "Cestinato"))
    first.message("Rimasto")
    first.folder("Cantieri")
    first.message("Giornale", folder="Cantieri")
    first.folder("Trash")
    mailbox.night("2026-11-21")
    last = mailbox.night(LAST)
    last.delete(lost)
    last.folder("Fatture")
    last.move(moved, "Fatture")
    last.move(trashed, "Trash")
    last.remove_folder("Cantieri")
    return indexed(provider)


def tabs(page):
    return [tab.label for tab in page.context["tabs"]]


def groups(page):
    return {group.name: [row.subject for row in group.rows] for group in page.context["groups"]}


def test_each_kind_is_counted_apart(alice, mailbox):
    page = alice.get(f"/{FIRST}/gone/")

    assert tabs(page) == ["2 spariti", "1 nel Cestino", "1 spostato", "0 eliminati da Cestino o Spam"]
    assert groups(page) == {"Ricevuti": ["Perso"], "Cantieri": ["Giornale"]}


@pytest.mark.parametrize(("kind", "shown"), [("moved", "Spostato"), ("trashed", "Cestinato")])
def test_each_kind_is_shown_alone(alice, mailbox, kind, shown):
    assert groups(alice.get(f"/{FIRST}/gone/?show={kind}")) == {"Ricevuti": [shown]}


def test_folder_that_disappeared_is_shown_as_one(alice, mailbox):
    vanished = [group.name for group in alice.get(f"/{FIRST}/gone/").context["groups"] if group.is_vanished]

    assert vanished == ["Cantieri"]


def test_page_says_what_it_compares_with_and_lets_one_choose(alice, mailbox):
    page = alice.get(f"/{FIRST}/gone/?against=2026-11-21")

    assert page.context["compared"] == "rispetto a sabato 21"
    assert page.context["summary"] == "Da venerdì 20 novembre non è sparito nulla."
    assert [choice.label for choice in page.context["choices"]] == ["sab 21 nov", "dom 22 nov"]


@pytest.mark.parametrize("query", ["?against=yesterday", "?show=everything", "?against=9999-12-31", "?against=now"])
def test_odd_question_gets_a_page(alice, mailbox, query):
    assert alice.get(f"/{FIRST}/gone/{query}").status_code == 200


def test_rail_and_band_count_what_is_gone(alice, mailbox):
    page = alice.get(f"/{FIRST}/")

    counted = {tab.number: tab.status for tab in page.context["days"] if tab.is_counted}
    assert counted == {"20": "2 spariti", "21": "2 spariti"}
    assert page.context["past"]["gone_sentence"] == "2 messaggi spariti da allora"
    assert page.context["past"]["compared"] == "rispetto a domenica 22"


def test_nothing_is_counted_while_nothing_is_known(alice, site, provider):
    provider.mailbox(ALICE).night(FIRST)
    site(provider)

    page = alice.get(f"/{FIRST}/")

    assert [tab.status for tab in page.context["days"] if tab.is_counted] == []
    assert page.context["past"]["gone_sentence"] == ""
    assert page.context["past"]["progress"]["percent"] == 0


def test_page_of_the_gone_waits_for_the_nights_to_be_known(alice, site, provider):
    provider.mailbox(ALICE).night(FIRST)
    site(provider)

    page = alice.get(f"/{FIRST}/gone/")

    assert page.status_code == 200
    assert page.context["is_waiting"]
    assert f'hx-get="/{FIRST}/gone/" hx-trigger="every 2s"' in page.content.decode()


def test_row_says_what_became_of_its_message(alice, mailbox):
    tags = {row.subject: row.tag and row.tag.words for row in alice.get(f"/{FIRST}/inbox/").context["rows"]}

    assert tags == {
        "Perso": "Sparito dal 22 nov",
        "Spostato": "Spostato in Fatture",
        "Cestinato": "Ora nel Cestino",
        "Rimasto": None,
    }


def test_only_what_is_gone_is_an_alarm(alice, mailbox):
    rows = alice.get(f"/{FIRST}/inbox/").context["rows"]

    assert [row.subject for row in rows if row.tag and row.tag.is_alarm] == ["Perso"]


def test_mail_collected_by_pop3_is_no_alarm(alice, provider, indexed):
    mailbox = provider.mailbox(ALICE)
    collected = None
    for night in mailbox.nights("2026-11-17", LAST):
        if collected:
            night.delete(collected)
        collected = night.message("Di ieri")
    indexed(provider)

    page = alice.get("/2026-11-20/gone/")

    assert page.context["is_pop3"]
    assert not page.context["is_alarm"]
    assert [tab.status for tab in page.context["days"] if tab.is_counted] == []


def test_message_selected_there_is_downloaded(alice, mailbox):
    page = alice.get(f"/{FIRST}/gone/")
    row = page.context["groups"][0].rows[0]

    response = alice.post(page.context["download_url"], {"message": row.id, "format": "eml"})

    assert b"Subject: Perso" in response.getvalue()


def test_about_a_night_is_told_on_its_page(alice, mailbox):
    about = dict(alice.get(f"/{LAST}/").context["past"]["about"])

    assert about["Messaggi"] == "3"
    assert about["Dalla notte prima"] == "0 arrivati, 2 andati via"
    assert about["Conservata fino a"] == "domenica 29 novembre"
