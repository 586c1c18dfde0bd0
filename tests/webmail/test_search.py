"""Searching all nights at once, as its reader sees it."""

import logging

import pytest
from django.http import QueryDict

from access.models import AuditRecord
from snapshots import configured
from snapshots.accounts import parse_address
from tests.served import ALICE, CHARLIE

NIGHTS = ("2026-11-20", "2026-11-21", "2026-11-22")


@pytest.fixture
def found(alice, provider, indexed):
    """Give a function that searches three nights: a message goes after the first two, another stays."""
    mailbox = provider.mailbox(ALICE)
    first = mailbox.night(NIGHTS[0])
    lost = first.message("Perché no?", sender="Marta Bellini <marta@example.org>", text="La regina di cuori")
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

    assert 'hx-get="/search/?q=perche" hx-trigger="every 2s"' in page.content.decode()
    assert "Nessun messaggio trovato" not in page.content.decode()


def test_search_begun_before_all_is_read_goes_on_by_itself(alice, site, provider, settings, tmp_path):
    provider.mailbox(ALICE).night(NIGHTS[0]).message("Perché no?")
    settings.MTM_STATE_DIR = tmp_path / "state"
    site(provider)
    owner = parse_address(ALICE)
    configured.archive().build_index(owner, budget_seconds=-1)

    begun = alice.get("/search/?q=perche")
    while not configured.archive().build_index(owner):
        pass
    asked_again = {"HX-Request": "true", "HX-Target": "search", "HX-Trigger": "search"}
    ended = alice.get("/search/?q=perche", headers=asked_again)

    assert "letti 0 messaggi su 1" in begun.content.decode()
    assert "Nessun messaggio trovato" not in begun.content.decode()
    assert 'hx-trigger="every 2s"' in begun.content.decode()
    assert subjects(ended) == ["Perché no?"]
    assert "hx-trigger" not in ended.content.decode()
    assert ended["HX-Trigger-After-Settle"] == '{"mtm:say": "1 messaggio trovato"}'


def test_nobody_finds_another_s_mail(charlie, provider, found):
    provider.mailbox(CHARLIE)

    page = charlie.get("/search/?q=perche")

    assert page.status_code in (200, 404)
    assert "Perché no?" not in page.content.decode()


@pytest.fixture
def asked_for_text(alice, found):
    """Give a function that presses the button of a search, the builder having come so far as is said."""

    def ask(query="", *, build=True):
        answer = alice.post("/search/text/", QueryDict(query).dict())
        while build and not configured.archive().build_index(parse_address(ALICE)):
            pass
        return answer

    return ask


def test_text_is_searched_once_it_was_asked_for(alice, found, asked_for_text):
    before = found("q=regina&text=1")
    answer = asked_for_text("q=regina&from=marta&last=2026-11-21")
    after = alice.get(answer.url)

    assert "Cerca anche nel testo dei messaggi" in before.content.decode()
    assert answer.url == "/search/?q=regina&from=marta&last=2026-11-21&text=1"
    assert subjects(before) == []
    assert subjects(after) == ["Perché no?"]
    assert "Cerca anche nel testo dei messaggi" not in after.content.decode()


def test_text_is_left_out_where_it_is_not_wanted(found, asked_for_text):
    asked_for_text()

    assert subjects(found("q=regina")) == []
    assert subjects(found("q=regina&text=1")) == ["Perché no?"]


def test_page_says_up_to_where_texts_were_read(found, asked_for_text):
    asked_for_text(build=False)

    assert "Nel testo: finora 0 messaggi su 2" in found("q=perche&text=1").content.decode()
    assert subjects(found("q=perche&text=1")) == ["Perché no?"]
    assert "Nel testo: finora" not in found("q=perche").content.decode()


def test_text_is_offered_by_no_page_that_may_not(alice, found, asked_for_text, settings):
    settings.MTM_TEXT_SEARCH = "off"
    configured.forget()

    asked_for_text()

    page = found("q=regina&text=1")
    assert subjects(page) == []
    assert "nel testo dei messaggi" not in page.content.decode()


def test_words_stay_out_of_the_logs_when_text_is_asked_for(asked_for_text, caplog):
    with caplog.at_level(logging.DEBUG):
        asked_for_text("q=regina&from=marta")

    assert "regina" not in caplog.text
    assert "marta" not in caplog.text
    assert not any("regina" in str(entry) for entry in AuditRecord.objects.values())


def test_text_is_asked_for_by_post_alone(alice, found):
    assert alice.get("/search/text/").status_code == 405
