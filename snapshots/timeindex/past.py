"""The history of one account from its index: what spans nights, asked in one place."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

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
from snapshots.timeindex.folders import all_folders, unreadable_folders
from snapshots.timeindex.gone import gone, is_pop3_pattern
from snapshots.timeindex.nights import all_days, counted_days
from snapshots.timeindex.packing import microseconds, moment_of
from snapshots.timeindex.schema import NOW
from snapshots.timeindex.search import search
from snapshots.timeindex.steady import note_failure
from snapshots.timeindex.store import DAMAGE, IndexFile
from snapshots.timeindex.story import story
from snapshots.types import Folder

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

    def stage(self) -> Stage:
        return self._ask(self._stage)

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
        return self._ask(self._nights)

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

    def _stage(self) -> Stage:
        if self._is_naming():
            return Stage.NAMES
        return Stage.HEADS if self._lacks_heads() else Stage.READY

    def _progress(self) -> Progress:
        total = self._database.execute("SELECT count(*) FROM message").fetchone()[0]
        left = self._database.execute("SELECT count(*) FROM message WHERE head = 0").fetchone()[0]
        stage = self._stage()
        known = [date.fromordinal(day) for day in counted_days(self._database)]
        if not self._has_text:
            return Progress(stage, total - left, total, known)
        text_done = self._database.execute("SELECT count(*) FROM text_read").fetchone()[0]
        return Progress(stage, total - left, total, known, text_done, total)

    def _is_behind(self) -> bool:
        offered = {day.day.toordinal() for day in self._offered if day.nights}
        if self._stage() is not Stage.READY or not offered.issuperset(all_days(self._database)) or self._lacks_text():
            return True
        looked_at = self._database.execute("SELECT taken_at FROM night WHERE day = ?", (NOW,)).fetchone()
        return self._now_from is not None and (not looked_at or looked_at[0] < microseconds(self._now_from))

    def _lacks_heads(self) -> bool:
        """Whether heads of messages are still to be read, or to be put in order."""
        unread = self._database.execute("SELECT 1 FROM message WHERE head = 0 LIMIT 1").fetchone()
        return unread is not None or not fates.has_index(self._database, "by_sender")

    def _lacks_text(self) -> bool:
        """Whether text was asked for and is not read yet."""
        unread = "SELECT 1 FROM message WHERE id NOT IN (SELECT message FROM text_read) LIMIT 1"
        return self._has_text and self._database.execute(unread).fetchone() is not None

    def _is_naming(self) -> bool:
        """Whether there are offered nights whose names are still to be read."""
        done = "SELECT day FROM night WHERE messages IS NOT NULL OR state IN ('absent', 'locked')"
        known = {day for (day,) in self._database.execute(done)}
        return any(day.nights and day.day.toordinal() not in known for day in self._offered)

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

    def _nights(self) -> list[NightSummary]:
        counted = "SELECT day, state, messages, size_bytes, added, removed FROM night WHERE day < ?"
        counts = {day: values for day, *values in self._database.execute(counted, (NOW,))}
        unreadable = unreadable_folders(self._database)
        pending = (NightState.PENDING, None, None, None, None)
        return [
            self._summary(day, counts.get(day.day.toordinal(), pending), unreadable.get(day.day.toordinal(), ()))
            for day in self._offered
        ]

    def _summary(self, day: Day, found: Sequence[Any], unreadable: Sequence[Folder]) -> NightSummary:
        last_offered = day.day + timedelta(days=self._offered_days)
        if not day.nights:
            absent = NightState.MISSING if day.state is DayState.MISSING else NightState.PENDING
            return NightSummary(day.day, absent, last_offered)
        state, messages, size_bytes, added, removed = found
        if state in (NightState.LISTED, NightState.PARTLY) and messages is None:
            state = NightState.PENDING
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
