"""The way from a request to a mailbox: who asks, what is recorded, what is opened."""

from collections import Counter
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from access import audit
from access.models import Action, Result
from access.readers import Operator, Owner, Reader, reader_of
from access.unlocks import is_unlocked
from access.waking import wake
from snapshots.archive import Mailbox
from snapshots.calendar import Day, DayState
from snapshots.catalogue import FolderCount, Located
from snapshots.configured import archive
from snapshots.errors import MailboxLocked, NotFound, SnapshotError
from snapshots.history import History
from snapshots.types import Account

READING = {Action.LIST, Action.OPEN, Action.SHOW_IMAGES}


def required_reader(request: HttpRequest) -> Reader:
    """Return who is reading. Raises: PermissionDenied when nobody is, which the middleware prevents."""
    reader = reader_of(request)
    if reader is None:
        raise PermissionDenied
    return reader


def open_mailbox(request: HttpRequest, day: date, *, doing: Action, folder: str = "") -> Mailbox:
    """Open the reader's mailbox of one night; the only way for a page to any mail.

    What an operator does is written down before anything comes out: `doing` and the id of the folder here,
    and each message before a byte of it.
    Raises: what `Archive.open_mailbox` raises; AuditUnavailable.
    """
    reader = required_reader(request)
    if isinstance(reader, Operator):
        return _on_record(request, reader, day, doing, folder)
    return open_proved(reader, day)


def open_proved(owner: Owner, day: date) -> Mailbox:
    """Open a night that is proved to be the owner's, or was unlocked for them; for what no reader waits for.

    Raises: what `Archive.open_mailbox` raises.
    """
    try:
        return archive().open_mailbox(owner.account, day, guids=owner.guids)
    except MailboxLocked:
        if not is_unlocked(owner.account, day):
            raise
        return archive().open_mailbox(owner.account, day)


def _on_record(request: HttpRequest, operator: Operator, day: date, doing: Action, folder: str) -> Mailbox:
    is_granted = day == operator.day and (doing in READING or (doing is Action.DOWNLOAD and operator.may_download))
    result = Result.OK if is_granted else Result.REFUSED
    audit.record(request, doing, day=day, objects=[folder] if folder else (), result=result)
    if not is_granted:
        raise NotFound
    mailbox = archive().open_mailbox(operator.account, day)
    opened: set[str] = set()

    def write_down(located: Located) -> None:
        guid = located.entry.guid
        if guid not in opened:
            audit.record(request, Action.OPEN, day=day, objects=[guid], count=1)
            opened.add(guid)

    mailbox.before_source = write_down
    return mailbox


def open_history(request: HttpRequest) -> History | None:
    """Open what is known across the reader's nights; None while there is no index of them.

    A grant is for one night, so it opens none either. An owner's builder is woken where there is something to do.
    Raises: EngineTimeout, EngineUnavailable.
    """
    reader = required_reader(request)
    if isinstance(reader, Operator):
        return None
    history = archive().open_history(reader.account, guids=reader.guids)
    if history is None or history.is_behind():
        wake(reader)
    return history


def ask_for_text(request: HttpRequest) -> None:
    """Let the text of the reader's messages be made searchable, where that is offered.

    Raises: NotFound for an operator, who searches nothing.
    """
    reader = required_reader(request)
    if isinstance(reader, Operator):
        raise NotFound
    archive().ask_for_text(reader.account, guids=reader.guids)
    wake(reader, at_once=True)


def record(request: HttpRequest, action: Action, mailbox: Mailbox, located: Located) -> None:
    """Write down what is about to leave the mailbox. Raises: AuditUnavailable, and then it must not leave."""
    audit.record(request, action, day=mailbox.night.day, objects=[located.entry.guid], count=1)


def offered_days(account: Account) -> list[Day]:
    """Return the days of an account for the console. Raises: EngineTimeout, EngineUnavailable."""
    return archive().days(account)


def inbox_guids(account: Account) -> dict[date, str | None]:
    """Return, for each night that holds the account's mailbox, the INBOX's GUID: whose it is, not what is in it."""
    return archive().inbox_guids(account)


def folder_counts(account: Account, day: date) -> list[FolderCount]:
    """Return a night's folders and how many messages each holds, for the console; what they hold takes a grant."""
    with archive().open_mailbox(account, day) as mailbox:
        return mailbox.catalogue.folders()


def today() -> date:
    """Return the service's date."""
    return archive().today()


def days_of(request: HttpRequest) -> list[Day]:
    """Return the days offered to the reader, oldest first; a grant offers one.

    Raises: EngineTimeout, EngineUnavailable.
    """
    return _offered(required_reader(request))


def _offered(reader: Reader) -> list[Day]:
    days = archive().days(reader.account)
    return [each for each in days if each.day == reader.day] if isinstance(reader, Operator) else days


def days_if_known(request: HttpRequest) -> list[Day]:
    """Return the days offered to the reader, for a page that must appear even when the storage is silent."""
    reader = reader_of(request)
    if reader is None:
        return []
    try:
        return _offered(reader)
    except SnapshotError:
        return []


def platform_days() -> list[Day]:
    """Return the days as they can be told before a login; all unknown ones count as available then."""
    try:
        return archive().days()
    except SnapshotError:
        return []


def days_by_state() -> tuple[Counter[DayState], datetime | None]:
    """Return how many of the platform's offered days are in each state, and when the newest night was taken.

    None where only an account's own directory could tell. Raises: EngineTimeout, EngineUnavailable.
    """
    days = archive().days()
    taken = [night.taken_at for day in days for night in day.nights]
    return Counter(day.state for day in days), max(taken, default=None)


def newest_day(days: list[Day]) -> date | None:
    """Return the newest day that has a snapshot."""
    return next((day.day for day in reversed(days) if day.state is DayState.AVAILABLE), None)
