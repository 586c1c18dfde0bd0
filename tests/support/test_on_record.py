"""Nothing comes out for an operator that was not written down before."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.db import OperationalError, connection

from access import audit
from access.audit import object_digest
from access.models import Action, AuditRecord
from snapshots.archive import Archive
from snapshots.engines.maildir.reader import MaildirReader
from tests.access.conftest import flushable_audit
from tests.crawl import visit
from tests.routes import closed_routes
from tests.webmail.conftest import DAY, ids_of

pytestmark = pytest.mark.database

__all__ = ["flushable_audit"]

NO_MAIL = {"webmail:newest", "webmail:stay", "webmail:accesses", "webmail:accesses_csv"}
OVER_ALL_NIGHTS = {"webmail:search", "webmail:ask_for_text", "webmail:gone", "webmail:progress"}
OWNERS_OWN = "restores:"


@pytest.fixture
def own(with_grant):
    return ids_of(with_grant)


def content_visits(client, own):
    """Open every URL that shows or gives mail."""
    others = NO_MAIL | OVER_ALL_NIGHTS
    routes = [each for each in closed_routes() if each.name not in others and not each.name.startswith(OWNERS_OWN)]
    form = {"message": own.message, "format": "mbox"}
    return [visit(client, each.name, each.url(own.values), form) for each in routes]


def test_every_night_opened_and_every_byte_read_has_its_row_before_it(with_grant, own, monkeypatch):
    rows_before, unwritten = [AuditRecord.objects.count()], []
    open_night, open_source = Archive.open_mailbox, MaildirReader.open_source

    def night(self, *arguments, **options):
        rows_before.append(AuditRecord.objects.count())
        return open_night(self, *arguments, **options)

    def source(self, folder, entry):
        digest = object_digest(entry.guid)
        if not any(digest in row.object_digests for row in AuditRecord.objects.filter(action=Action.OPEN)):
            unwritten.append(entry.guid)
        return open_source(self, folder, entry)

    monkeypatch.setattr(Archive, "open_mailbox", night)
    monkeypatch.setattr(MaildirReader, "open_source", source)
    answers = content_visits(with_grant, own)

    assert {answer.status for answer in answers} == {200}
    assert len(rows_before) == len(answers) + 1
    assert rows_before == sorted(set(rows_before))
    assert unwritten == []


def test_rows_tell_the_act_the_night_the_folder_and_the_message(with_grant, own):
    first = AuditRecord.objects.count()

    with_grant.get(f"/{DAY}/{own.folder}/{own.message}/")

    rows = AuditRecord.objects.filter(seq__gt=first).order_by("seq")
    assert [row.action for row in rows] == [Action.LIST, Action.OPEN]
    assert rows[0].object_digests == [object_digest(own.folder)]
    assert {(row.actor, row.role, row.account, row.day) for row in rows} == {
        ("bob", "operator", "alice@example.com", DAY)
    }
    assert {row.details["grant"] for row in rows} == {str(with_grant.session["grant"])}


def test_nothing_a_sender_wrote_is_kept(with_grant, own):
    content_visits(with_grant, own)

    kept = str(list(AuditRecord.objects.values()))
    assert "Contratto" not in kept
    assert "contratto.pdf" not in kept
    assert "Clienti" not in kept


def test_owner_opening_a_message_is_not_recorded(reader, two_mailboxes):
    own = ids_of(reader)
    before = AuditRecord.objects.count()

    reader.get(f"/{DAY}/{own.folder}/{own.message}/")

    assert AuditRecord.objects.count() == before


def test_row_that_cannot_be_written_stops_every_byte(with_grant, own, monkeypatch):
    def full(*arguments, **options):
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(AuditRecord, "save", full)

    answers = content_visits(with_grant, own)

    assert {answer.status for answer in answers} == {503}
    assert all(b"Contratto" not in answer.content for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_full_disk_stops_every_byte(flushable_audit, with_grant, own):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite lets a test say when its disk is full")

    with full_disk():
        answers = content_visits(with_grant, own)

    assert {answer.status for answer in answers} == {503}
    assert all(b"Contratto" not in answer.content for answer in answers)


@contextmanager
def full_disk() -> Iterator[None]:
    """Let the database's file grow no more, and fill what is left of it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1")
        with suppress(audit.AuditUnavailable):
            while True:
                audit.record(None, Action.AUDIT_READ)
        yield
        cursor.execute("PRAGMA max_page_count = 1073741823")
