"""Whose mailbox a night's is: a correct password proves only who one is today."""

import logging
import time
from datetime import date
from typing import Protocol

from snapshots.errors import SnapshotError
from snapshots.types import Account

logger = logging.getLogger("access.evidence")

ALL_NIGHTS_SECONDS = 3.0


class Live(Protocol):
    """What is asked of the live mailbox: `snapshots.imap.LiveMailbox`."""

    def inbox_guid(self) -> str | None: ...

    def shares_guids(self, candidates: list[str], *, timeout_seconds: float) -> bool: ...


class Nights(Protocol):
    """What is asked of the archive."""

    def inbox_guids(self, account: Account) -> dict[date, str | None]: ...

    def sample_guids(self, account: Account, day: date) -> list[str]: ...


def proved_guids(live: Live, nights: Nights, account: Account) -> frozenset[str] | None:
    """Return the INBOX GUIDs proved to be this person's mailbox; None where the live server knows none.

    The live one, unless the server withholds it, and those of nights that share a message with the live
    mailbox: a repaired index changes the GUID of a mailbox whose messages stay. A night that cannot be read
    proves nothing and stays locked.
    Raises: ServerUnreachable.
    """
    guid = live.inbox_guid()
    if guid is None:
        return None
    proved = {guid} if guid else set()
    gives_up_at = time.monotonic() + ALL_NIGHTS_SECONDS
    for other, day in _newest_day_of_each(nights, account).items():
        left_seconds = gives_up_at - time.monotonic()
        if other in proved or left_seconds <= 0:
            continue
        if live.shares_guids(_sample(nights, account, day), timeout_seconds=left_seconds):
            proved.add(other)
    return frozenset(proved)


def _newest_day_of_each(nights: Nights, account: Account) -> dict[str, date]:
    try:
        found = nights.inbox_guids(account)
    except SnapshotError as error:
        logger.warning("nights could not be compared at login: %s", type(error).__name__)
        return {}
    return {guid: day for day, guid in sorted(found.items()) if guid is not None}


def _sample(nights: Nights, account: Account, day: date) -> list[str]:
    try:
        return nights.sample_guids(account, day)
    except SnapshotError as error:
        logger.warning("a night could not be compared at login: %s", type(error).__name__)
        return []
