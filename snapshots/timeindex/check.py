"""Compares an index with the snapshots it was made of: every night's names, and every message's row once."""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from snapshots.engines.base import HEADS_AT_ONCE, MailboxReader
from snapshots.errors import SnapshotError
from snapshots.rows import row_of
from snapshots.timeindex.builder import Source
from snapshots.timeindex.folders import folders_on
from snapshots.timeindex.names import Listed, listed
from snapshots.timeindex.nights import counted_days
from snapshots.timeindex.rows import Placed, placed
from snapshots.types import Account, Folder, FolderState


def differences(
    database: sqlite3.Connection, account: Account, guids: frozenset[str] | None, source: Source
) -> Iterator[str]:
    """Yield what an index says otherwise than its snapshots do, newest night first; nothing where they agree.

    Raises: EngineTimeout, EngineUnavailable.
    """
    offered = {day.day for day in source.days(account) if day.nights}
    seen: set[int] = set()
    for ordinal in reversed(counted_days(database)):
        day = date.fromordinal(ordinal)
        if day not in offered:
            yield f"{day}: in the index, and there is no such night"
            continue
        try:
            _, reader = source.open_reader(account, day, guids=guids)
        except SnapshotError as error:
            yield f"{day}: in the index, and cannot be opened: {error}"
            continue
        with reader:
            for difference in Night(database, ordinal, reader, seen).differences():
                yield f"{day}: {difference}"


class Night:
    """One night of an index beside the night itself; `seen` are messages whose rows were compared before."""

    def __init__(self, database: sqlite3.Connection, day: int, reader: MailboxReader, seen: set[int]) -> None:
        self._database = database
        self._day = day
        self._reader = reader
        self._seen = seen

    def differences(self) -> Iterator[str]:
        found = listed(self._reader)
        indexed = {folder.name: id_ for id_, folder in folders_on(self._database, self._day).items()}
        yield from self._of_folders(found, folders_on(self._database, self._day).values())
        for folder in found.folders:
            if folder.name in indexed and folder.name in found.records:
                for difference in self._of_messages(folder, indexed[folder.name], found.records[folder.name]):
                    yield f"{folder.name}: {difference}"

    def _of_folders(self, found: Listed, indexed: Collection[Folder]) -> Iterator[str]:
        there = {folder.name: folder for folder in found.folders}
        for folder in indexed:
            if folder.name not in there and folder.state is FolderState.LISTED:
                yield f"{folder.name}: in the index, not in the snapshot"
            elif folder.name in there and there[folder.name] != folder:
                yield f"{folder.name}: {folder} in the index, {there[folder.name]} in the snapshot"
        for name in there.keys() - {folder.name for folder in indexed}:
            yield f"{name}: in the snapshot, not in the index"

    def _of_messages(self, folder: Folder, id_: int, records: Collection[str]) -> Iterator[str]:
        covering = self._database.execute(
            "SELECT id FROM placement WHERE folder = ? AND first <= ? AND last > ?", (id_, self._day, self._day)
        )
        places = placed(self._database, [place for (place,) in covering])
        held = {place.record for place in places}
        yield from (f"{record}: in the index, not in the snapshot" for record in sorted(held - set(records)))
        yield from (f"{record}: in the snapshot, not in the index" for record in sorted(set(records) - held))
        yield from self._of_counts(id_, places)
        new = [place for place in places if place.is_told and place.message not in self._seen]
        self._seen |= {place.message for place in new}
        for start in range(0, len(new), HEADS_AT_ONCE):
            yield from self._of_rows(folder, new[start : start + HEADS_AT_ONCE])

    def _of_counts(self, folder: int, places: Sequence[Placed]) -> Iterator[str]:
        unread = sum(not place.row.flags.value & 1 for place in places)
        counts = self._database.execute(
            "SELECT total, unread FROM folder_night WHERE folder = ? AND day = ?", (folder, self._day)
        ).fetchone()
        if counts != (len(places), unread):
            yield f"counted as {counts}, holds {(len(places), unread)}"

    def _of_rows(self, folder: Folder, places: Sequence[Placed]) -> Iterator[str]:
        entries = [self._reader.entry(folder, place.record) for place in places]
        heads = {(head.entry.guid, head.entry.ordinal): head for head in self._reader.heads(folder, entries)}
        for place, entry in zip(places, entries, strict=True):
            row = row_of(entry, heads.get((entry.guid, entry.ordinal)))
            if row != replace(place.row, fate=None):
                yield f"{place.record}: {place.row} in the index, {row} in the snapshot"
