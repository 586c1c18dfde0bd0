"""An owner's pages of restores: the steps of a request, its states, its report, and nobody else's."""

import re
from html import unescape

import pytest
from django.test import Client

from restores import requests, states
from restores.models import Due, Line, Outcome, Reason, RestoreRequest, State, Target, Verdict, What
from restores.plan import Plan
from restores.states import By
from snapshots.types import Folder
from tests.restores.conftest import BOB, DAY, asked, owner
from tests.served import ALICE, CHARLIE, sign_in
from tests.staff import open_mailbox, operator, sign_in_operator

pytestmark = pytest.mark.django_db

CLIENTS = Folder("Clienti").id
FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
ALONE = {"how": "alone"}


@pytest.fixture
def night(provider, site):
    """Alice's mailbox of a night: three letters in a folder, one in the inbox, one in the trash."""
    night = provider.mailbox(ALICE).night(DAY)
    for subject in ("Contratto", "Preventivo", "Fattura"):
        night.message(subject, folder="Clienti")
    night.message("Resta")
    night.message("Buttata", folder="Trash")
    provider.mailbox(CHARLIE).night(DAY).message("Di nessun altro", folder="Segreti")
    site(provider)
    return night


@pytest.fixture
def alice(night):
    return sign_in(Client())


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


def report(restore, *lines):
    """Give a request a report of these outcomes."""
    for place, (outcome, reason, verdict) in enumerate(lines, start=1):
        Line.objects.create(restore=restore, place=place, folder_id=CLIENTS, levels=["Clienti"], message_id=f"m{place}",
                            outcome=outcome, reason=reason, verdict=verdict)  # fmt: skip
    states.change(restore, State.RUNNING, BOB)
    states.change(restore, State.PARTLY_DONE, By())


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


def test_status_tells_every_state_its_time_and_who(alice, settings):
    settings.MTM_SUPPORT_NAMES = True
    restore = asked()
    requests.take_on(restore, BOB)
    requests.refuse(restore, BOB, reason="Non serve")

    page = alice.get(f"/restores/{restore.reference}/")

    told = [(change.state, change.who, change.note) for change in page.context["changes"]]
    assert told == [
        ("Ricevuta", "Tu", ""),
        ("Presa in carico", "bob", ""),
        ("Rifiutata", "bob", "Non serve"),
    ]


def test_plan_is_shown_with_what_the_quota_lacks(alice):
    restore = asked()
    plan = Plan(1, to_add=3, to_add_bytes=3 << 20, already_there=1, refused=0, folders=("Clienti",),
                quota_used_bytes=9 << 20, quota_limit_bytes=10 << 20)  # fmt: skip
    RestoreRequest.objects.update(plan=plan.stored_form())

    page = alice.get(f"/restores/{restore.reference}/").content.decode()

    assert "3 messaggi, 3 MB" in page
    assert "La casella è troppo piena: mancano 2 MB." in page


def test_price_of_a_request_is_that_of_its_last_step(alice):
    last = step(alice, what="mailbox", step="confirm").context["price"]

    page = alice.get(f"/restores/{asked().reference}/")

    assert page.context["restore"].price == last


def test_owner_waits_for_no_plan_that_nobody_can_make(alice):
    restore = asked()
    requests.ask_for_plan(restore, BOB)
    RestoreRequest.objects.update(problem="no-master")

    page = alice.get(f"/restores/{restore.reference}/").content.decode()

    assert "hx-trigger" not in page
    assert "Il servizio non può ancora scrivere" not in page


@pytest.mark.parametrize(("state", "asks"), [("taken-on", False), ("running", True), ("done", False)])
def test_page_asks_again_only_while_it_runs(alice, state, asks):
    restore = asked()
    RestoreRequest.objects.update(state=state, line_count=3)

    page = alice.get(f"/restores/{restore.reference}/")

    assert ("hx-trigger" in page.content.decode()) is asks


def test_refresh_gives_the_status_alone(alice):
    headers = {"HX-Request": "true", "HX-Target": "restore-status"}

    fragment = alice.get(f"/restores/{asked().reference}/", headers=headers).content.decode()

    assert "<html" not in fragment
    assert 'id="restore-status"' in fragment


def test_report_has_a_line_for_every_message(alice):
    restore = asked()
    report(restore, (Outcome.RESTORED, "", Verdict.VERIFIED), (Outcome.REFUSED, Reason.NUL, ""))

    whole = alice.get(f"/restores/{restore.reference}/")
    problems = alice.get(f"/restores/{restore.reference}/?only=problems")

    assert [line.outcome for line in whole.context["lines"]] == ["Ripristinato", "Non ripristinabile"]
    assert whole.context["counts"] == [("Ripristinato", "1"), ("Non ripristinabile", "1")]
    [problem] = problems.context["lines"]
    assert problem.explanation == "Contiene un byte NUL, che nessun server conserva com’è"


def test_report_is_a_file_no_spreadsheet_runs(alice):
    restore = asked()
    report(restore, (Outcome.REFUSED, Reason.REJECTED, ""))
    Line.objects.update(answer="=cmd()")

    answer = alice.get(f"/restores/{restore.reference}/report.csv")

    head, row = answer.getvalue().decode("utf-8-sig").splitlines()
    assert head.startswith("N.,Cartella,Ricevuto")
    assert row.startswith("1,Clienti,") and "'=cmd()" in row
    assert f"{restore.reference}.csv" in answer["Content-Disposition"]


def test_owner_cancels_what_nobody_has_taken_on(alice):
    first, second = asked(), asked()
    requests.take_on(second, BOB)

    done = alice.post(f"/restores/{first.reference}/cancel/", follow=True)
    refused = alice.post(f"/restores/{second.reference}/cancel/")

    assert done.context["restore"].state == "Annullata"
    assert refused.status_code == 409
    assert "chiedi all’assistenza di fermarla" in refused.content.decode()


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
