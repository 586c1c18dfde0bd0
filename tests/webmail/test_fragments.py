"""One URL is a page, and to htmx one fragment of it: exactly the element asked for, after its page's title."""

import json
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.urls import reverse

from tests.house_rules import ROOT, Roots, root_id
from tests.webmail.conftest import DAY, ids_of
from webmail.views.folders import FRAGMENTS

FRAGMENT_FILES = sorted((ROOT / "templates").rglob("_*.html"))
LIST_TARGETS = ["view", "mailbox", "message-list"]


class Ids(HTMLParser):
    """Collects the ids of all elements."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attributes if name == "id" and value]


@pytest.fixture
def ids(alice, two_mailboxes):
    return ids_of(alice)


@pytest.fixture
def places(ids):
    """The URLs of a folder and of a message, and of the folder manager."""
    return {
        "folder": reverse("webmail:folder", args=[DAY, ids.folder]),
        "message": reverse("webmail:message", args=[DAY, ids.folder, ids.message]),
        "folders": reverse("webmail:folders", args=[DAY]),
    }


def asked(client, url, target, **headers):
    return client.get(url, headers={"HX-Request": "true", "HX-Target": target, **headers})


def text(response) -> str:
    return str(response.content.decode())


def test_every_fragment_a_view_gives_is_a_file_named_like_its_element():
    named = {f"_{target.replace('-', '_')}.html" for target in [*FRAGMENTS, "folder-manager"]}

    assert {*FRAGMENTS} == {root_id(path) for path in map(ROOT.joinpath, FRAGMENTS.values())}
    assert named <= {path.name for path in FRAGMENT_FILES}


@pytest.mark.parametrize("target", LIST_TARGETS)
def test_folder_gives_exactly_the_element_asked_for(alice, places, target):
    response = asked(alice, places["folder"], target)

    title, _, fragment = text(response).partition("</title>")
    assert title == f"<title>Clienti, sabato 21 novembre 2026 – {settings.MTM_BRAND_NAME}"
    assert Roots(fragment).ids == [target]


@pytest.mark.parametrize("target", [*LIST_TARGETS, "message"])
def test_message_gives_exactly_the_element_asked_for(alice, places, target):
    response = asked(alice, places["message"], target)

    title, _, fragment = text(response).partition("</title>")
    assert title == f"<title>Contratto, sabato 21 novembre 2026 – {settings.MTM_BRAND_NAME}"
    assert Roots(fragment).ids == [target]


def test_folder_manager_gives_its_form_alone(alice, places):
    response = asked(alice, places["folders"], "folder-manager")

    assert Roots(text(response)).ids == ["folder-manager"]


@pytest.mark.parametrize("name", ["folder", "message", "folders"])
def test_answer_varies_with_what_htmx_asks_for_and_is_not_stored(alice, places, name):
    response = alice.get(places[name])

    assert {"HX-Request", "HX-Target"} <= {each.strip() for each in response["Vary"].split(",")}
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", ["folder", "message"])
def test_restored_history_gets_the_page(alice, places, name):
    response = asked(alice, places[name], "message-list", **{"HX-History-Restore-Request": "true"})

    assert text(response).lstrip().startswith("<!doctype html>")
    assert "HX-Retarget" not in response


@pytest.mark.parametrize(
    "target", ["", "body", "headers", "view ", "VIEW", "../base", "webmail/_view.html", "message\t"]
)
def test_forged_target_gets_the_page_and_never_another_fragment(alice, places, target):
    page = text(alice.get(places["folder"]))

    response = asked(alice, places["folder"], target)

    assert Ids(text(response)).found == Ids(page).found


def test_target_without_an_htmx_request_gets_the_page(alice, places):
    response = alice.get(places["folder"], headers={"HX-Target": "message-list"})

    assert text(response).lstrip().startswith("<!doctype html>")


@pytest.mark.parametrize("place", ["/2026-10-01/", f"/{DAY}/f-AAAAAAAAAAAA/", "/2026-11-19/"])
def test_error_replaces_the_whole_page(alice, two_mailboxes, place):
    response = asked(alice, place, "view")

    assert response.status_code >= 404
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("body", "innerHTML")
    assert text(response).lstrip().startswith("<!doctype html>")


def test_fragment_holds_no_id_twice(alice, places):
    found = Ids(text(alice.get(places["message"]))).found

    assert sorted(found) == sorted(set(found))


@pytest.mark.parametrize(
    ("target", "by", "said"),
    [
        ("view", "", "Sabato 21 novembre. Clienti, 1 messaggio."),
        ("mailbox", "", "Clienti, 1 messaggio."),
        ("message-list", "page-newer", "Messaggi da 1 a 1 di 1."),
        ("message-list", "sort-date", "1 messaggio."),
    ],
)
def test_swap_of_a_list_is_announced(alice, places, target, by, said):
    response = asked(alice, places["folder"], target, **{"HX-Trigger": by})

    assert response["HX-Trigger-After-Settle"].isascii()
    assert json.loads(response["HX-Trigger-After-Settle"]) == {"mtm:say": said}


def test_opened_message_is_not_announced_since_its_heading_is_read(alice, places):
    assert "HX-Trigger-After-Settle" not in asked(alice, places["message"], "message")


def test_day_that_keeps_the_message_open_is_announced(alice, places):
    response = asked(alice, places["message"], "view")

    assert json.loads(response["HX-Trigger-After-Settle"])["mtm:say"].startswith("Sabato 21 novembre. Clienti")


def test_ended_session_sends_htmx_to_the_login_page_as_a_page(stranger, places):
    response = asked(stranger, places["message"], "message")

    assert response.content == b""
    assert response["HX-Redirect"] == f"/login/?next={places['message']}"
