"""Requests: who may ask and see, which state follows which, and that all of it is on record."""

from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone

from access.models import Action, AuditRecord
from access.readers import Operator
from restores import requests, states
from restores.leases import LeaseLost, claim, release_left_over, worker_of_this_host
from restores.models import Due, RestoreRequest, State, StateChange
from restores.plan import Plan
from restores.states import By, NotPossible
from snapshots.errors import NotFound
from tests.restores.conftest import BOB, DAY, asked, http_of, owner
from tests.served import CHARLIE

pytestmark = [pytest.mark.django_db, pytest.mark.database]

YEAR = timezone.localdate().year


def said(restore):
    records = AuditRecord.objects.filter(action=Action.RESTORE).order_by("seq")
    return [(each.role, each.details["state"]) for each in records if each.details["reference"] == restore.reference]


def test_request_has_the_year_s_next_number():
    assert [asked().reference for _ in range(3)] == [f"R-{YEAR}-{number:04}" for number in (1, 2, 3)]


def test_two_requests_at_once_have_two_numbers(flushable_audit):
    together = Barrier(3)

    def ask():
        together.wait()
        asked()
        connection.close()

    threads = [Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(RestoreRequest.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_request_keeps_the_price_of_its_time(settings):
    restore = asked()

    settings.MTM_RESTORE_PRICE = Decimal(120)
    restore.refresh_from_db()

    assert (restore.price, restore.vat, restore.gross) == (Decimal("80.00"), Decimal("17.60"), Decimal("97.60"))


def test_self_service_is_free():
    assert asked(is_self_service=True).gross == 0


def test_request_comes_to_its_end_on_record(restore):
    requests.take_on(restore, BOB)
    requests.ask_to_run(restore, BOB)
    states.change(restore, State.DONE, By())

    changes = [(each.state, each.actor, each.role) for each in restore.changes.all()]
    assert changes == [
        ("received", "alice@example.com", "owner"),
        ("taken-on", "bob", "operator"),
        ("running", "bob", "operator"),
        ("done", "", "system"),
    ]
    assert said(restore) == [(role, state) for state, _, role in changes]
    assert restore.operator == "bob"


def test_refusal_says_why(restore):
    requests.refuse(restore, BOB, reason=" La casella\nnon è sua ")

    restore.refresh_from_db()
    assert (restore.state, restore.refusal) == (State.REFUSED, "La casella non è sua")


def test_refusal_without_a_reason_is_none(restore):
    with pytest.raises(NotPossible):
        requests.refuse(restore, BOB, reason="  ")

    assert restore.state == State.RECEIVED


def test_owner_cancels_until_the_request_is_taken_on(restore):
    alice = By(http_of(owner()))
    other = asked()
    requests.take_on(other, BOB)

    requests.cancel(restore, alice)
    with pytest.raises(NotPossible):
        requests.cancel(other, alice)

    assert (restore.state, other.state) == (State.CANCELLED, State.TAKEN_ON)


def test_running_request_is_cancelled_by_its_runner(restore):
    requests.take_on(restore, BOB)
    requests.ask_to_run(restore, BOB)
    lease = claim(restore)

    requests.cancel(restore, BOB)

    restore.refresh_from_db()
    assert restore.state == State.RUNNING
    assert lease.renew()


def test_running_request_nobody_is_at_work_on_is_cancelled_at_once(restore):
    requests.take_on(restore, BOB)
    requests.ask_to_run(restore, BOB)

    requests.cancel(restore, BOB)

    assert (restore.state, restore.due) == (State.CANCELLED, Due.NOTHING)


def test_lease_has_one_holder(restore):
    lease = claim(restore)

    with pytest.raises(LeaseLost):
        claim(restore)
    lease.release()

    assert claim(restore).token != lease.token


def test_lease_that_ran_out_passes_on(restore):
    lost = claim(restore)
    RestoreRequest.objects.update(leased_until_ms=1)

    claim(restore)

    with pytest.raises(LeaseLost):
        lost.renew()


def test_next_worker_of_a_host_frees_what_the_last_one_held(restore):
    claim(restore, holder=worker_of_this_host())

    release_left_over()

    claim(restore)


def test_worker_frees_nothing_others_hold(restore):
    claim(restore)

    release_left_over()

    with pytest.raises(LeaseLost):
        claim(restore)


@pytest.mark.parametrize("end", [State.DONE, State.REFUSED, State.CANCELLED])
def test_what_is_over_begins_no_more(restore, end):
    RestoreRequest.objects.filter(pk=restore.pk).update(state=end)

    for doing in (requests.take_on, requests.cancel, requests.ask_to_run):
        with pytest.raises(NotPossible):
            doing(restore, BOB)

    assert restore.changes.count() == 1


def test_stale_copy_changes_nothing(restore):
    stale = RestoreRequest.objects.get()
    requests.cancel(restore, BOB)

    with pytest.raises(NotPossible):
        requests.take_on(stale, BOB)

    assert stale.state == State.CANCELLED


def test_request_in_part_is_run_again(restore):
    RestoreRequest.objects.filter(pk=restore.pk).update(state=State.PARTLY_DONE, attempts=9, problem="unreachable")

    requests.ask_to_run(restore, BOB)

    restore.refresh_from_db()
    assert (restore.state, restore.due, restore.attempts, restore.problem) == (State.RUNNING, Due.RUN, 0, "")


def test_plan_is_asked_for_without_a_change_of_state(restore):
    requests.ask_for_plan(restore, BOB)

    restore.refresh_from_db()
    assert (restore.state, restore.due) == (State.RECEIVED, Due.PLAN)


def test_plan_is_kept_as_it_was_made(restore):
    plan = Plan(1, to_add=3, to_add_bytes=900, already_there=1, refused=0, folders=("A",), quota_used_bytes=500,
                quota_limit_bytes=1000)  # fmt: skip

    restore.plan = plan.stored_form()
    restore.save()

    assert Plan.of(RestoreRequest.objects.get()) == plan
    assert (plan.quota_after_bytes, plan.missing_bytes) == (1400, 400)


def test_owner_sees_their_own_requests_only(restore):
    asked(owner(CHARLIE))

    assert requests.of_owner(owner()) == [restore]
    with pytest.raises(NotFound):
        requests.find_of_owner(owner(CHARLIE), restore.reference)


def test_next_holder_of_an_address_sees_no_request_of_the_last():
    theirs = asked(owner("alice@example.com", "old"))

    assert requests.of_owner(owner("alice@example.com", "new")) == []
    assert requests.find_of_owner(owner("alice@example.com", "old"), theirs.reference) == theirs


def test_grant_restores_nothing(monkeypatch):
    reader = Operator("bob", owner().account, 1, DAY, "4812", timezone.now())
    monkeypatch.setattr("restores.requests.actor_of", lambda http: reader)

    with pytest.raises(NotFound):
        asked()

    assert not StateChange.objects.exists()


def test_nothing_is_asked_for_where_restores_are_off(settings):
    settings.MTM_RESTORE = "off"

    with pytest.raises(NotFound):
        asked()


@pytest.mark.parametrize(
    ("count", "size_bytes", "small"), [(50, 50 << 20, True), (51, 1, False), (1, (50 << 20) + 1, False), (0, 0, False)]
)
def test_small_restores_are_counted_and_weighed(settings, count, size_bytes, small):
    settings.MTM_RESTORE = "self-service"

    assert requests.is_small(count=count, size_bytes=size_bytes) is small


def test_nothing_is_small_where_support_restores(settings):
    assert not requests.is_small(count=1, size_bytes=1)


def test_open_requests_are_sorted_by_what_expires_first(restore):
    sooner = asked(day=DAY.replace(day=17))
    over = asked()
    requests.cancel(over, BOB)

    assert list(requests.open_requests()) == [sooner, restore]
