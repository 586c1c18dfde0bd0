"""Logging in through the site, against a real Dovecot."""

import itertools
import logging
import re
from datetime import date

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client

from access.models import AuditRecord, LoginAttempt
from demo.provider import Provider
from snapshots import configured
from tests.crawl import visit
from tests.dovecot import PASSWORD, running
from tests.routes import closed_routes
from tests.served import ALICE

ITALIAN = "perché-no €uro"
OUTSIDE = [
    "//evil.example",
    "///evil.example",
    "https://evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "\\\\evil.example",
    "/\\evil.example",
    "data:text/html,x",
    " //evil.example",
    "\t//evil.example",
    "/\t/evil.example",
    "https:///evil.example",
    "ftp://testserver/",
    "http://testserver@evil.example/",
    "/%0d%0aX:y\r\nX-Evil: 1",
]
VALUES = {"day": date(2026, 11, 21), "folder": "inbox", "message": "AAAAAAAAAAAA", "number": "1", "name": "x",
          "reference": "R-2026-0001"}  # fmt: skip
# Dovecot delays whoever was wrong before, by address: each test comes from its own.
addresses = (f"203.0.113.{number}" for number in itertools.count(10))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    same = Provider(tmp_path_factory.mktemp("live")).mailbox(ALICE).night("2026-11-21")
    with running(trusted_networks="127.0.0.0/8") as server:
        server.add_user(ALICE, copy_of=same.path)
        server.add_user("bob@example.com", ITALIAN)
        yield server


@pytest.fixture
def served(provider, site, settings, server, db):
    mailbox = provider.mailbox(ALICE)
    mailbox.night("2026-11-20").message("Di ieri l'altro")
    mailbox.night("2026-11-21").message("Contratto")
    settings.MTM_IMAP_URL = server.url
    settings.MTM_TRUSTED_PROXIES = []
    return site(provider)


@pytest.fixture
def visitor():
    return new_visitor()


def new_visitor():
    return Client(raise_request_exception=False, REMOTE_ADDR=next(addresses), headers={"accept-language": "it"})


def log_in(client, email=ALICE, password=PASSWORD, **more):
    return client.post("/login/", {"email": email, "password": password, **more})


def test_right_password_opens_the_newest_night(served, visitor):
    response = log_in(visitor)

    assert response["Location"] == "/"
    assert visitor.get("/", follow=True).redirect_chain == [("/2026-11-21/", 302)]


@pytest.mark.parametrize("typed", ["Alice@Example.COM", "  alice@example.com "])
def test_address_may_be_typed_as_people_do(served, visitor, typed):
    assert log_in(visitor, typed).status_code == 302


def test_password_of_any_alphabet_opens(served, visitor):
    assert log_in(visitor, "bob@example.com", ITALIAN).status_code == 302


def test_wrong_unknown_and_malformed_are_the_same_answer(served):
    answers = [log_in(new_visitor(), email, "sbagliata") for email in (ALICE, "nobody@example.com", "nessuno@")]

    assert {answer.status_code for answer in answers} == {422}
    assert len({bare(answer) for answer in answers}) == 1
    assert "Email o password non corrette." in answers[0].content.decode()


def bare(answer):
    """Return the page without what is different each time: the token, and what was typed."""
    content = answer.content.decode()
    return re.sub(r'(name="(csrfmiddlewaretoken|email)"[^>]*value=")[^"]*', r"\1", content)


def test_wrong_password_opens_nothing(served, visitor):
    log_in(visitor, password="sbagliata")

    assert visitor.get("/2026-11-21/")["Location"].startswith("/login/")
    assert AuditRecord.objects.get().result == "refused"


def test_typed_address_stays_and_password_does_not(served, visitor):
    response = log_in(visitor, "nessuno@", "il mio segreto")

    assert 'value="nessuno@"' in response.content.decode()
    assert "il mio segreto" not in response.content.decode()


def test_chosen_day_opens(served, visitor):
    response = log_in(visitor, day="2026-11-20")

    assert response["Location"] == "/2026-11-20/"
    assert [row.subject for row in visitor.get("/2026-11-20/").context["rows"]] == ["Di ieri l'altro"]


def test_preferences_come_along_to_another_browser(served, visitor):
    log_in(visitor)
    visitor.post("/preferences/", {"language": "en", "theme": "dark", "density": "compact"})

    other = new_visitor()
    log_in(other)
    page = other.get("/preferences/").content.decode()
    assert '<html lang="en" data-theme="dark" data-density="compact">' in page


def test_what_a_browser_has_chosen_is_not_overruled_by_signing_in(served, visitor):
    log_in(visitor)
    visitor.post("/preferences/", {"language": "it", "theme": "dark"})

    other = new_visitor()
    other.post("/preferences/", {"language": "en"})
    log_in(other)
    assert '<html lang="en" data-theme="dark">' in other.get("/preferences/").content.decode()


@pytest.mark.parametrize("day", ["2026-02-31", "//evil.example", "", "\0", "9" * 5000, "2026-11-20T00:00"])
def test_day_that_is_none_opens_the_newest(served, visitor, day):
    assert log_in(visitor, day=day)["Location"] == "/"


