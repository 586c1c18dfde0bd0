"""The band's progress while the copies are being prepared: its page asks by itself, and says little."""

import json

import pytest

from snapshots.errors import EngineUnavailable
from tests.served import ALICE
from webmail.views import progress

NIGHT = "2026-11-20"
SWAP = {"HX-Request": "true", "HX-Target": "copies-progress", "Poll": "1"}
COMPLETE = "Ora conteggi e ricerca sono completi."


def asked(browser, query):
    return browser.get(f"/progress/?{query}", headers=SWAP)


def said(response):
    return json.loads(response.headers.get("HX-Trigger-After-Settle", '{"mtm:say": ""}'))["mtm:say"]


@pytest.fixture
def come_to(site, provider, monkeypatch):
    """Give a function that sets how far the index is, or how asking it fails."""
    provider.mailbox(ALICE).night(NIGHT)
    site(provider)

    def set_to(percent):
        def answer(request):
            if isinstance(percent, Exception):
                raise percent
            return percent

        monkeypatch.setattr(progress, "percent_of", answer)

    return set_to


def test_page_asks_by_itself_while_nothing_is_known(alice, site, provider):
    provider.mailbox(ALICE).night(NIGHT)
    site(provider)

    page = alice.get(f"/{NIGHT}/").content.decode()
    response = asked(alice, "before=0")

    assert 'hx-get="/progress/?before=0" hx-trigger="every 10s"' in page
    assert 'hx-get="/progress/?before=0"' in response.content.decode()
    assert said(response) == ""


def test_page_asks_no_more_once_the_index_is_complete(alice, provider, indexed):
    provider.mailbox(ALICE).night(NIGHT)
    indexed(provider)

    page = alice.get(f"/{NIGHT}/").content.decode()
    response = asked(alice, "before=90")

    assert "copies-progress" not in page
    assert "hx-get" not in response.content.decode()
    assert said(response) == COMPLETE


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [(10, 49, ""), (49, 50, "Copie in preparazione: 50%."), (50, 80, ""), (80, 10, ""), (99, None, COMPLETE)],
)
def test_only_the_half_and_the_end_are_said(alice, come_to, before, now, words):
    come_to(now)

    assert said(asked(alice, f"before={before}")) == words


def test_silent_storage_is_said_once_and_loses_nothing(alice, come_to):
    come_to(EngineUnavailable("hung"))

    first = asked(alice, "before=62")
    again = asked(alice, "before=62&silent")

    assert (first.status_code, again.status_code) == (200, 200)
    assert 'value="62"' in again.content.decode()
    assert "non risponde" in said(first)
    assert said(again) == ""


@pytest.mark.parametrize("before", ["", "-1", "1e9", "٣", "x" * 5000, "9" * 5000])
def test_nonsense_counts_as_nothing(alice, come_to, before):
    come_to(20)

    assert 'value="20"' in asked(alice, f"before={before}").content.decode()


def test_who_follows_the_address_comes_to_the_mailbox(alice, come_to):
    come_to(20)

    assert alice.get("/progress/")["Location"] == "/"
