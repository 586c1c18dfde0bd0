"""A grant: given for a reason, a ticket and a short time; refused otherwise; over when it is over."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from access import operators
from access.grants import GrantOver
from access.models import Action, AuditRecord, Grant, Result, milliseconds
from snapshots.types import Folder
from tests.staff import REASON, code, open_mailbox, operator, sign_in_operator, wish
from tests.support.conftest import ALICE, CHARLIE
from tests.webmail.conftest import DAY, ids_of

pytestmark = pytest.mark.database

INBOX = f"/{DAY}/"


def last_row() -> AuditRecord:
    row = AuditRecord.objects.order_by("seq").last()
    assert row is not None
    return row


def age(client: Client, **span: float) -> None:
    """Let the second factor of this session have been proved so long ago."""
    session = client.session
    session[operators.VERIFIED] -= int(timedelta(**span).total_seconds() * 1000)
    session.save()


def end_in(seconds: float) -> None:
    """Let all grants expire so many seconds from now."""
    Grant.objects.update(expires_at_ms=milliseconds(timezone.now() + timedelta(seconds=seconds)))


def test_grant_opens_the_night_as_its_owner_sees_it(bob, two_mailboxes):
    open_mailbox(bob, ALICE, DAY)

    folder = Folder("Clienti").id
    assert [row.subject for row in bob.get(f"/{DAY}/{folder}/").context["rows"]] == ["Contratto"]


def test_grant_is_on_record_with_reason_and_ticket(bob, two_mailboxes):
    grant = open_mailbox(bob, ALICE, DAY)

    row = AuditRecord.objects.get(action=Action.GRANT_START)
    assert (row.actor, row.role, row.account, row.day) == ("bob", "operator", ALICE, DAY)
    assert row.details == {"grant": str(grant.pk), "ticket": "4812", "reason": REASON, "minutes": "30"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reason", ""),
        ("reason", "troppo corto"),
        ("reason", "a" + " " * 40 + "b"),
        ("ticket", ""),
        ("ticket", "due parole"),
        ("ticket", "48\x0012"),
        ("reason", "\0" * 40),
        ("reason", "a" * 501),
        ("ticket", "48\n12"),
        ("minutes", "4"),
        ("minutes", "61"),
        ("minutes", ""),
        ("minutes", "-30"),
        ("minutes", "²"),
        ("day", "2026-11-10"),
        ("day", "mai"),
    ],
)
def test_wish_that_lacks_something_is_refused_on_record(bob, two_mailboxes, field, value):
    response = bob.post("/support/grants/", wish(ALICE, DAY, **{field: value}))

    row = AuditRecord.objects.get(action=Action.GRANT_START)
    assert response.status_code == 422
    assert row.result == Result.REFUSED
    assert field in row.details["refused"]
    assert not Grant.objects.exists()
    assert bob.get(INBOX).status_code == 404


def test_ticket_follows_the_provider_s_pattern(bob, two_mailboxes, settings):
    settings.MTM_TICKET_PATTERN = "INC[0-9]{6}"

    refused = bob.post("/support/grants/", wish(ALICE, DAY))
    given = bob.post("/support/grants/", wish(ALICE, DAY, ticket="INC004812"))

    assert (refused.status_code, given.status_code) == (422, 302)


def test_second_factor_older_than_a_quarter_hour_must_be_proved_again(bob, user, two_mailboxes):
    age(bob, minutes=15)

    without = bob.post("/support/grants/", wish(ALICE, DAY))
    wrong = bob.post("/support/grants/", wish(ALICE, DAY, otp_token="000000"))

    assert (without.status_code, wrong.status_code) == (422, 422)
    assert not Grant.objects.exists()


def test_second_factor_proved_again_gives_the_grant(bob, user, two_mailboxes):
    age(bob, minutes=20)

    response = bob.post("/support/grants/", wish(ALICE, DAY, otp_token=code(user)))

    assert response.status_code == 302


def test_no_grant_within_a_grant(with_grant):
    response = with_grant.post("/support/grants/", wish(CHARLIE, DAY))

    assert response.status_code == 422
    assert Grant.objects.count() == 1
    assert last_row().action == Action.LOOK_UP
    assert with_grant.get(INBOX).context["account"] == ALICE


def test_one_live_grant_an_operator_in_all_sessions(with_grant, user):
    elsewhere = sign_in_operator(Client(), user)

    assert elsewhere.get(INBOX).status_code == 404
    assert elsewhere.post("/support/grants/", wish(CHARLIE, DAY)).status_code == 422


def test_grant_covers_its_own_night_alone(with_grant, two_mailboxes):
    assert [day.day for day in with_grant.get(INBOX).context["days"]] == [DAY]
    assert with_grant.get(f"/{DAY - timedelta(days=1)}/").status_code == 404
    assert last_row().result == Result.REFUSED


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "view"}])
def test_expired_grant_opens_nothing(with_grant, headers):
    end_in(0)

    response = with_grant.get(INBOX, headers=headers)

    assert response.status_code == 404
    assert b"message-list" not in response.content


def test_ended_grant_opens_nothing_and_is_on_record(with_grant):
    with_grant.post("/support/grants/end/")

    assert with_grant.get(INBOX).status_code == 404
    assert AuditRecord.objects.filter(action=Action.GRANT_END, account=ALICE, actor="bob").count() == 1


def test_session_has_another_key_after_start_and_end(bob, two_mailboxes):
    keys = [bob.session.session_key]
    open_mailbox(bob, ALICE, DAY)
    keys.append(bob.session.session_key)
    bob.post("/support/grants/end/")
    keys.append(bob.session.session_key)

    assert len(set(keys)) == 3


def test_administrator_revokes_another_s_grant(with_grant):
    grant = Grant.objects.get()
    admin = sign_in_operator(Client(), operator("dora", "admin"))

    admin.post(f"/support/grants/{grant.pk}/revoke/")

    assert with_grant.get(INBOX).status_code == 404
    assert AuditRecord.objects.get(action=Action.GRANT_END).actor == "dora"


def test_operator_without_that_permission_revokes_nothing(with_grant):
    grant = Grant.objects.get()
    other = sign_in_operator(Client(), operator("dario"))

    response = other.post(f"/support/grants/{grant.pk}/revoke/")

    assert response.status_code == 404
    assert with_grant.get(INBOX).status_code == 200


def test_foreign_grant_in_a_session_opens_nothing(with_grant):
    other = sign_in_operator(Client(), operator("dario"))
    session = other.session
    session["grant"] = Grant.objects.get().pk
    session.save()

    assert other.get(INBOX).status_code == 404


@pytest.mark.parametrize("hours", [-2, 24])
def test_moved_clock_lengthens_no_grant(with_grant, monkeypatch, hours):
    later = timezone.now() + timedelta(hours=hours)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    assert with_grant.get(INBOX).status_code != 200


def test_operator_whose_access_ended_reads_nothing(with_grant, user):
    operators.end_access(user)

    assert with_grant.get(INBOX).status_code == 302


def test_console_session_ends_after_ten_minutes_of_nothing(with_grant, monkeypatch):
    later = timezone.now() + timedelta(minutes=10, seconds=5)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)

    assert with_grant.get(INBOX)["Location"].startswith("/login/")
    assert with_grant.get("/support/")["Location"].startswith("/support/login/")


def test_sign_out_ends_the_grant(with_grant):
    with_grant.post("/logout/")

    assert not Grant.objects.live().exists()


def test_expiry_breaks_off_a_download(with_grant, monkeypatch):
    monkeypatch.setattr("access.grants.CHECK_EVERY_SECONDS", 0.0)
    monkeypatch.setattr("webmail.views.files.CHUNK_BYTES", 10)
    response = with_grant.get(f"/{DAY}/messages/{ids_of(with_grant).message}/message.eml")
    chunks = iter(response.streaming_content)
    begun = next(chunks)

    end_in(0)

    assert len(begun) == 10
    with pytest.raises(GrantOver):
        next(chunks)