def test_page_one_came_for_opens(served, visitor):
    asked_for = visitor.get("/2026-11-20/inbox/?page=1")["Location"]
    form = visitor.get(asked_for)

    response = log_in(visitor, next=form.context["next"])

    assert response["Location"] == "/2026-11-20/inbox/?page=1"


@pytest.mark.parametrize("place", OUTSIDE)
def test_nobody_is_led_out_of_the_site(served, visitor, place):
    response = log_in(visitor, next=place)

    assert response.status_code == 302
    assert re.fullmatch(r"/([^/\\\s].*)?", response["Location"])
    assert "X-Evil" not in response


@pytest.mark.parametrize("url", ["/preferences/", "/2026-11-21/folders/"])
def test_nobody_is_led_out_of_the_site_by_what_they_prefer(served, visitor, url):
    log_in(visitor)

    places = [visitor.post(url, {"next": place})["Location"] for place in OUTSIDE]

    assert [place for place in places if not re.fullmatch(r"/([^/\\\s].*)?", place)] == []


def test_unreachable_server_is_no_wrong_password_and_counts_for_nothing(served, visitor, settings):
    settings.MTM_IMAP_URL = "imap://127.0.0.1:1"
    configured.forget()

    response = log_in(visitor)

    assert response.status_code == 503
    assert "Non riusciamo a verificare la password" in response.content.decode()
    assert LoginAttempt.objects.count() == AuditRecord.objects.count() == 0


def test_sixth_attempt_in_a_row_is_told_to_wait(served, visitor):
    for _ in range(5):
        log_in(visitor, "nessuno@", "x")

    response = log_in(visitor, "nessuno@", "x")

    assert response.status_code == 429
    assert "Troppi tentativi" in response.content.decode()


def test_session_changes_its_id_at_login(served, visitor):
    visitor.cookies["session"] = "planted-by-somebody-else-00000000"

    log_in(visitor)

    assert visitor.cookies["session"].value != "planted-by-somebody-else-00000000"
    assert [row.session_key for row in Session.objects.all()] == [visitor.cookies["session"].value]


def test_old_session_is_dead_after_a_second_login(served, visitor):
    log_in(visitor)
    old = visitor.cookies["session"].value
    log_in(visitor)

    thief = Client()
    thief.cookies["session"] = old

    assert thief.get("/2026-11-21/").status_code == 302


def test_session_cookie_is_kept_from_scripts_and_other_sites(served, visitor):
    cookie = log_in(visitor).cookies["session"]

    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["domain"]
    assert not cookie["max-age"] and not cookie["expires"]


def test_logout_ends_the_session_and_clears_the_browser(served, visitor):
    log_in(visitor)
    old = visitor.cookies["session"].value

    response = visitor.post("/logout/")
    visitor.cookies["session"] = old
    answers = [visit(visitor, route.name, route.url(VALUES)) for route in closed_routes()]

    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert Session.objects.count() == 0
    assert {answer.status for answer in answers} == {302}


def test_what_was_done_is_on_record(served, visitor):
    log_in(visitor)
    row = visitor.get("/2026-11-21/").context["rows"][0]
    visitor.get(f"/2026-11-21/messages/{row.id}/message.eml").getvalue()
    visitor.post("/logout/")

    told = AuditRecord.objects.values_list("action", "result", "actor", "account")

    assert list(told) == [(action, "ok", ALICE, ALICE) for action in ("login", "download", "logout")]


def test_nothing_leaves_that_could_not_be_written_down(served, visitor, monkeypatch):
    log_in(visitor)
    row = visitor.get("/2026-11-21/").context["rows"][0]
    monkeypatch.setattr("access.audit.AuditRecord.save", database_is_full)

    response = visitor.get(f"/2026-11-21/messages/{row.id}/message.eml")

    assert response.status_code == 503
    assert b"Contratto" not in response.content


def database_is_full(*args, **options):
    raise OperationalError("database or disk is full")


def test_password_is_in_no_log_no_row_and_no_page(served, visitor, caplog):
    for name in ("", "access", "mtm", "django", "django.request", "axes", "imapclient", "snapshots", "webmail"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    secret = "Tr0ppo-segreta-per-un-log"

    refused = log_in(visitor, password=secret)
    accepted = log_in(new_visitor(), "bob@example.com", ITALIAN)

    kept = [str(vars(row)) for model in (AuditRecord, LoginAttempt) for row in model.objects.all()]
    kept += [str(row.get_decoded()) for row in Session.objects.all()] + [refused.content.decode(), caplog.text]
    assert accepted.status_code == 302
    assert [text for text in kept if secret in text or ITALIAN in text] == []


def test_log_names_routes_and_neither_paths_nor_mail(served, visitor, caplog):
    caplog.set_level(logging.INFO)
    log_in(visitor)
    row = visitor.get("/2026-11-21/").context["rows"][0]
    visitor.get(row.url + "?page=canarino")

    fields = [str(getattr(record, "fields", "")) for record in caplog.records]

    assert any("webmail:message" in text for text in fields)
    assert [
        text for text in [*fields, caplog.text] if row.id in text or "canarino" in text or "Contratto" in text
    ] == []
