"""The way from a request to a mailbox: who asks, what is recorded, what is opened."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from access import audit
from access.models import Action
from access.readers import Reader, reader_of
from access.waking import wake
from snapshots.archive import Mailbox
from snapshots.calendar import Day, DayState
from snapshots.catalogue import Located
from snapshots.configured import archive
from snapshots.errors import SnapshotError
from snapshots.history import History


def required_reader(request: HttpRequest) -> Reader:
    """Return who is reading. Raises: PermissionDenied when nobody is, which the middleware prevents."""
    reader = reader_of(request)
    if reader is None:
        raise PermissionDenied
    return reader


def open_mailbox(request: HttpRequest, day: date) -> Mailbox:
    """Open the reader's mailbox of one night; the only way for a page to any mail.

    Raises: what `Archive.open_mailbox` raises.
    """
    reader = required_reader(request)
    return archive().open_mailbox(reader.account, day, guids=reader.guids)


def open_history(request: HttpRequest) -> History | None:
    """Open what is known across the reader's nights; None while there is no index of them.

    Its builder is woken where there is something to do. Raises: EngineTimeout, EngineUnavailable.
    """
    reader = required_reader(request)
    history = archive().open_history(reader.account, guids=reader.guids)
    if history is None or history.is_behind():
        wake(reader)
    return history


def record(request: HttpRequest, action: Action, mailbox: Mailbox, located: Located) -> None:
    """Write down what is about to leave the mailbox. Raises: AuditUnavailable, and then it must not leave."""
    audit.record(request, action, day=mailbox.night.day, objects=[located.entry.guid], count=1)


def today() -> date:
    """Return the service's date."""
    return archive().today()


def days_of(request: HttpRequest) -> list[Day]:
    """Return the days offered to the reader, oldest first. Raises: EngineTimeout, EngineUnavailable."""
    return archive().days(required_reader(request).account)


def days_if_known(request: HttpRequest) -> list[Day]:
    """Return the days offered to the reader, for a page that must appear even when the storage is silent."""
    reader = reader_of(request)
    if reader is None:
        return []
    try:
        return archive().days(reader.account)
    except SnapshotError:
        return []


def platform_days() -> list[Day]:
    """Return the days as they can be told before a login; all unknown ones count as available then."""
    try:
        return archive().days()
    except SnapshotError:
        return []


def newest_day(days: list[Day]) -> date | None:
    """Return the newest day that has a snapshot."""
    return next((day.day for day in reversed(days) if day.state is DayState.AVAILABLE), None)
