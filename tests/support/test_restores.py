"""Restores in the console: the queue, what an operator may do with a request, and that all of it is on record."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from access.models import Action, AuditRecord
from restores import requests, states
from restores.models import Due, RestoreRequest, State, Target, What
from restores.states import By
from snapshots.types import Folder
from tests.restores.conftest import BOB as COLLEAGUE
from tests.restores.conftest import asked
from tests.served import sign_in
from tests.staff import open_mailbox, operator, sign_in_operator
from tests.support.conftest import ALICE
from tests.webmail.conftest import DAY

pytestmark = pytest.mark.database

CLIENTS = Folder("Clienti").id
ORDER = {"address": ALICE, "day": DAY.isoformat(), "what": "mailbox", "target": "new-folder", "ticket": "4812"}


@pytest.fixture
def desk(db, two_mailboxes):
    """A browser in which an operator who may restore has signed in."""
    return sign_in_operator(Client(), operator("carla", "download", "restore"))


@pytest.fixture
def restore(desk):
    return asked(day=DAY)


def press(client, restore, verb, **form):
    return client.post(f"/support/restores/{restore.reference}/{verb}/", form)


def test_queue_is_sorted_by_the_night_s_end(desk, restore):
    sooner = asked(day=DAY - timedelta(days=4))
    asked(is_self_service=True)

    listed = desk.get("/support/restores/").context["restores"]

    assert [each.reference for each in listed] == [sooner.reference, restore.reference]


def test_what_is_over_is_a_list_of_its_own(desk, restore):
    requests.cancel(restore, COLLEAGUE)

    assert desk.get("/support/restores/").context["restores"] == []
    [over] = desk.get("/support/restores/?show=over").context["restores"]
    assert over.reference == restore.reference


def test_operator_takes_on_plans_and_runs(desk, restore):
    press(desk, restore, "take-on")
    press(desk, restore, "plan")
    restore.refresh_from_db()
    planned = restore.due
    answer = press(desk, restore, "run")

    restore.refresh_from_db()
    assert answer["Location"] == f"/support/restores/{restore.reference}/"
    assert (planned, restore.due, restore.state, restore.operator) == (Due.PLAN, Due.RUN, State.RUNNING, "carla")


def test_every_step_is_on_record_and_on_the_owner_s_page(desk, restore):
    for verb in ("take-on", "plan", "run"):
        press(desk, restore, verb)

    rows = AuditRecord.objects.filter(action=Action.RESTORE, actor="carla").order_by("seq")
    steps = [row.details.get("state") or row.details["step"] for row in rows]
    seen = sign_in(Client()).get("/accesses/").content.decode()
    assert steps == ["taken-on", "plan", "running"]
    assert f"Ripristino {restore.reference} della copia" in seen
    assert "Presa in carico" in seen


def test_refusal_needs_words(desk, restore):
    silent = press(desk, restore, "refuse", reason=" ")
    press(desk, restore, "refuse", reason="La casella è di un altro")

    restore.refresh_from_db()
    assert silent.status_code == 422
    assert (restore.state, restore.refusal) == (State.REFUSED, "La casella è di un altro")


def test_what_somebody_else_did_first_is_said(desk, restore):
    requests.cancel(restore, COLLEAGUE)

    answer = press(desk, restore, "take-on")

    assert answer.status_code == 409
    assert "qualcuno è stato più veloce" in answer.content.decode()


def test_page_offers_what_the_state_allows(desk, restore):
    before = desk.get(f"/support/restores/{restore.reference}/").context
    requests.take_on(restore, COLLEAGUE)
    requests.ask_to_run(restore, COLLEAGUE)
    states.change(restore, State.DONE, By())
    after = desk.get(f"/support/restores/{restore.reference}/").context

    offers = ("may_take_on", "may_plan", "may_run", "may_refuse", "may_stop")
    assert [before[name] for name in offers] == [True, True, False, True, True]
    assert not any(after[name] for name in offers)


def test_customer_on_the_phone_gets_a_request_with_its_ticket(desk):
    desk.post("/support/restores/new/request/", ORDER | {"what": "folders", "folder": CLIENTS})

    restore = RestoreRequest.objects.get()
    assert (restore.address, restore.ticket, restore.folders) == (ALICE, "4812", [CLIENTS])
    assert (restore.what, restore.target, restore.due) == (What.FOLDERS, Target.NEW_FOLDER, Due.PLAN)
    assert (restore.requester, restore.requester_role) == ("carla", "operator")


@pytest.mark.parametrize("wrong", [{"ticket": ""}, {"ticket": "una riga\nin più"}, {"what": "folders"}])
def test_order_that_is_not_whole_is_shown_again(desk, wrong):
    answer = desk.post("/support/restores/new/request/", ORDER | wrong)

    assert answer.status_code == 422
    assert not RestoreRequest.objects.exists()


def test_order_shows_names_of_folders_and_no_mail(desk):
    page = desk.get("/support/restores/new/", {"address": ALICE, "day": DAY.isoformat()}).content.decode()

    assert "Clienti" in page
    assert "Contratto" not in page
    assert AuditRecord.objects.filter(action=Action.LOOK_UP, account=ALICE).exists()


def test_bills_leave_on_record(desk, restore):
    requests.take_on(restore, COLLEAGUE)
    requests.ask_to_run(restore, COLLEAGUE)
    states.change(restore, State.DONE, By())
    today = timezone.localdate().isoformat()

    whole = desk.get(f"/support/restores/restores.csv?from={today}&to={today}").content.decode().splitlines()
    none = desk.get("/support/restores/restores.csv?to=2020-01-01").content.decode().splitlines()

    assert [len(whole), len(none)] == [2, 1]
    assert whole[1].startswith(f"{restore.reference},{today},{ALICE}")
    assert AuditRecord.objects.filter(action=Action.EXPORT, actor="carla").count() == 2


def test_who_may_not_restore_has_no_such_pages(bob, two_mailboxes):
    restore = asked(day=DAY)

    answers = [
        bob.get(place).status_code for place in ("/support/restores/", f"/support/restores/{restore.reference}/")
    ]
    answers.append(press(bob, restore, "run").status_code)

    assert set(answers) == {404}
    assert "/support/restores/" not in bob.get("/support/").content.decode()


def test_nothing_is_done_from_within_a_mailbox(desk, restore):
    open_mailbox(desk, ALICE, DAY)

    answers = {press(desk, restore, verb).status_code for verb in ("take-on", "plan", "run", "cancel")}
    order = desk.post("/support/restores/new/request/", ORDER)

    assert (answers, order.status_code) == ({404}, 404)
    restore.refresh_from_db()
    assert restore.state == State.RECEIVED


def test_switched_off_the_console_has_no_restores(desk, restore, settings):
    settings.MTM_RESTORE = "off"

    assert desk.get("/support/restores/").status_code == 404
    assert "/support/restores/" not in desk.get("/support/").content.decode()
