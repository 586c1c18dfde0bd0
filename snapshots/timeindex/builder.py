"""Builds an index in slices: names of all nights, then heads, then texts on request, newest first.

A killed builder leaves nothing stuck: where it stands is in the file itself, and who may write it is a lock, so a
slice begins wherever the last one ended.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Protocol

from snapshots.calendar import Day
from snapshots.engines.base import MailboxReader
from snapshots.errors import EngineError, MailboxLocked, MailboxNotFound, NotFound, SnapshotError, SnapshotGone
from snapshots.history import NightState
from snapshots.now import Now
from snapshots.timeindex import fates, nights, now
from snapshots.timeindex.folders import folders_on
from snapshots.timeindex.heads import Heads, give_keys_to_new
from snapshots.timeindex.names import Names, listed, write_night
from snapshots.timeindex.packing import microseconds
from snapshots.timeindex.schema import NOW, OF_HEADS, OF_NAMES
from snapshots.timeindex.store import DAMAGE, IndexFile, Writer, is_damage
from snapshots.timeindex.texts import Texts
from snapshots.types import Account, FolderState, Night

SLICE_SECONDS = 10.0


class Source(Protocol):
    """What a builder asks: the front door of the snapshots."""

    def days(self, account: Account) -> list[Day]: ...

    def open_reader(
        self, account: Account, day: date, *, guids: frozenset[str] | None
    ) -> tuple[Night, MailboxReader]: ...

    def now(self, account: Account, *, guids: frozenset[str] | None) -> Now | None: ...


def build(
    account: Account,
    guids: frozenset[str] | None,
    source: Source,
    directory: Path,
    *,
    offers_text: bool = True,
    budget_seconds: float = SLICE_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Build on for about `budget_seconds`; return whether nothing is left to do that can be done now.

    Texts are read where they are offered and were asked for. False as well while another builder is at work on the
    same index. A damaged index is made anew, one that turns out damaged during the slice by the next.
    Raises: the engine's errors where nights cannot be asked for;
    OSError and sqlite3.OperationalError where there is no room for the index.
    """
    file = IndexFile.of(directory, account, guids)
    with file.locked() as is_ours:
        if not is_ours:
            return False
        until = clock() + budget_seconds
        try:
            writer = file.open_to_build()
            is_done = False
            try:
                with ExitStack() as readers:
                    job = Job(writer, source, account, guids, readers)
                    is_done = job.run(lambda: clock() > until, with_text=offers_text and file.text_wanted.exists())
            finally:
                writer.close(is_done=is_done)
            return is_done
        except DAMAGE as error:
            if not is_damage(error):
                raise
            file.mark_damaged()
            return False


