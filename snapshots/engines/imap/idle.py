"""Sessions between two requests, so that who turns pages is not logged in anew for each of them."""

import threading
import time
from collections.abc import Iterable
from datetime import date

from snapshots.imap import ReadingSession
from snapshots.types import Account

LIFETIME_SECONDS = 60.0
"""How long after its login a session is used: as long as which nights there are is believed."""

MOST = 32
Key = tuple[str, date]


class IdleSessions:
    """Keeps sessions that nobody uses for a while; one is taken only for the mailbox and night it was opened for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[Key, ReadingSession]] = []
        self._sweeper: threading.Timer | None = None

    def take(self, account: Account, day: date) -> ReadingSession | None:
        """Return a session of that mailbox and night, the caller's from now on; None where there is none."""
        key = (account.address, day)
        with self._lock:
            found = next((each for each in self._idle if each[0] == key and self._is_fresh(each[1])), None)
            if found:
                self._idle.remove(found)
        return found[1] if found else None

    def keep(self, account: Account, day: date, session: ReadingSession) -> None:
        """Take a session over from who used it; one that is over, old or too many is closed."""
        with self._lock:
            self._idle.append(((account.address, day), session))
            dropped = self._dropped()
            self._sweep_later()
        _close(dropped)

    def _sweep(self) -> None:
        with self._lock:
            self._sweeper = None
            dropped = self._dropped()
            self._sweep_later()
        _close(dropped)

    def _sweep_later(self) -> None:
        """See to it that what nobody takes is closed: an open session keeps a mount from being let go."""
        if self._idle and not self._sweeper:
            self._sweeper = threading.Timer(LIFETIME_SECONDS, self._sweep)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _dropped(self) -> list[ReadingSession]:
        kept = [each for each in self._idle if self._is_fresh(each[1])][-MOST:]
        dropped = [session for each, session in self._idle if (each, session) not in kept]
        self._idle = kept
        return dropped

    def _is_fresh(self, session: ReadingSession) -> bool:
        return not session.is_over and time.monotonic() - session.began_at < LIFETIME_SECONDS


def _close(sessions: Iterable[ReadingSession]) -> None:
    for session in sessions:
        session.close()
