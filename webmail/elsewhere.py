"""What is not in this night but in another of the same mailbox: a folder, a message.

Changing the day keeps what is open where it exists, and says so where it does not. What is in none of
the nights does not exist: the error stands.
"""

from collections.abc import Iterator
from datetime import date

from django.http import HttpRequest
from django.utils.translation import gettext

from access.mailboxes import days_of, open_mailbox
from access.models import Action
from snapshots.archive import Mailbox
from snapshots.calendar import DayState
from snapshots.errors import FolderNotFound, MessageNotFound, SnapshotError
from snapshots.types import Folder, Role
from webmail import wording


def folder_or_inbox(request: HttpRequest, mailbox: Mailbox, folder_id: str) -> tuple[Folder, str]:
    """Return the folder; where only other nights have it, the INBOX and a sentence that says so.

    Raises: FolderNotFound.
    """
    try:
        return mailbox.catalogue.folder(folder_id), ""
    except FolderNotFound:
        found = next(_folders_elsewhere(request, mailbox, folder_id), None)
        if found is None or found.role is Role.INBOX:
            raise
    words = {"day": wording.long_day(mailbox.night.day), "folder": wording.folder_name(found)}
    notice = gettext("On %(day)s the folder “%(folder)s” was not there. Here is your Inbox.") % words
    return mailbox.catalogue.folder(Role.INBOX), notice


def _folders_elsewhere(request: HttpRequest, mailbox: Mailbox, folder_id: str) -> Iterator[Folder]:
    for other in _other_nights(request, mailbox.night.day):
        try:
            yield other.catalogue.folder(folder_id)
        except FolderNotFound:
            continue


def folders_elsewhere(request: HttpRequest, mailbox: Mailbox) -> dict[Folder, list[date]]:
    """Return the folders beyond the defaults that only other nights hold, by name, with the days of these."""
    here = {folder.id for folder in mailbox.folders()}
    days: dict[str, list[date]] = {}
    found: dict[str, Folder] = {}
    for other in _other_nights(request, mailbox.night.day):
        for folder in other.folders():
            if not folder.role and folder.id not in here:
                found.setdefault(folder.id, folder)
                days.setdefault(folder.id, []).append(other.night.day)
    return {folder: days[folder.id] for folder in sorted(found.values(), key=lambda each: each.levels)}


def day_that_holds(request: HttpRequest, mailbox: Mailbox, message_id: str) -> date:
    """Return the nearest other day whose night holds the message. Raises: MessageNotFound."""
    for other in _other_nights(request, mailbox.night.day):
        try:
            other.catalogue.find(message_id)
        except MessageNotFound:
            continue
        return other.night.day
    raise MessageNotFound(day=mailbox.night.day)


def _other_nights(request: HttpRequest, day: date) -> Iterator[Mailbox]:
    """Yield the reader's other nights, the nearest first; one that cannot be opened is passed over."""
    days = [each.day for each in days_of(request) if each.state is DayState.AVAILABLE and each.day != day]
    for other in sorted(days, key=lambda each: abs((each - day).days)):
        try:
            mailbox = open_mailbox(request, other, doing=Action.LIST)
        except SnapshotError:
            continue
        with mailbox:
            yield mailbox
