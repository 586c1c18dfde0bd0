"""Where snapshots lie: volumes that are found again, dated and opened on every request.

A volume is one line of `MTM_SNAPSHOT_PATH`. Its snapshots' directory (`.snapshot` on a filer) is opened by
name and listed, never searched for. A night is opened by the name it has now, and a name that rotates is
dated once more through the descriptor just opened, so that a rotation in between cannot show another night.
"""

import errno
import os
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from math import inf
from typing import Generic, TypeVar

from snapshots.accounts import PathTemplate
from snapshots.calendar import Calendar
from snapshots.engines.beneath import (
    NOT_THERE,
    WANT,
    HeldDirectory,
    descending,
    open_directory,
    open_root,
    read_file,
)
from snapshots.engines.deadline import Guard
from snapshots.errors import EngineUnavailable, MailboxNotFound, SnapshotError, SnapshotGone
from snapshots.types import Account, Night

NIGHTS_CACHE_SECONDS = 2.0
HOLDING_CACHE_SECONDS = 30.0
"""A night does not change, but where snapshots are copies it may still be growing."""

BEFORE_LOGIN_SECONDS = 0.4
STAMP_BYTES = 64
CACHE_ENTRIES = 4096

Clock = Callable[[], datetime]
T = TypeVar("T")


def utc_now() -> datetime:
    return datetime.now(UTC)