class Job:
    """One slice of work on one index."""

    def __init__(
        self,
        writer: Writer,
        source: Source,
        account: Account,
        guids: frozenset[str] | None,
        readers: ExitStack,
    ) -> None:
        self._writer = writer
        self._database = writer.database
        self._source = source
        self._account = account
        self._guids = guids
        self._readers = readers
        self._names = Names(writer.database)
        self._opened: dict[int, MailboxReader] = {}

    def run(self, is_over: Callable[[], bool], *, with_text: bool) -> bool:
        """Work until it is done or time is over; return whether it is done. A slice does one step at least."""
        offered = [day for day in self._source.days(self._account) if day.nights]
        self._drop_others(offered)
        for day in offered:
            if self._add(day) and is_over():
                return False
        self._count()
        self._look_at_now()
        heads = Heads(self._writer, self._reader)
        while heads.read_batch():
            if is_over():
                return False
        self._finish()
        self._look_at_now()
        return self._read_texts(is_over) if with_text else True

    def _read_texts(self, is_over: Callable[[], bool]) -> bool:
        texts = Texts(self._writer, self._reader)
        texts.begin_anew_if_stale()
        while texts.read_batch():
            if is_over():
                return False
        return True

    def _drop_others(self, offered: Sequence[Day]) -> None:
        """Let go of nights that are not offered any more, or were taken anew."""
        taken = {day.day.toordinal(): {microseconds(night.taken_at) for night in day.nights} for day in offered}
        known = self._database.execute("SELECT day, taken_at FROM night WHERE day < ?", (NOW,)).fetchall()
        others = [day for day, taken_at in known if taken_at not in taken.get(day, ())]
        if others:
            with self._nights_changing():
                nights.drop(self._database, others)
                fates.count_gone(self._database)

    def _add(self, day: Day) -> bool:
        """Add what is new about a day; return whether there was anything."""
        state = self._state(day)
        if state == NightState.LISTED:
            return False
        if len(day.nights) > 1:
            return self._close(day.nights[0], NightState.LOCKED, state)
        try:
            found = listed(self._reader(day.day.toordinal()))
        except MailboxLocked:
            return self._close(day.nights[0], NightState.LOCKED, state)
        except MailboxNotFound:
            return self._close(day.nights[0], NightState.ABSENT, state)
        except (SnapshotGone, NotFound, EngineError):
            return False
        if state == NightState.PARTLY and self._unreadable(day).isdisjoint(found.records):
            return False
        with self._nights_changing():
            first_new = self._database.execute("SELECT coalesce(max(id), 0) + 1 FROM placement").fetchone()[0]
            self._names.add(day.nights[0], found)
            give_keys_to_new(self._database, first_new)
        return True

    def _state(self, day: Day) -> str | None:
        found = self._database.execute("SELECT state FROM night WHERE day = ?", (day.day.toordinal(),)).fetchone()
        return str(found[0]) if found else None

    def _close(self, night: Night, state: NightState, before: str | None) -> bool:
        """Note a night that has no mail to show."""
        if state == before:
            return False
        with self._nights_changing():
            nights.drop(self._database, [night.day.toordinal()])
            write_night(self._database, night, state)
        return True

    @contextmanager
    def _nights_changing(self) -> Iterator[None]:
        """Change what is known of nights, in one transaction and without the live mailbox."""
        with self._writer.transaction():
            now.forget(self._database)
            yield

    def _unreadable(self, day: Day) -> set[str]:
        found = folders_on(self._database, day.day.toordinal()).values()
        return {folder.name for folder in found if folder.state is FolderState.UNREADABLE}

    def _reader(self, day: int) -> MailboxReader:
        """Open a night, once in a slice."""
        if day not in self._opened:
            found = self._source.open_reader(self._account, date.fromordinal(day), guids=self._guids)
            self._opened[day] = self._readers.enter_context(found[1])
        return self._opened[day]

    def _count(self) -> None:
        """Make names fit to be asked: their indexes, and the counts of nights that are new."""
        uncounted = "SELECT day FROM night WHERE messages IS NULL AND state IN ('listed', 'partly') AND day < ?"
        new = {day for (day,) in self._database.execute(uncounted, (NOW,))}
        if not new:
            return
        known = nights.known_days(self._database)
        after = {later for earlier, later in pairwise(known) if earlier in new}
        with self._writer.transaction():
            for statement in OF_NAMES:
                self._database.execute(statement)
            nights.count(self._database, sorted(new | after))
            fates.count_gone(self._database)

    def _look_at_now(self) -> None:
        """Compare with the live mailbox, where and as soon as that can be done."""
        try:
            found = self._now
        except SnapshotError:
            return
        is_due = now.is_due(self._database, found) if found else now.is_there(self._database)
        if is_due:
            with self._writer.transaction():
                if found is None:
                    now.forget(self._database)
                if found is None or now.put(self._database, found):
                    fates.count_gone(self._database)

    @cached_property
    def _now(self) -> Now | None:
        return self._source.now(self._account, guids=self._guids)

    def _finish(self) -> None:
        """Make heads fit to be asked, once; sizes and moves may be known better now."""
        is_ready = self._database.execute("SELECT 1 FROM sqlite_master WHERE name = 'by_sender'").fetchone()
        if is_ready:
            return
        with self._writer.transaction():
            for statement in OF_HEADS:
                self._database.execute(statement)
            nights.count(self._database, nights.known_days(self._database))
            fates.count_gone(self._database)
