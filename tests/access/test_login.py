"""Logging in: what counts, what does not, and what a session holds afterwards."""

import logging
from contextlib import ExitStack
from functools import partial

import pytest

from access.login import LoginBusy, LoginThrottled, ServerUnreachable, WrongPassword, log_in, log_out
from access.metrics import ACTIONS
from access.models import Action, AuditRecord, LoginAttempt, Result
from access.readers import Owner, reader_of
from access.slots import SLOTS, login_slot
from snapshots.accounts import AddressBook
from snapshots.types import Account
from tests.access.conftest import RIGHT
from tests.access.slot_holding import count_free_slots, hold_slots

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ALICE = "alice@example.com"


def test_right_password_makes_an_owner(live, request_from):
    request = request_from()

    owner = log_in(request, address=ALICE, password=RIGHT)

    assert owner == Owner(Account("alice", "example.com"), None)
    assert reader_of(request) == owner


def test_owner_survives_the_session_s_store(live, nights, request_from):
    live.guid = "abc"
    request = request_from()

    owner = log_in(request, address=ALICE, password=RIGHT)
    request.session.save()
    later = request_from()
    later.session = type(request.session)(request.session.session_key)

    assert reader_of(later) == owner
    assert owner.guids == frozenset({"abc"})


def test_server_is_asked_for_the_canonical_account(live, request_from, monkeypatch):
    book = AddressBook(lambda typed: ("alice@example.com", {"volume": "7"}))
    monkeypatch.setattr("snapshots.configured.address_book", lambda: book)

    owner = log_in(request_from(), address="Info@Example.com", password=RIGHT)

    assert live.asked == [ALICE]
    assert owner.account.variables == {"volume": "7"}


def test_session_key_changes_and_old_data_goes(live, request_from):
    request = request_from()
    request.session["planted"] = "by somebody"
    request.session.save()
    old_key = request.session.session_key

    log_in(request, address=ALICE, password=RIGHT)

    assert request.session.session_key != old_key
    assert "planted" not in request.session
    assert not request.session.exists(old_key)


def test_second_login_takes_nothing_of_the_first(live, request_from):
    request = request_from()
    log_in(request, address=ALICE, password=RIGHT)

    log_in(request, address="bob@example.com", password=RIGHT)

    assert reader_of(request) == Owner(Account("bob", "example.com"), None)


@pytest.mark.parametrize(
    ("address", "password"),
    [
        (ALICE, "wrong"),
        ("nobody@example.com", "wrong"),
        ("not an address", RIGHT),
        ("alice*master@example.com", RIGHT),
        (ALICE, ""),
        (ALICE, "x" * 2000),
    ],
)
def test_every_refusal_is_the_same(live, request_from, address, password):
    request = request_from()

    with pytest.raises(WrongPassword) as caught:
        log_in(request, address=address, password=password)

    assert str(caught.value) == ""
    assert reader_of(request) is None
    assert LoginAttempt.objects.count() == 1
    assert AuditRecord.objects.get().result == Result.REFUSED


def test_unreachable_server_counts_for_nothing(live, request_from):
    live.failure = ServerUnreachable()
    figure = ACTIONS.labels("login", "unavailable")
    before = figure._value.get()

    with pytest.raises(ServerUnreachable):
        log_in(request_from(), address=ALICE, password=RIGHT)

    assert figure._value.get() == before + 1
    assert LoginAttempt.objects.count() == 0
    assert AuditRecord.objects.count() == 0


def test_login_is_written_down_before_it_counts(live, request_from, monkeypatch):
    request = request_from()
    monkeypatch.setattr("access.sessions.begin", lambda *args, **options: pytest.fail("began"))
    monkeypatch.setattr("access.audit.record", lambda *args, **options: (_ for _ in ()).throw(RuntimeError("no log")))

    with pytest.raises(RuntimeError):
        log_in(request, address=ALICE, password=RIGHT)

    assert reader_of(request) is None


def test_login_and_logout_are_in_the_audit_log(live, request_from):
    request = request_from()

    log_in(request, address=ALICE, password=RIGHT)
    log_out(request)

    told = list(AuditRecord.objects.values_list("action", "result", "actor", "account", "role", "client_address"))
    assert told == [
        (Action.LOGIN, Result.OK, ALICE, ALICE, "owner", "203.0.113.7"),
        (Action.LOGOUT, Result.OK, ALICE, ALICE, "owner", "203.0.113.7"),
    ]
    assert reader_of(request) is None


def test_fifth_login_at_once_is_told_to_come_back(live, request_from, settings, monkeypatch):
    monkeypatch.setattr("access.login.login_slot", partial(login_slot, patience_seconds=0))
    with ExitStack() as slots:
        hold_slots(slots, settings.MTM_STATE_DIR)

        with pytest.raises(LoginBusy):
            log_in(request_from(), address=ALICE, password=RIGHT)

    assert live.asked == []


def test_slot_is_held_while_the_server_is_asked_and_freed_after(live, request_from, settings):
    free = []
    live.during = lambda: free.append(count_free_slots(settings.MTM_STATE_DIR))

    log_in(request_from(), address=ALICE, password=RIGHT)

    assert free == [SLOTS - 1]
    assert count_free_slots(settings.MTM_STATE_DIR) == SLOTS


def test_throttled_login_asks_nobody(live, request_from):
    for _ in range(5):
        with pytest.raises(WrongPassword):
            log_in(request_from(), address=ALICE, password="wrong")
    live.asked.clear()

    with pytest.raises(LoginThrottled) as caught:
        log_in(request_from(), address=ALICE, password=RIGHT)

    assert live.asked == []
    assert 0 < caught.value.retry_after_seconds <= 60


def test_password_is_in_no_log_and_no_session(live, request_from, caplog):
    caplog.set_level(logging.DEBUG)
    request = request_from()

    log_in(request, address=ALICE, password=RIGHT)

    assert RIGHT not in caplog.text
    assert RIGHT not in str(dict(request.session))