class _Recent(Generic[T]):
    """Keeps for a while what was read: one page asks several times, and its parts right after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Hashable, tuple[float, T]] = {}

    def get(self, key: Hashable, *, newer_than_seconds: float) -> T | None:
        read_at, value = self._kept.get(key, (-inf, None))
        return value if time.monotonic() - read_at < newer_than_seconds else None

    def keep(self, key: Hashable, value: T) -> None:
        with self._lock:
            if len(self._kept) >= CACHE_ENTRIES:
                self._kept.clear()
            self._kept[key] = (time.monotonic(), value)

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()


class Volume:
    """One place that keeps snapshots, with the guard of its mount."""

    def __init__(
        self,
        template: PathTemplate,
        calendar: Calendar,
        guard: Guard,
        *,
        number: int = 0,
        stamp: str = "",
        clock: Clock = utc_now,
    ) -> None:
        self.template = template
        self.guard = guard
        self._calendar = calendar
        self._number = number
        self._stamp = stamp
        self._clock = clock
        self._lock = threading.Lock()
        self._nights: _Recent[list[Night]] = _Recent()
        self._holding: _Recent[list[Night]] = _Recent()
        self._held: set[Account] = set()

    @property
    def is_shared(self) -> bool:
        """Whether all accounts' snapshots lie in one directory, so that nights are known before a login."""
        return not self.template.before

    def has_held(self, account: Account) -> bool:
        """Say whether a mailbox of the account was here the last time this volume could be asked."""
        return account in self._held

    def nights(self, account: Account | None, *, within_seconds: float | None = None) -> list[Night]:
        """Return the nights of this volume, oldest first, at most NIGHTS_CACHE_SECONDS old.

        Before a login, without an account, they are a courtesy: the page must not wait for them.
        `within_seconds`: for how long the caller can wait, if not for the deadline.
        Raises: EngineTimeout, EngineUnavailable.
        """
        before = self.template.before_snapshot(account) if account else ()
        nights = self._nights.get(before, newer_than_seconds=NIGHTS_CACHE_SECONDS)
        if nights is None:
            if account is None:
                within_seconds = BEFORE_LOGIN_SECONDS
            nights = self.guard.call(lambda: self._read_nights(before), within_seconds=within_seconds)
            self._nights.keep(before, nights)
        return nights

    def holding(self, account: Account, nights: Sequence[Night], *, within_seconds: float | None = None) -> list[Night]:
        """Return those of the nights on which this volume has a mailbox of the account.

        What it says is at most HOLDING_CACHE_SECONDS old.
        """
        key = (account, *nights)
        held = self._holding.get(key, newer_than_seconds=HOLDING_CACHE_SECONDS)
        if held is None:
            held = self.guard.call(
                lambda: [night for night in nights if self._holds(account, night)], within_seconds=within_seconds
            )
            self._holding.keep(key, held)
            self._note_held(account, bool(held))
        return held

    def _note_held(self, account: Account, is_held: bool) -> None:
        with self._lock:
            if len(self._held) >= CACHE_ENTRIES:
                self._held.clear()
            (self._held.add if is_held else self._held.discard)(account)

    def _holds(self, account: Account, night: Night) -> bool:
        try:
            self.open_mailbox(account, night).close()
        except (MailboxNotFound, SnapshotGone):
            return False
        return True

    def open_mailbox(self, account: Account, night: Night) -> HeldDirectory:
        """Open the account's directory in that night, the caller's to close.

        To be called inside the guard. Raises: MailboxNotFound, SnapshotGone, EngineUnavailable.
        """
        try:
            with self._snapshots(self.template.before_snapshot(account)) as directory:
                snapshot = self._open_snapshot(directory, night)
        except OSError as error:
            raise translate(error, SnapshotGone(account=account.address, day=night.day)) from error
        try:
            with descending(snapshot, self.template.after_snapshot(account)) as mailbox:
                return HeldDirectory(os.dup(mailbox))
        except OSError as error:
            raise translate(error, MailboxNotFound(account=account.address, day=night.day)) from error
        finally:
            os.close(snapshot)

    def _open_snapshot(self, directory: int, night: Night) -> int:
        snapshot = open_directory(directory, night.name, follow=self.is_shared)
        if not self._calendar.rotates(night.name):
            return snapshot
        try:
            taken_at = self._calendar.taken_at(night.name, self._clock(), lambda _: self._read_stamp(snapshot))
            if taken_at is None or self._calendar.day(taken_at) != night.day:
                self._forget()
                raise SnapshotGone(day=night.day)
        except BaseException:
            os.close(snapshot)
            raise
        return snapshot

    def _forget(self) -> None:
        """Let the names be read anew: they do not mean what they meant."""
        self._nights.forget()
        self._holding.forget()

    @contextmanager
    def _snapshots(self, before: tuple[str, ...]) -> Iterator[int]:
        """Open the directory that holds the snapshots. Raises: OSError; EngineUnavailable without the mount."""
        try:
            root = open_root(self.template.root)
        except OSError as error:
            raise EngineUnavailable(f"{self.template.root} is not there") from error
        try:
            with descending(root, before) as directory:
                yield directory
        finally:
            os.close(root)

    def _read_nights(self, before: tuple[str, ...]) -> list[Night]:
        try:
            with self._snapshots(before) as directory:
                names = os.listdir(directory)
                return self._calendar.nights(
                    names, self._clock(), lambda name: self._stamp_of(directory, name), volume=self._number
                )
        except OSError as error:
            if before and error.errno in NOT_THERE:
                return []
            raise EngineUnavailable("The snapshots' directory could not be read") from error

    def _stamp_of(self, directory: int, name: str) -> datetime | None:
        try:
            snapshot = open_directory(directory, name, follow=self.is_shared)
        except OSError as error:
            if error.errno in WANT:
                raise
            return None
        try:
            return self._read_stamp(snapshot)
        finally:
            os.close(snapshot)

    def _read_stamp(self, snapshot: int) -> datetime | None:
        if not self._stamp:
            return None
        text = read_file(snapshot, self._stamp, limit_bytes=STAMP_BYTES).decode("ascii", "replace").strip()
        try:
            stamp = datetime.fromisoformat(text)
        except ValueError:
            return None
        return stamp.astimezone(UTC) if stamp.tzinfo else None


def translate(error: OSError, not_there: SnapshotError) -> SnapshotError:
    """Return our error for a file system's, by number: ESTALE is what an expired snapshot answers over NFS."""
    if error.errno in NOT_THERE:
        return not_there
    kind = SnapshotGone if error.errno == errno.ESTALE else EngineUnavailable
    return kind(account=not_there.account, day=not_there.day, folder=not_there.folder, guid=not_there.guid)
