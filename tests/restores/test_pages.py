"""The steps of a new request, and the pages of an owner's requests: theirs, and nobody else's."""

import re
from html import unescape

import pytest
from django.test import Client

from restores.models import Due, RestoreRequest, Target, What
from snapshots.types import Folder
from tests.restores.conftest import DAY, asked, owner
from tests.restores.pages import CLIENTS, alice, night
from tests.served import ALICE, CHARLIE, sign_in
from tests.staff import open_mailbox, operator, sign_in_operator

pytestmark = pytest.mark.django_db

__all__ = ["alice", "night"]

FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
ALONE = {"how": "alone"}


@pytest.fixture
def selected(alice):
    """Alice's browser with two letters of a folder selected, on the first step."""
    rows = alice.get(f"/{DAY}/{CLIENTS}/").context["rows"]
    chosen = {"message": [row.id for row in rows[:2]], "folder": CLIENTS}
    alice.first = alice.post(f"/restores/new/messages/?day={DAY}", chosen, follow=True)
    return alice


def step(client, **query):
    return client.get("/restores/new/", {"day": DAY.isoformat(), **query})


def send(client, page, **others):
    """Send the last step's form as the page gives it."""
    fields: dict[str, list[str]] = {}
    for name, value in FIELD.findall(page.content.decode()):
        fields.setdefault(name, []).append(unescape(value))
    return client.post("/restores/new/request/", fields | others)


def test_selected_messages_become_a_request(selected):
    last = step(selected, what="messages", step="confirm")
    answer = send(selected, last)

    restore = RestoreRequest.objects.get()
    assert answer["Location"] == f"/restores/{restore.reference}/"
    assert (restore.what, restore.target, restore.due) == (What.MESSAGES, Target.ORIGINAL, Due.PLAN)
    assert [folder for folder, _ in restore.messages] == [CLIENTS, CLIENTS]


def test_selection_is_the_first_choice_of_the_first_step(selected):
    page = selected.first.content.decode()

    assert "I messaggi selezionati: 2 messaggi" in page
    assert 'value="messages" checked' in page


def test_no_id_of_a_message_stands_in_an_address(selected):
    ids = [message for _, message in selected.session["restore_messages"]["messages"]]

    where = step(selected, what="messages", step="where").content.decode()

    assert not [each for each in ids if each in where or each in selected.first.redirect_chain[-1][0]]


def test_folders_go_to_a_new_folder_unless_said_otherwise(alice):
    where = step(alice, what="folders", folder=CLIENTS, step="where").content.decode()

    assert 'value="new-folder" checked' in where
    assert f"Ripristino {DAY}/Clienti" in where


def test_folders_without_a_folder_are_asked_for_again(alice):
    answer = step(alice, what="folders", step="where")

    assert answer.status_code == 422
    assert "Scegli almeno una cartella." in answer.content.decode()


def test_price_stands_before_the_request_net_and_gross(alice):
    last = unescape(step(alice, what="mailbox", step="confirm").content.decode()).replace("\xa0", " ")

    assert "80,00 € + IVA 22% (17,60 €) = 97,60 €" in last
    assert "È una richiesta, non un ordine vincolante" in last
    assert "Questa copia scade venerdì 27 novembre 2026" in last


@pytest.mark.parametrize(("query", "count"), [({}, "4 messaggi"), ({"trash": "1"}, "5 messaggi")])
def test_trash_is_left_out_unless_chosen(alice, query, count):
    last = step(alice, what="mailbox", step="confirm", **query)
    send(alice, last)

    assert count in last.content.decode()
    assert RestoreRequest.objects.get().with_trash is bool(query)


def test_request_pressed_twice_is_one(alice):
    last = step(alice, what="mailbox", step="confirm")

    answers = {send(alice, last)["Location"] for _ in range(2)}

    assert len(answers) == RestoreRequest.objects.count() == 1


def test_small_restore_is_offered_to_its_owner_alone(selected, settings):
    settings.MTM_RESTORE = "self-service"
    last = step(selected, what="messages", step="confirm")

    answer = send(selected, last, **ALONE)

    page = selected.get(answer["Location"]).content.decode()
    assert RestoreRequest.objects.get().gross == 0
    assert 'name="password"' in page


def test_what_is_large_cannot_be_asked_for_as_small(selected, settings):
    settings.MTM_RESTORE, settings.MTM_RESTORE_FREE_LIMIT = "self-service", 1

    send(selected, step(selected, what="messages", step="confirm"), **ALONE)

    assert not RestoreRequest.objects.get().is_self_service


def test_messages_of_another_mailbox_are_not_found(alice):
    charlie = sign_in(Client(), CHARLIE)
    foreign = charlie.get(f"/{DAY}/{Folder('Segreti').id}/").context["rows"][0].id

    chosen = alice.post(f"/restores/new/messages/?day={DAY}", {"message": foreign})
    asked_for = alice.post("/restores/new/request/", {"day": DAY, "what": "messages", "message": f"inbox/{foreign}"})

    assert (chosen.status_code, asked_for.status_code) == (404, 404)
    assert not RestoreRequest.objects.exists()


def test_others_requests_are_not_found(alice):
    foreign = asked(owner(CHARLIE)).reference

    places = [f"/restores/{foreign}/", f"/restores/{foreign}/report.csv", "/restores/R-1999-0001/"]
    answers = [alice.get(place).status_code for place in places]
    answers += [alice.post(f"/restores/{foreign}/{verb}/", {"password": "x"}).status_code for verb in ("cancel", "now")]

    assert set(answers) == {404}
    assert foreign not in alice.get("/restores/").content.decode()


def test_operator_in_a_mailbox_neither_sees_nor_asks(night):
    restore = asked()
    bob = sign_in_operator(Client(), operator())
    open_mailbox(bob, ALICE, DAY)

    places = ("/restores/", "/restores/new/", f"/restores/{restore.reference}/")
    answers = [bob.get(place).status_code for place in places]
    answers.append(bob.post("/restores/new/request/", {"day": DAY, "what": "mailbox"}).status_code)

    assert set(answers) == {404}
    assert "/restores/" not in bob.get(f"/{DAY}/").content.decode()
    assert RestoreRequest.objects.count() == 1


def test_switched_off_there_is_no_page_and_no_way_to_one(alice, settings):
    settings.MTM_RESTORE = "off"

    answers = {alice.get(place).status_code for place in ("/restores/", "/restores/new/", "/restores/R-2026-0001/")}

    assert answers == {404}
    assert "/restores/" not in alice.get(f"/{DAY}/").content.decode()


def test_every_list_and_message_leads_to_a_restore(alice):
    page = alice.get(f"/{DAY}/{CLIENTS}/").content.decode()
    message = alice.get(f"/{DAY}/{CLIENTS}/").context["rows"][0].id
    reader = alice.get(f"/{DAY}/{CLIENTS}/{message}/").content.decode()

    assert page.count(f"/restores/new/messages/?day={DAY}") == 3
    assert f"/restores/new/?day={DAY}&amp;what=folders&amp;folder={CLIENTS}" in page
    assert 'id="restore-message"' in reader
