"""The audit log: complete, unchangeable, and telling where it was touched."""

import errno
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from access import audit, chain, heads
from access.models import Action, AuditRecord, Result
from access.readers import Owner
from snapshots.types import Account
from tests.access.conftest import unguarded_audit

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ALICE = Owner(Account("alice", "example.com"))


@pytest.fixture
def rows(request_from, django_capture_on_commit_callbacks):
    """Write ten rows, as their transactions would."""
    with django_capture_on_commit_callbacks(execute=True):
        return [audit.record(request_from(), Action.DOWNLOAD, actor=ALICE, objects=[f"guid{n}"]) for n in range(10)]


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def verdict() -> str:
    try:
        call_command("audit", "verify")
    except CommandError as error:
        assert error.returncode == 1
        return str(error)
    return "whole"


def test_row_tells_who_did_what_from_where(request_from):
    request = request_from("198.51.100.1", user_agent="Browser/1.0")
    request.META["MTM_REQUEST_ID"] = "ABCD1234"

    audit.record(
        request,
        Action.DOWNLOAD,
        actor=ALICE,
        day=date(2026, 11, 19),
        objects=["guid1"],
        count=1,
        size_bytes=1234,
        details={"format": "eml"},
    )

    row = AuditRecord.objects.get()
    assert (row.seq, row.actor, row.role, row.account) == (1, "alice@example.com", "owner", "alice@example.com")
    assert (row.client_address, row.request_id, row.day) == ("198.51.100.1", "ABCD1234", date(2026, 11, 19))
    assert (row.count, row.size_bytes, row.result, row.details) == (1, 1234, Result.OK, {"format": "eml"})
    assert row.object_digests == [audit.object_digest("guid1")]
    assert row.at.tzinfo is UTC
    assert row.keep_until_ms - row.at_ms == 365 * 86_400_000


def test_no_guid_and_no_browser_name_is_kept(request_from):
    audit.record(request_from(user_agent="Browser/1.0"), Action.DOWNLOAD, actor=ALICE, objects=["1700000.M1P1.host"])

    kept = str(AuditRecord.objects.values().get())
    assert "1700000.M1P1.host" not in kept
    assert "Browser" not in kept


def test_whole_log_verifies(rows, capsys):
    call_command("audit", "verify")

    assert f"whole up to seq 10; head 10:{rows[-1].mac}" in capsys.readouterr().out


def test_empty_log_verifies():
    assert verdict() == "whole"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_auditrecord SET result = 'ok' WHERE seq = 4",
        "DELETE FROM access_auditrecord WHERE seq = 4",
        "DELETE FROM access_auditrecord",
    ],
)
def test_database_refuses_to_change_or_shorten_it(rows, statement):
    with pytest.raises(DatabaseError, match="audit rows are kept"), transaction.atomic():
        sql(statement)

    assert verdict() == "whole"


def test_database_lets_go_of_rows_past_their_time(settings, request_from, clock):
    clock.now = datetime(2020, 1, 1, tzinfo=UTC)
    audit.record(request_from(), Action.LOGIN, actor=ALICE)

    AuditRecord.objects.all().delete()

    assert AuditRecord.objects.count() == 0


@pytest.mark.parametrize(
    ("statements", "seq"),
    [
        (["UPDATE access_auditrecord SET account = 'bob@example.com' WHERE seq = 4"], 4),
        (["UPDATE access_auditrecord SET at_ms = at_ms + 1 WHERE seq = 7"], 7),
        (['UPDATE access_auditrecord SET details = \'{"x": "y"}\' WHERE seq = 1'], 1),
        (["UPDATE access_auditrecord SET mac = prev WHERE seq = 5"], 5),
        (["UPDATE access_auditrecord SET prev = mac WHERE seq = 5"], 5),
        (["DELETE FROM access_auditrecord WHERE seq = 4"], 4),
        (["DELETE FROM access_auditrecord WHERE seq <= 3"], 1),
        (["DELETE FROM access_auditrecord WHERE seq > 8"], 9),
        (["DELETE FROM access_auditrecord"], 1),
        (
            [
                "UPDATE access_auditrecord SET seq = 100 WHERE seq = 3",
                "UPDATE access_auditrecord SET seq = 3 WHERE seq = 6",
                "UPDATE access_auditrecord SET seq = 6 WHERE seq = 100",
            ],
            3,
        ),
        (
            [
                "DELETE FROM access_auditrecord WHERE seq = 3",
                "UPDATE access_auditrecord SET seq = seq - 1 WHERE seq = 4",
            ],
            3,
        ),
    ],
)
def test_tampering_is_found_at_its_first_row(rows, statements, seq):
    with unguarded_audit():
        for statement in statements:
            sql(statement)

    assert verdict().startswith(f"first bad row: seq {seq}: ")


