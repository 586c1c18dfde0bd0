"""Searching all nights at once, as its reader sees it."""

import logging

import pytest

from tests.served import ALICE, CHARLIE

NIGHTS = ("2026-11-20", "2026-11-21", "2026-11-22")


@pytest.fixture
def found(alice, provider, indexed):
    """Give a function that searches three nights: a message goes after the first two, another stays."""
    mailbox = provider.mailbox(ALICE)
    first = mailbox.night(NIGHTS[0])
    lost = first.message("Perché no?", sender="Marta Bellini <marta@example.org>")
    first.folder("Fatture")
    first.message("Fattura 42", folder="Fatture", attachments=[("f.pdf", "application/pdf", b"x")])
    mailbox.night(NIGHTS[1])
    mailbox.night(NIGHTS[2]).delete(lost)
    indexed(provider)

    return lambda query: alice.get(f"/search/?{query}")


def subjects(page):
    return [each.row.subject for each in page.context["found"]]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("q=perche", ["Perché no?"]),
        ("q=MARTA+bell", ["Perché no?"]),
        ("q=fatt", ["Fattura 42"]),
        ("q=fatt+marta", []),
        ("from=marta", ["Perché no?"]),
        ("q=a&attachments=1", ["Fattura 42"]),
        ("first=2026-11-22", ["Fattura 42"]),
        ("q=perche&last=2026-11-20", ["Perché no?"]),
        ("q=%22%29+NOT+%22", []),
        ("q=NEAR%28a+b%29", []),
        ("q=" + "x" * 5000, []),
        ("first=nonsense&page=nonsense&folder=nonsense", []),
    ],
)
def test_search_finds_what_was_asked_for(found, query, shown):
    page = found(query)

    assert page.status_code == 200
    assert subjects(page) == shown


def test_search_can_be_kept_to_a_folder(found):
    folder = next(choice.id for choice in found("").context["folders"] if choice.name == "Fatture")

    assert subjects(found(f"folder={folder}")) == ["Fattura 42"]


def test_message_is_one_row_with_the_nights_that_hold_it(alice, found):
    (hit,) = found("q=perche").context["found"]

    assert hit.presence == "presente: ven 20, sab 21"
    assert hit.open_label == "Aprilo in sab 21 nov"
    assert hit.row.tag.words == "Sparito dal 22 nov"
    assert "Perché no?" in alice.get(hit.row.url).content.decode()


def test_what_stays_is_said_to_be_in_every_copy(found):
    (hit,) = found("q=42").context["found"]

    assert hit.presence == "presente in tutte le copie"


def test_nothing_found_explains_what_no_copy_holds(found):
    assert "tra due mezzanotti" in found("q=niente").content.decode()


def test_form_keeps_what_was_asked(found):
    page = found("q=%22%3E%3Cb%3E&from=marta&last=2026-11-21&attachments=1").content.decode()

    assert 'value="&quot;&gt;&lt;b&gt;"' in page
    assert 'value="marta"' in page
    assert '<option value="2026-11-21" selected>' in page
    assert "<b>" not in page


def test_htmx_gets_the_results_alone(alice, found):
    page = alice.get("/search/?q=perche", headers={"hx-request": "true", "hx-target": "search"}).content.decode()

    assert "<html" not in page
    assert "Perché no?" in page


def test_words_stay_out_of_the_logs(found, caplog):
    with caplog.at_level(logging.DEBUG):
        found("q=perche&from=marta")

    assert "perche" not in caplog.text
    assert "marta" not in caplog.text


def test_search_waits_for_the_index(alice, site, provider):
    provider.mailbox(ALICE).night(NIGHTS[0]).message("Perché no?")
    site(provider)

    page = alice.get("/search/?q=perche")

    assert page.context["is_waiting"]


def test_nobody_finds_another_s_mail(charlie, provider, found):
    provider.mailbox(CHARLIE)

    page = charlie.get("/search/?q=perche")

    assert page.status_code in (200, 404)
    assert "Perché no?" not in page.content.decode()
