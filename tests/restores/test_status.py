"""The page of one request: its states, its plan, its report, and what its owner may do."""

import pytest

from restores import requests, states
from restores.models import Line, Outcome, Reason, RestoreRequest, State, Verdict
from restores.plan import Plan
from restores.states import By
from tests.restores.conftest import BOB, DAY, asked
from tests.restores.pages import CLIENTS, alice, night

pytestmark = pytest.mark.django_db

__all__ = ["alice", "night"]


def report(restore, *lines):
    """Give a request a report of these outcomes."""
    for place, (outcome, reason, verdict) in enumerate(lines, start=1):
        Line.objects.create(restore=restore, place=place, folder_id=CLIENTS, levels=["Clienti"], message_id=f"m{place}",
                            outcome=outcome, reason=reason, verdict=verdict)  # fmt: skip
    states.change(restore, State.RUNNING, BOB)
    states.change(restore, State.PARTLY_DONE, By())


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
    last = alice.get(f"/restores/new/?day={DAY}&what=mailbox&step=confirm").context["price"]

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
