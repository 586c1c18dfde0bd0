"""Where messages are read: each on the newest night that holds it and can be read, those of one folder together."""

import json
import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from snapshots.engines.base import HEADS_AT_ONCE, MailboxReader
from snapshots.timeindex.nights import listed_days

Opener = Callable[[int], MailboxReader]
"""Opens the night of that day's ordinal."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message to be read, and where: the newest night that holds it and can be read."""

    message: int
    day: int
    folder: int
    record: bytes


class Places:
    """Finds where messages are read, for one slice of work."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def of(self, ids: Sequence[int]) -> Iterator[tuple[tuple[int, int], Sequence[Wanted]]]:
        """Yield the messages that can be read by night and folder, at most HEADS_AT_ONCE together."""
        places: dict[tuple[int, int], list[Wanted]] = defaultdict(list)
        for wanted in self._newest(ids).values():
            places[wanted.day, wanted.folder].append(wanted)
        for place, group in places.items():
            for start in range(0, len(group), HEADS_AT_ONCE):
                yield place, group[start : start + HEADS_AT_ONCE]

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
