"""Forty ways to touch the audit log by hand: `audit verify` names the first bad row of each."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from access import audit
from access.models import Action
from access.readers import Staff
from tests.access.conftest import unguarded_audit

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ROWS = 20
EDITS = {
    "actor": "actor = 'eva'",
    "role": "role = 'owner'",
    "account": "account = 'charlie@example.com'",
    "day": "day = '2026-11-20'",
    "action": "action = 'logout'",
    "result": "result = 'refused'",
    "client": "client_address = '203.0.113.9'",
    "browser": "user_agent = 'other'",
    "request": "request_id = 'FFFFFFFF'",
    "count": "count = 99",
    "size": "size_bytes = 99",
    "moment": "at_ms = at_ms - 60000",
    "retention": "keep_until_ms = keep_until_ms - 1",
    "objects": "object_digests = '[]'",
    "details": "details = '{}'",
    "digest": "digest = mac",
    "link": "prev = digest",
    "code": "mac = digest",
}
COLUMNS = (
    "at_ms, keep_until_ms, actor, role, client_address, user_agent, action, account, day, object_digests, "
    "count, size_bytes, result, details, request_id, digest, prev, mac"
)


def update(change: str, where: str) -> str:
    return " ".join(["UPDATE access_auditrecord SET", change, "WHERE", where])


def delete(where: str) -> str:
    return " ".join(["DELETE FROM access_auditrecord WHERE", where])


def swap(one: int, other: int) -> list[str]:
    steps = [(1000, one), (one, other), (other, 1000)]
    return [update(f"seq = {to}", f"seq = {now}") for to, now in steps]


def close_gap(seq: int) -> list[str]:
    return [delete(f"seq = {seq}"), update("seq = seq - 1", f"seq = {seq + 1}")]


def append_copy(seq: int) -> list[str]:
    into, copied = f"INSERT INTO access_auditrecord (seq, {COLUMNS})", f"SELECT 21, {COLUMNS}"
    return [" ".join([into, copied, f"FROM access_auditrecord WHERE seq = {seq}"])]


# What is done, and the first row that is bad then.
TAMPERINGS: list[tuple[str, list[str], int]] = [
    *((f"edit {name}", [update(edit, f"seq = {seq}")], seq) for seq, (name, edit) in enumerate(EDITS.items(), start=2)),
    *((f"delete {seq}", [delete(f"seq = {seq}")], seq) for seq in (1, 2, 7, 12, 19)),
    *((f"cut the tail after {seq}", [delete(f"seq > {seq}")], seq + 1) for seq in (1, 5, 10, 19)),
    *((f"behead to {seq}", [delete(f"seq <= {seq}")], 1) for seq in (1, 5)),
    *((f"swap {one} and {other}", swap(one, other), one) for one, other in ((1, 2), (3, 9), (18, 20))),
    *((f"close the gap at {seq}", close_gap(seq), seq) for seq in (4, 11)),
    *((f"append a copy of {seq}", append_copy(seq), 21) for seq in (2, 20)),
    *((f"edit {seq} to the end", [update("actor = 'eva'", f"seq >= {seq}")], seq) for seq in (6, 15)),
    ("empty the table", [delete("seq > 0")], 1),
    ("write all anew but the last", [update("account = ''", "seq < 20")], 1),
]


@pytest.fixture
def rows(request_from, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(ROWS):
            _write(request_from(), number)


def _write(request, number: int) -> None:
    details = {"grant": "1", "reason": f"reason {number}"}
    audit.record(
        request, Action.OPEN, actor=Staff("bob"), account="alice@example.com", objects=[f"{number}"], details=details
    )


def test_there_are_forty():
    assert len(TAMPERINGS) == 40
    assert len({name for name, _, _ in TAMPERINGS}) == 40


@pytest.mark.parametrize(("statements", "seq"), [each[1:] for each in TAMPERINGS], ids=[each[0] for each in TAMPERINGS])
def test_first_bad_row_is_named(rows, statements, seq):
    with unguarded_audit(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)

    with pytest.raises(CommandError, match=f"first bad row: seq {seq}: "):
        call_command("audit", "verify")


def test_another_key_fits_no_row(rows, settings):
    settings.MTM_AUDIT_KEY = "another key"

    with pytest.raises(CommandError, match="first bad row: seq 1: its code was made without the key"):
        call_command("audit", "verify")
