"""How long a session lasts, and what ends it."""

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse

from access import sessions
from access.login import log_in
from access.middleware import SessionLifetimeMiddleware
from access.models import Action, AuditRecord, Revocation
from access.readers import Owner, reader_from, reader_of, stored_form
from snapshots.types import Account
from tests.access.conftest import RIGHT

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ALICE = "alice@example.com"


@pytest.fixture
def request_of_alice(live, clock, request_from):
    request = request_from()
    log_in(request, address=ALICE, password=RIGHT)
    request.session.save()
    return request


@pytest.fixture
def visit():
    """Pass the request through the middleware; return whether somebody is still signed in."""
    middleware = SessionLifetimeMiddleware(lambda request: HttpResponse())

    def visit(request) -> bool:
        middleware(request)
        return reader_of(request) is not None

    return visit


@pytest.mark.parametrize(("idle_seconds", "lives"), [(1795, True), (1805, False)])
def test_session_ends_after_half_an_hour_of_nothing(request_of_alice, visit, clock, idle_seconds, lives):
    clock.forward(seconds=idle_seconds)

    assert visit(request_of_alice) is lives


def test_what_a_page_asks_by_itself_lengthens_no_session(request_of_alice, visit, clock):
    request_of_alice.headers = {"Poll": "1"}
    clock.forward(minutes=29)
    is_there = visit(request_of_alice)
    clock.forward(minutes=2)

    assert is_there
    assert not visit(request_of_alice)


@pytest.mark.parametrize(("last_minutes", "lives"), [(4.9, True), (5.1, False)])
def test_session_ends_after_eight_hours_of_use(request_of_alice, visit, clock, last_minutes, lives):
    for _ in range(19):
        clock.forward(minutes=25)
        visit(request_of_alice)
    clock.forward(minutes=last_minutes)

    assert visit(request_of_alice) is lives


def test_page_view_within_a_minute_is_no_write(request_of_alice, visit, clock):
    request_of_alice.session.modified = False
    clock.forward(seconds=59)

    visit(request_of_alice)

    assert not request_of_alice.session.modified


def test_ended_session_is_gone_from_the_store(request_of_alice, visit, clock):
    key = request_of_alice.session.session_key
    clock.forward(hours=1)

    visit(request_of_alice)

    assert not request_of_alice.session.exists(key)


@pytest.mark.parametrize("hours", [-2, 24])
def test_moved_clock_lengthens_no_session(request_of_alice, visit, clock, hours):
    clock.forward(hours=hours)

    assert not visit(request_of_alice)


@pytest.mark.parametrize("subject", [ALICE, "example.com", sessions.EVERYBODY])
def test_revocation_ends_sessions_at_once(request_of_alice, visit, clock, subject):
    clock.forward(seconds=1)

    sessions.revoke(subject)

    assert not visit(request_of_alice)


@pytest.mark.parametrize("subject", ["bob@example.com", "example.org", "alice@example.org"])
def test_revocation_of_others_changes_nothing(request_of_alice, visit, clock, subject):
    sessions.revoke(subject)

    assert visit(request_of_alice)


def test_session_begun_after_the_revocation_lives(live, clock, request_from, visit):
    sessions.revoke(ALICE)
    clock.forward(seconds=1)
    request = request_from()

    log_in(request, address=ALICE, password=RIGHT)

    assert visit(request)


def test_login_under_way_during_a_revocation_does_not_survive_it(live, clock, request_from, visit):
    def revoke_alice():
        clock.forward(seconds=1)
        sessions.revoke(ALICE)
        clock.forward(seconds=1)

    request = request_from()
    live.during = revoke_alice

    log_in(request, address=ALICE, password=RIGHT)

    assert not visit(request)


def test_command_revokes_on_record(request_of_alice, visit, clock, capsys):
    clock.forward(seconds=1)

    call_command("session", "revoke", "Alice@EXAMPLE.com")

    assert not visit(request_of_alice)
    assert AuditRecord.objects.filter(action=Action.SESSION_REVOKE, account=ALICE, role="system").exists()
    assert ALICE in capsys.readouterr().out


def test_command_refuses_what_is_no_subject():
    with pytest.raises(CommandError, match="neither"):
        call_command("session", "revoke", "alice")


@pytest.mark.parametrize(
    "owner",
    [
        Owner(Account("alice", "example.com", {"volume": "7"}), frozenset({"a", "b"})),
        Owner(Account("alice", "example.com"), None),
    ],
)
def test_owner_is_the_same_out_of_the_session(owner):
    assert reader_from(stored_form(owner)) == owner


def test_old_revocations_are_cleared_away(clock):
    sessions.revoke(ALICE)
    clock.forward(days=1)

    sessions.revoke("bob@example.com")

    assert list(Revocation.objects.values_list("subject", flat=True)) == ["bob@example.com"]
