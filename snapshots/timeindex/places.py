"""Opens messages for the index: each on the newest night that holds it and can be read, a folder's together."""

import json
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from snapshots.engines.base import HEAD_BYTES, HEADS_AT_ONCE, MailboxReader
from snapshots.errors import EngineError, NotFound, SnapshotGone
from snapshots.timeindex.folders import folder_on
from snapshots.timeindex.nights import listed_days
from snapshots.timeindex.packing import unpacked
from snapshots.types import Entry, Head

Opener = Callable[[int], MailboxReader]
"""Opens the night of that day's ordinal."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message to be read, and where: the newest night that holds it and can be read."""

    message: int
    day: int
    folder: int
    record: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A message that was opened; its head is None where that is not possible."""

    message: int
    entry: Entry
    head: Head | None


class Places:
    """Finds and opens messages, for one slice of work."""

    def __init__(self, database: sqlite3.Connection, opener: Opener) -> None:
        self._database = database
        self._open = opener

    def opened(
        self, ids: Sequence[int], *, at_once: int = HEADS_AT_ONCE, read_bytes: int = HEAD_BYTES
    ) -> Iterator[Opened]:
        """Yield messages with their heads; those that the storage does not give now are left out."""
        places: dict[tuple[int, int], list[Wanted]] = defaultdict(list)
        for wanted in self._newest(ids).values():
            places[wanted.day, wanted.folder].append(wanted)
        for (day, folder), group in places.items():
            for start in range(0, len(group), at_once):
                with suppress(NotFound, SnapshotGone, EngineError):
                    yield from self._read(day, folder, group[start : start + at_once], read_bytes)

    def _read(self, day: int, folder_id: int, wanted: Sequence[Wanted], read_bytes: int) -> list[Opened]:
        folder = folder_on(self._database, folder_id, day)
        reader = self._open(day)
        entries = [reader.entry(folder, unpacked(each.record)) for each in wanted]
        read = reader.heads(folder, entries, read_bytes=read_bytes)
        heads = {(head.entry.guid, head.entry.ordinal): head for head in read}
        return [
            Opened(each.message, entry, heads.get((entry.guid, entry.ordinal)))
            for each, entry in zip(wanted, entries, strict=True)
        ]

    def _newest(self, ids: Sequence[int]) -> dict[int, Wanted]:
        newest: dict[int, Wanted] = {}
        placements = self._database.execute(
            "SELECT message, folder, first, last, record FROM placement"
            " WHERE message IN (SELECT value FROM json_each(?)) AND record <> x''",
            (json.dumps(ids),),
        )
        for message, folder, first, last, record in placements:
            days = self._listed_days.get(folder, [])
            place = bisect_left(days, last) - 1
            if place >= 0 and days[place] >= first and (message not in newest or newest[message].day < days[place]):
                newest[message] = Wanted(message, days[place], folder, record)
        return newest

    @cached_property
    def _listed_days(self) -> Mapping[int, Sequence[int]]:
        return listed_days(self._database)
