"""Every state a page can be in says what it is and what to do next, in both languages."""

import gzip

import pytest

from access import login
from snapshots.types import Folder
from tests.served import ALICE

FIRST, LAST, MISSING, EXPIRED = "2026-11-18", "2026-11-21", "2026-11-20", "2026-11-01"
CIPHER = b"Subject: Cifrato\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx"


@pytest.fixture
def mailbox(provider, indexed):
    """Two nights, with one missing between them: mail in every state, a folder that is empty, one that is gone."""
    mailbox = provider.mailbox(ALICE)
    first = mailbox.night(FIRST)
    first.folder("Vuota")
    first.message("Uno", folder="Cantieri")
    first.message("Cifrato", source=CIPHER)
    first.message("", text="")
    damaged = first.message("Rotto", compressed="gz", text="x" * 5000)
    first.file(damaged).write_bytes(gzip.compress(damaged.source, mtime=0)[:-40])
    mailbox.night(LAST).remove_folder("Cantieri")
    return indexed(provider)


def page(client, path, language):
    response = client.get(path, headers={"accept-language": language}, follow=True)
    return " ".join(response.content.decode().split())


PAGES = {
    "empty folder": (f"/{FIRST}/{Folder('Vuota').id}/", "era vuota", "was empty on"),
    "folder of other nights": (f"/{LAST}/{Folder('Cantieri').id}/", "non esisteva", "was not there"),
    "nothing gone": (f"/{LAST}/gone/", "non è sparito nulla", "Nothing has gone missing"),
    "no gone mail in a folder": (f"/{LAST}/?filter=gone", "non è sparito nulla", "Nothing has gone missing"),
    "missing day": (f"/{MISSING}/", "Le copie più vicine", "The nearest copies"),
    "expired day": (f"/{EXPIRED}/", "non c’è più", "is gone"),
    "no search result": ("/search/?q=zzz", "Nessun messaggio trovato", "No messages found"),
    "nowhere": (f"/{LAST}/nowhere/", "non c’è", "not there"),
    "no folders": (f"/{LAST}/folders/?words=zzz", "Nessuna cartella", "No folder"),
    "read only": (f"/{LAST}/", "Sola lettura", "Read only"),
    "no subject": (f"/{FIRST}/", "(nessun oggetto)", "(no subject)"),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["it", "en"])
def test_state_is_said_in_the_reader_s_language(alice, mailbox, name, language):
    path, italian, english = PAGES[name]

    shown = page(alice, path, language)

    assert (italian if language == "it" else english) in shown


@pytest.mark.parametrize(
    ("subject", "language", "words"),
    [
        ("Cifrato", "it", "Messaggio cifrato: scaricalo in EML"),
        ("Cifrato", "en", "Encrypted message: download it as EML"),
        ("Rotto", "it", "Questo messaggio è danneggiato nella copia"),
        ("Rotto", "en", "This message is damaged in the copy"),
    ],
)
def test_message_says_what_it_cannot_show(alice, mailbox, subject, language, words):
    rows = {row.subject: row.url for row in alice.get(f"/{FIRST}/").context["rows"]}

    assert words in page(alice, rows[subject], language)


@pytest.mark.parametrize(("language", "words"), [("it", "POP3"), ("en", "POP3")])
def test_empty_mailbox_says_what_may_be_the_reason(alice, provider, site, language, words):
    provider.mailbox(ALICE).night(LAST)
    site(provider)

    assert words in page(alice, f"/{LAST}/", language)


@pytest.mark.parametrize(
    ("error", "status", "italian", "english"),
    [
        (login.WrongPassword(), 422, "Email o password non corrette.", "Email or password not correct."),
        (login.LoginThrottled(15 * 60), 429, "Riprova tra 15 minuti.", "in 15 minutes."),
        (login.ServerUnreachable(), 503, "Le copie sono al sicuro", "Your copies are safe"),
    ],
    ids=["wrong", "throttled", "unreachable"],
)
@pytest.mark.parametrize("language", ["it", "en"])
def test_refused_login_says_why(client, db, monkeypatch, error, status, italian, english, language):
    def refuse(*args, **kwargs):
        raise error

    monkeypatch.setattr("webmail.views.login.log_in", refuse)
    form = {"email": ALICE, "password": "x"}

    response = client.post("/login/", form, headers={"accept-language": language})

    assert response.status_code == status
    assert (italian if language == "it" else english) in response.content.decode()


def test_session_that_ended_says_so_and_keeps_the_place(client, db):
    response = client.get(f"/{LAST}/", follow=True)

    assert "scaduta" in response.content.decode()
    assert f'name="next" value="/{LAST}/"' in response.content.decode()


def test_page_says_how_long_its_session_lasts_and_staying_answers_nothing(alice, mailbox):
    shown = page(alice, f"/{LAST}/", "it")

    answer = alice.get("/stay/")

    assert 'data-seconds="1800"' in shown
    assert (answer.status_code, answer.content) == (204, b"")