def test_row_made_without_the_key_is_found(rows, settings, request_from):
    settings.MTM_AUDIT_KEY = "another key"
    audit.record(request_from(), Action.LOGIN, actor=ALICE)
    settings.MTM_AUDIT_KEY = "key of the tests"

    assert verdict() == "first bad row: seq 11: its code was made without the key"


def test_cut_tail_is_found_by_a_head_from_the_log(rows, settings, tmp_path):
    with unguarded_audit():
        sql("DELETE FROM access_auditrecord WHERE seq > 8")
    (tmp_path / "audit-head").unlink()

    assert verdict() == "whole"
    with pytest.raises(CommandError, match="seq 9"):
        call_command("audit", "verify", "--head", str(chain.head_of(rows[-1])))


def test_rows_rewritten_with_the_key_do_not_match_the_noted_head(rows, request_from):
    with unguarded_audit():
        sql("DELETE FROM access_auditrecord WHERE seq = 10")
    audit.record(request_from(), Action.LOGIN, actor=ALICE)

    assert verdict() == "first bad row: seq 10: it is not the row that was noted outside"


def test_purge_on_record_leaves_a_whole_log(rows, request_from):
    last = rows[2]
    audit.record(None, Action.PURGE, count=3, details={"last_seq": str(last.seq), "last_mac": last.mac})
    with unguarded_audit():
        sql("DELETE FROM access_auditrecord WHERE seq <= 3")

    assert verdict() == "whole"


def test_head_goes_to_the_log_with_the_first_row_of_a_quarter_hour(
    request_from, caplog, monkeypatch, django_capture_on_commit_callbacks
):
    times = iter([0.0, 1.0, 899.0, 901.0])
    monkeypatch.setattr(heads, "_logged_at", heads._LoggedAt())
    monkeypatch.setattr("access.heads.time.monotonic", lambda: next(times))
    caplog.set_level(logging.INFO, "access.audit")

    for _ in range(4):
        with django_capture_on_commit_callbacks(execute=True):
            audit.record(request_from(), Action.LOGIN, actor=ALICE)

    assert [message.split(":")[0] for message in caplog.messages] == ["audit head 1", "audit head 4"]


def test_head_that_cannot_be_noted_undoes_nothing(request_from, monkeypatch, django_capture_on_commit_callbacks):
    def want(head):
        raise OSError(errno.EMFILE, "want")

    monkeypatch.setattr(heads, "note", want)

    with django_capture_on_commit_callbacks(execute=True):
        audit.record(request_from(), Action.DOWNLOAD, actor=ALICE)

    assert AuditRecord.objects.count() == 1


def test_row_that_cannot_be_written_is_an_error_that_stops_the_content(request_from, monkeypatch):
    def full(*args, **options):
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(AuditRecord, "save", full)

    with pytest.raises(audit.AuditUnavailable):
        audit.record(request_from(), Action.DOWNLOAD, actor=ALICE)


def test_head_command_prints_the_last_row(rows, capsys):
    call_command("audit", "head")

    assert capsys.readouterr().out.strip() == f"10:{rows[-1].mac}"


def test_head_that_is_none_is_told_so():
    with pytest.raises(CommandError, match="SEQ:CODE"):
        call_command("audit", "verify", "--head", "nonsense")


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_make_one_chain(flushable_audit, request_from):
    def write(_):
        for _ in range(10):
            audit.record(request_from(), Action.LOGIN, actor=ALICE)
        connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))

    assert AuditRecord.objects.count() == 40
    assert verdict() == "whole"


def test_export_writes_every_row_and_is_on_record(rows, capsys):
    call_command("audit", "export")

    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["seq"] for row in written] == list(range(1, 12))
    assert written[-1]["action"] == Action.AUDIT_READ


def test_export_of_one_account_holds_no_other(rows, request_from, capsys):
    audit.record(request_from(), Action.LOGIN, actor=Owner(Account("charlie", "example.com")))

    call_command("audit", "export", "--account", "charlie@example.com")

    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["account"] for row in written} == {"charlie@example.com"}


def test_purge_takes_what_is_past_its_time_and_the_log_stays_whole(request_from, clock, capsys):
    clock.now = datetime(2020, 1, 1, tzinfo=UTC)
    for _ in range(3):
        audit.record(request_from(), Action.LOGIN, actor=ALICE)
    clock.now = datetime.now(UTC)
    audit.record(request_from(), Action.LOGIN, actor=ALICE)

    call_command("audit", "purge")
    call_command("audit", "purge")

    assert list(AuditRecord.objects.values_list("seq", "action")) == [(4, "login"), (5, "purge")]
    assert capsys.readouterr().out.split()[0] == "3"
    assert verdict() == "whole"


def test_settings_are_written_down_when_they_changed(settings):
    audit.record_settings()
    audit.record_settings()
    settings.MTM_DOWNLOAD_LIMIT = 999
    audit.record_settings()

    limits = [row.details["MTM_DOWNLOAD_LIMIT"] for row in AuditRecord.objects.filter(action=Action.SETTINGS)]
    assert limits == ["10", "999"]
