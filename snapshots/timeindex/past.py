"""The history of one account from its index: what spans nights, asked in one place."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from snapshots.calendar import Day, DayState
from snapshots.catalogue import FateKind
from snapshots.closing import Closing
from snapshots.errors import EngineUnavailable, SnapshotNotFound
from snapshots.history import (
    Against,
    Gone,
    Hits,
    NightState,
    NightSummary,
    Progress,
    Reference,
    SearchQuery,
    Stage,
    Story,
)
from snapshots.timeindex import fates
from snapshots.timeindex.folders import all_folders, folders_on
from snapshots.timeindex.gone import gone, is_pop3_pattern
from snapshots.timeindex.nights import all_days, counted_days
from snapshots.timeindex.packing import microseconds, moment_of
from snapshots.timeindex.schema import NOW
from snapshots.timeindex.search import search
from snapshots.timeindex.steady import note_failure
from snapshots.timeindex.store import DAMAGE, IndexFile
from snapshots.timeindex.story import story
from snapshots.types import Folder, FolderState

T = TypeVar("T")


class IndexHistory(Closing):
    """Answers from one index (the contract: `snapshots.history.History`).

    An index that turns out damaged answers no more: EngineUnavailable, and it is built anew.
    """

    def __init__(
        self,
        file: IndexFile,
        database: sqlite3.Connection,
        offered: Sequence[Day],
        *,
        offered_days: int,
        offers_text: bool,
        now_from: datetime | None = None,
    ) -> None:
        """`now_from` is since when the live mailbox must have been looked at; None where that is not asked for."""
        self._file = file
        self._database = database
        self._offered = offered
        self._offered_days = offered_days
        self._has_text = offers_text and file.text_wanted.exists()
        self._now_from = now_from

    def progress(self) -> Progress:
        return self._ask(self._progress)

    def is_behind(self) -> bool:
        try:
            return self._ask(self._is_behind)
        except EngineUnavailable:
            return True

    def reference(self) -> Reference | None:
        return self._ask(self._reference)

    def nights(self) -> list[NightSummary]:
        return self._ask(lambda: [self._summary(day) for day in self._offered])

    def folders(self) -> list[Folder]:
        return self._ask(lambda: all_folders(self._database))

    def gone_counts(self) -> Mapping[date, int]:
        counted = "SELECT day, gone FROM night WHERE gone IS NOT NULL AND day < ?"
        return self._ask(
            lambda: {date.fromordinal(day): count for day, count in self._database.execute(counted, (NOW,))}
        )

    def is_pop3_pattern(self) -> bool:
        return self._ask(lambda: is_pop3_pattern(self._database))

    def gone(self, day: date, against: Against = None, *, kind: FateKind | None = None) -> Gone:
        return self._ask(lambda: gone(self._database, self._known(day), *self._compared(day, against), kind=kind))

    def search(self, query: SearchQuery, number: int = 1) -> Hits:
        return self._ask(lambda: search(self._database, query, number, fates.reference(self._database)))

    def story(self, message_id: str, folder: Folder | None = None) -> Story:
        return self._ask(
            lambda: story(self._database, self._offered, message_id, folder, fates.reference(self._database))
        )

    def close(self) -> None:
        self._database.close()

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except DAMAGE as error:
            note_failure(self._file, error)
            raise EngineUnavailable("The time index cannot be read; it is built anew") from error

    def _progress(self) -> Progress:
        days = counted_days(self._database)
        total = self._database.execute("SELECT count(*) FROM message").fetchone()[0]
        left = self._database.execute("SELECT count(*) FROM message WHERE head = 0").fetchone()[0]
        is_read = not left and fates.has_index(self._database, "by_sender")
        stage = Stage.NAMES if self._is_naming(days) else Stage.READY if is_read else Stage.HEADS
        known = [date.fromordinal(day) for day in days]
        if not self._has_text:
            return Progress(stage, total - left, total, known)
        text_done = self._database.execute("SELECT count(*) FROM text_read").fetchone()[0]
        return Progress(stage, total - left, total, known, text_done, total)

    def _is_behind(self) -> bool:
        offered = {day.day.toordinal() for day in self._offered if day.nights}
        if self._is_naming(counted_days(self._database)) or not offered.issuperset(all_days(self._database)):
            return True
        has_pending = self._database.execute("SELECT 1 FROM message WHERE head = 0 LIMIT 1").fetchone()
        if has_pending or not fates.has_index(self._database, "by_sender") or self._lacks_text():
            return True
        looked_at = self._database.execute("SELECT taken_at FROM night WHERE day = ?", (NOW,)).fetchone()
        return self._now_from is not None and (not looked_at or looked_at[0] < microseconds(self._now_from))

    def _lacks_text(self) -> bool:
        """Whether text was asked for and is not read yet."""
        unread = "SELECT 1 FROM message WHERE id NOT IN (SELECT message FROM text_read) LIMIT 1"
        return self._has_text and self._database.execute(unread).fetchone() is not None

    def _is_naming(self, days: Sequence[int]) -> bool:
        """Whether there are offered nights whose names are still to be read."""
        closed = {day for (day,) in self._database.execute("SELECT day FROM night WHERE state IN ('absent', 'locked')")}
        return any(day.nights and day.day.toordinal() not in closed.union(days) for day in self._offered)

    def _reference(self) -> Reference | None:
        until = fates.reference(self._database)
        return None if until is None else self._as_reference(until)

    def _as_reference(self, until: int) -> Reference:
        if until < NOW:
            return Reference(day=date.fromordinal(until))
        taken_at = self._database.execute("SELECT taken_at FROM night WHERE day = ?", (NOW,)).fetchone()[0]
        return Reference(moment=moment_of(taken_at))

    def _known(self, day: date) -> int:
        if day.toordinal() not in counted_days(self._database):
            raise SnapshotNotFound(day=day)
        return day.toordinal()

    def _compared(self, day: date, against: Against) -> tuple[int, Reference]:
        if isinstance(against, date):
            until: int | None = self._known(against)
        else:
            until = fates.reference(self._database)
        if until is None or (against == "now" and until != NOW):
            raise SnapshotNotFound(day=day)
        return until, self._as_reference(until)

    def _summary(self, day: Day) -> NightSummary:
        last_offered = day.day + timedelta(days=self._offered_days)
        if not day.nights:
            absent = NightState.MISSING if day.state is DayState.MISSING else NightState.PENDING
            return NightSummary(day.day, absent, last_offered)
        found = self._database.execute(
            "SELECT state, messages, size_bytes, added, removed FROM night WHERE day = ?", (day.day.toordinal(),)
        ).fetchone()
        state, *counts = found or (NightState.PENDING, None, None, None, None)
        if state in (NightState.LISTED, NightState.PARTLY) and counts[0] is None:
            state = NightState.PENDING
        folders = folders_on(self._database, day.day.toordinal()).values()
        unreadable = [folder for folder in folders if folder.state is FolderState.UNREADABLE]
        messages, size_bytes, added, removed = counts
        return NightSummary(
            day.day,
            NightState(state),
            last_offered,
            taken_at=day.nights[0].taken_at,
            messages=messages,
            size_bytes=size_bytes,
            added=added,
            removed=removed,
            unreadable=unreadable,
        )


def open_history(
    file: IndexFile,
    offered: Sequence[Day],
    *,
    offered_days: int,
    offers_text: bool,
    now_from: datetime | None = None,
) -> IndexHistory | None:
    """Open an index's history over the offered days; None where there is none that can be read."""
    database = file.open_to_read()
    if database is None:
        return None
    return IndexHistory(file, database, offered, offered_days=offered_days, offers_text=offers_text, now_from=now_from)
