"""Language, theme and letters are kept by the browser; which folders show, by the account, for every night."""

import re

import pytest
from django.test import Client

from snapshots.types import Folder
from tests.served import ALICE, sign_in
from webmail.models import ShownFolder

FIRST, LAST = "2026-11-20", "2026-11-21"
ID = {name: Folder(name).id for name in ("Fatture", "Cantieri", "Cantieri/Lotto 3", "Archivio", "Clienti/Più")}


@pytest.fixture
def mailbox(provider, site):
    """Folders of two nights: the archive is of the first alone."""
    mailbox = provider.mailbox(ALICE)
    first = mailbox.night(FIRST)
    for name in ("Posta inviata", "Fatture", "Cantieri", "Cantieri/Lotto 3", "Archivio", "Clienti/Più"):
        first.message("Uno", folder=name)
    mailbox.night(LAST).remove_folder("Archivio")
    site(provider)
    return mailbox


def choose(client, *names, day=LAST, offered=tuple(ID)):
    form = {"folder": [ID[name] for name in names], "offered": [ID[name] for name in offered]}
    return client.post(f"/{day}/folders/", form)


def others(client, day=LAST):
    return [link.name for link in client.get(f"/{day}/").context["other_folders"]]


def test_only_the_default_folders_show_at_first(alice, mailbox):
    context = alice.get(f"/{LAST}/").context

    assert [link.name for link in context["folders"]] == ["Ricevuti", "Inviati"]
    assert context["other_folders"] == []
    assert context["hidden_folders"] == "4 cartelle nascoste"


def test_chosen_folders_show_on_every_night(alice, mailbox):
    choose(alice, "Fatture")

    assert others(alice, FIRST) == others(alice, LAST) == ["Fatture"]


def test_chosen_folders_are_remembered_at_the_next_login(alice, mailbox):
    choose(alice, "Fatture")
    alice.post("/logout/")

    assert others(sign_in(Client())) == ["Fatture"]


def test_child_brings_its_parent(alice, mailbox):
    choose(alice, "Cantieri/Lotto 3")

    links = alice.get(f"/{LAST}/").context["other_folders"]
    assert [(link.name, link.depth) for link in links] == [("Cantieri", 0), ("Lotto 3", 1)]


def test_child_whose_parent_is_no_folder_says_its_whole_name(alice, mailbox):
    choose(alice, "Clienti/Più", "Cantieri")

    links = alice.get(f"/{LAST}/").context["other_folders"]
    assert [(link.name, link.depth) for link in links] == [("Cantieri", 0), ("Clienti / Più", 0)]


def test_manager_indents_a_child_below_its_own_parent_only(alice, mailbox):
    choices = alice.get(f"/{LAST}/folders/").context["choices"]

    assert [(choice.name, choice.depth) for choice in choices if not choice.is_elsewhere] == [
        ("Cantieri", 0), ("Lotto 3", 1), ("Clienti / Più", 0), ("Fatture", 0),
    ]  # fmt: skip


def test_manager_lists_folders_of_other_nights_with_these(alice, mailbox):
    choices = alice.get(f"/{LAST}/folders/").context["choices"]

    assert [(choice.name, choice.note) for choice in choices if choice.is_elsewhere] == [("Archivio", "ven 20 nov")]


def test_folder_of_another_night_can_be_chosen(alice, mailbox):
    choose(alice, "Archivio", day=LAST)

    assert (others(alice, FIRST), others(alice, LAST)) == (["Archivio"], [])


@pytest.mark.parametrize(
    ("words", "found"),
    [("lotto", ["Cantieri / Lotto 3"]), ("CANTIERI", ["Cantieri", "Lotto 3"]), ("PIÙ", ["Clienti / Più"]), ("zzz", [])],
)
def test_manager_finds_folders_by_words_of_their_whole_name(alice, mailbox, words, found):
    choices = alice.get(f"/{LAST}/folders/", {"words": words}).context["choices"]

    assert [choice.name for choice in choices] == found


