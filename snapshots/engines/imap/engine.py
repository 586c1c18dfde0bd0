"""The imap engine: which nights there are, and a mailbox of one of them over IMAP."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from snapshots.calendar import Calendar
from snapshots.engines.imap.idle import IdleSessions
from snapshots.engines.imap.listing import ListingCache
from snapshots.engines.imap.reader import ImapReader
from snapshots.engines.imap.server import SnapshotServer
from snapshots.engines.nights import nights_of
from snapshots.engines.volumes import Volume, utc_now
from snapshots.errors import MailboxNotFound, SnapshotGone
from snapshots.types import Account, Night, Role

NIGHTS_SECONDS = 60.0
NOBODY = Account("no-such-mailbox", "night.invalid")


class ImapEngine:
    """Reads mailboxes that a server gives by night (the contract: `snapshots.engines.base.Engine`).

    Where snapshots are mounted here too, `volumes` say which nights there are; else the server is asked for today and
    each of the `days` before, and its answers are believed for a minute.
    """

    def __init__(
        self,
        server: SnapshotServer,
        calendar: Calendar,
        *,
        days: int,
        volumes: Sequence[Volume] = (),
        roles: Mapping[str, Role] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._server = server
        self._calendar = calendar
        self._days = days
        self._volumes = list(volumes)
        self._roles = roles or {}
        self._clock = clock
        self._listings = ListingCache()
        self._idle = IdleSessions()
        self._lock = threading.Lock()
        self._nights: list[Night] = []
        self._believed_until = 0.0

    def nights(self, account: Account | None) -> list[Night]:
        if self._volumes:
            return nights_of(self._volumes, account)
        with self._lock:
            if time.monotonic() < self._believed_until:
                return self._nights
        today = self._calendar.today(self._clock())
        days = [today - timedelta(days=back) for back in range(self._days, -1, -1)]
        with ThreadPoolExecutor(len(days)) as logins:
            there = list(logins.map(self._has, days))
        nights = [self._night(day) for day, is_there in zip(days, there, strict=True) if is_there]
        with self._lock:
            self._nights, self._believed_until = nights, time.monotonic() + NIGHTS_SECONDS
        return nights

    def open(self, account: Account, night: Night) -> ImapReader:
        return ImapReader(
            lambda: self._server.open(account, night.day),
            self._idle,
            account=account,
            night=night,
            roles=self._roles,
            listings=self._listings,
        )

    def _has(self, day: date) -> bool:
        """Say whether the server has a night, by asking for a mailbox that nobody has."""
        try:
            self._server.open(NOBODY, day).close()
        except SnapshotGone:
            return False
        except MailboxNotFound:
            return True
        return True

    def _night(self, day: date) -> Night:
        """Return a night of which the server tells no more than that it is there."""
        return Night(day, self._calendar.midnight(day).astimezone(UTC), day.isoformat())