def test_all_that_are_offered_can_be_shown_and_hidden_at_once(alice, mailbox):
    form = {"offered": [ID["Fatture"], ID["Clienti/Più"]], "folder": ID["Fatture"]}
    alice.post(f"/{LAST}/folders/", form | {"show": "all"})
    shown = others(alice)
    alice.post(f"/{LAST}/folders/", form | {"show": "none"})

    assert (shown, others(alice)) == (["Clienti / Più", "Fatture"], [])


def test_choice_about_folders_that_were_not_offered_stays(alice, mailbox):
    choose(alice, "Archivio", day=FIRST)
    choose(alice, "Fatture", day=LAST, offered=["Fatture"])

    assert (others(alice, FIRST), others(alice, LAST)) == (["Archivio", "Fatture"], ["Fatture"])


def test_folder_that_is_not_chosen_any_more_is_hidden(alice, mailbox):
    choose(alice, "Fatture", "Cantieri")
    choose(alice, "Cantieri")

    assert others(alice) == ["Cantieri"]


def test_choice_is_the_account_s_own(alice, mailbox):
    choose(alice, "Fatture")

    assert set(ShownFolder.objects.values_list("account", flat=True)) == {ALICE}


def test_folder_of_nobody_is_not_kept(alice, mailbox):
    alice.post(f"/{LAST}/folders/", dict.fromkeys(("folder", "offered"), ["f-AAAAAAAAAAAA", "inbox", "<script>"]))

    assert list(ShownFolder.objects.all()) == []


def test_hidden_folder_shows_while_it_is_open(alice, mailbox):
    context = alice.get(f"/{LAST}/{ID['Fatture']}/").context

    assert [(link.name, link.is_open) for link in context["other_folders"]] == [("Fatture", True)]


def test_saving_goes_back_to_where_one_was(alice, mailbox):
    response = alice.post(f"/{LAST}/folders/", {"next": f"/{LAST}/sent/"})

    assert response["Location"] == f"/{LAST}/sent/"


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("it", "it"), ("en", "en"), ("en-GB,en;q=0.9", "en"), ("de", "it"), ("fr, en;q=0.5", "en"), ("", "it")],
)
def test_language_is_the_browser_s_else_the_provider_s(client, db, asked, spoken):
    response = client.get("/login/", headers={"accept-language": asked})

    assert f'<html lang="{spoken}"' in response.content.decode()


def test_chosen_language_wins_over_the_browser_s(client, db):
    client.post("/preferences/", {"language": "en", "next": "/login/"})

    assert '<html lang="en"' in client.get("/login/", headers={"accept-language": "it"}).content.decode()


@pytest.mark.parametrize(("chosen", "shown"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"')])
def test_chosen_theme_is_kept(client, db, chosen, shown):
    client.post("/preferences/", {"theme": chosen})

    assert f'<html lang="it"{shown}>' in client.get("/login/").content.decode()


def test_system_s_theme_can_be_chosen_again(client, db):
    client.post("/preferences/", {"theme": "dark"})
    client.post("/preferences/", {"theme": "system"})

    assert '<html lang="it">' in client.get("/login/").content.decode()


def test_preferences_show_what_is_chosen_and_that_it_was_kept(client, db):
    response = client.post(
        "/preferences/",
        {"theme": "dark", "density": "compact", "letter_keys": "off", "next": "/preferences/?saved=1"},
        follow=True,
    )

    page = response.content.decode()
    assert '<html lang="it" data-theme="dark" data-density="compact" data-letter-keys="off">' in page
    assert re.findall(r'value="([\w-]+)" checked', page) == ["it", "dark", "compact", "off"]
    assert 'role="status">Salvato' in page


def test_letters_can_be_switched_off_and_on(alice, mailbox):
    alice.post("/preferences/", {"letter_keys": "off"})
    off = alice.get(f"/{LAST}/").content.decode()
    alice.post("/preferences/", {"letter_keys": "on"})

    assert 'data-letter-keys="off"' in off
    assert 'data-letter-keys="off"' not in alice.get(f"/{LAST}/").content.decode()


@pytest.mark.parametrize("form", [{"theme": '"><script>'}, {"language": "xx"}, {"letter_keys": "'"}])
def test_nonsense_is_not_kept(client, db, form):
    response = client.post("/preferences/", form)

    assert response.status_code == 302
    assert [cookie.value for cookie in response.cookies.values() if cookie.value] == []
