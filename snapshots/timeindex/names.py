"""One night's names → the index: which messages came to a folder, which left it.

A night may be the newest, one that turned up late between two others, or one whose unreadable folder can
be read at last: each folder's placements that cover the night are compared with what the folder lists.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from snapshots.engines.base import MailboxReader
from snapshots.errors import EngineUnavailable
from snapshots.history import NightState
from snapshots.timeindex.packing import microseconds, packed, unpacked
from snapshots.timeindex.schema import OPEN, UNKNOWN_BYTES
from snapshots.types import Entry, Folder, FolderState, Night, digest_of, digest_of_token, message_id

Cover = dict[str, int]
"""The placements that cover a night in one folder: record → id."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a night lists: its folders in order, and the records of those that can be read."""

    folders: Sequence[Folder]
    records: Mapping[str, Collection[str]]
    entry: Mapping[str, Callable[[str], Entry]]

    @property
    def unreadable(self) -> list[Folder]:
        return [folder for folder in self.folders if folder.state is FolderState.UNREADABLE]


def listed(reader: MailboxReader) -> Listed:
    """List every folder of a night. Raises: SnapshotGone, EngineTimeout, EngineUnavailable."""
    folders: list[Folder] = []
    records: dict[str, Collection[str]] = {}
    for folder in reader.folders():
        if folder.state is FolderState.LISTED:
            try:
                records[folder.name] = reader.records(folder)
            except EngineUnavailable:
                folder = replace(folder, state=FolderState.UNREADABLE)
        folders.append(folder)
    return Listed(folders, records, {folder.name: partial(reader.entry, folder) for folder in folders})


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that a folder has and the index does not have there yet."""

    folder: int
    entry: Entry
    record: str
    received: int
    named_bytes: int

    @classmethod
    def of(cls, folder: int, entry: Entry, record: str) -> "Arrival":
        """Keep what making out of a name costs something."""
        size_bytes = entry.size_bytes
        named_bytes = UNKNOWN_BYTES if size_bytes is None else size_bytes
        return cls(folder, entry, record, microseconds(entry.received), named_bytes)


class Names:
    """Adds nights to an index; what one night's folders hold is kept for the night after it."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._held_day = 0
        self._held: dict[int, Cover] = {}

    def add(self, night: Night, found: Listed) -> None:
        """Add a night, or what could not be read of it before, in one transaction of the caller's."""
        day = night.day.toordinal()
        if not self._reaches(day):
            self._held = {}
        folders = {folder.name: folder for folder in [*found.folders, *self._hidden(found)]}
        ids = self._folder_ids(folders)
        self._write_night(night, folders, ids)
        arrivals: list[Arrival] = []
        for name, id_ in ids.items():
            if name in folders and folders[name].state is FolderState.UNREADABLE:
                self._held.pop(id_, None)
                continue
            wanted = set(found.records.get(name, ()))
            for record in self._compare(id_, day, wanted):
                arrivals.append(Arrival.of(id_, found.entry[name](record), record))
        self._place(day, arrivals)
        self._held_day = day

    def _reaches(self, day: int) -> bool:
        """Whether what is held of the night before is what covers this one."""
        between = "SELECT 1 FROM night WHERE day > ? AND day <= ?"
        return self._held_day < day and not self._database.execute(between, (self._held_day, day)).fetchone()

    def _write_night(self, night: Night, folders: Mapping[str, Folder], ids: Mapping[str, int]) -> None:
        day = night.day.toordinal()
        unreadable = any(folder.state is FolderState.UNREADABLE for folder in folders.values())
        state = NightState.PARTLY if unreadable else NightState.LISTED
        write_night(self._database, night, state)
        self._database.executemany(
            "INSERT OR REPLACE INTO folder_night (folder, day, place, delimiter, role, subscribed, state, handle)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (ids[name], day, place, each.delimiter, each.role, each.subscribed, each.state, packed(each.handle))
                for place, (name, each) in enumerate(folders.items())
            ],
        )

    def _hidden(self, found: Listed) -> Iterator[Folder]:
        """Return known folders that a night may well hold, below one of its folders that cannot be read."""
        names = {folder.name for folder in found.folders}
        unreadable = [folder.levels for folder in found.unreadable]
        if not unreadable:
            return
        known = self._database.execute(
            "SELECT name, delimiter, handle, max(day) FROM folder JOIN folder_night ON folder = id GROUP BY id"
        )
        for name, delimiter, handle, _ in known.fetchall():
            folder = Folder(name, delimiter, handle=unpacked(handle), state=FolderState.UNREADABLE)
            if name not in names and any(folder.levels[: len(above)] == above for above in unreadable):
                yield folder

    def _folder_ids(self, names: Iterable[str]) -> dict[str, int]:
        """Return the ids of all folders ever seen, those of this night's among them."""
        self._database.executemany("INSERT OR IGNORE INTO folder (name) VALUES (?)", [(name,) for name in names])
        return dict(self._database.execute("SELECT name, id FROM folder"))

    def _compare(self, folder: int, day: int, wanted: set[str]) -> set[str]:
        """End what a folder no longer lists, and return what it lists and the index does not have there."""
        cover = self._held.get(folder)
        if cover is None:
            cover = self._held[folder] = self._cover(folder, day)
        known_next = self._known_next(folder, day)
        left = cover.keys() - wanted
        self._end([cover.pop(record) for record in left], day, known_next)
        new = wanted - cover.keys()
        return new - self._begin_earlier(folder, day, known_next, new) if known_next < OPEN else new

    def _cover(self, folder: int, day: int) -> Cover:
        found = self._database.execute(
            "SELECT record, id FROM placement WHERE folder = ? AND first <= ? AND last > ?", (folder, day, day)
        )
        return {unpacked(record): id_ for record, id_ in found}

    def _known_next(self, folder: int, day: int) -> int:
        """Return the next night that tells what this folder held; OPEN where none does."""
        found = self._database.execute(
            "SELECT min(day) FROM night WHERE day > ? AND state IN ('listed', 'partly') AND day NOT IN"
            " (SELECT day FROM folder_night WHERE folder = ? AND state = 'unreadable')",
            (day, folder),
        ).fetchone()[0]
        return OPEN if found is None else int(found)

    def _end(self, placements: Sequence[int], day: int, known_next: int) -> None:
        """Let placements end before a night; what a later night lists again begins there."""
        if known_next < OPEN:
            self._database.executemany(
                "INSERT INTO placement (folder, message, first, last, marks, date, size, subject, sender, keywords,"
                " record) SELECT folder, message, ?, last, marks, date, size, subject, sender, keywords, record"
                " FROM placement WHERE id = ? AND last > ?",
                [(known_next, each, known_next) for each in placements],
            )
        self._database.executemany("UPDATE placement SET last = ? WHERE id = ?", [(day, each) for each in placements])
        self._database.executemany(
            "DELETE FROM placement WHERE id = ? AND first >= last", [(id_,) for id_ in placements]
        )

    def _begin_earlier(self, folder: int, day: int, known_next: int, new: set[str]) -> set[str]:
        """Let placements that begin with the next night begin with this one; return their records."""
        found = self._database.execute(
            "SELECT record, id FROM placement WHERE folder = ? AND first = ?", (folder, known_next)
        )
        begun = {unpacked(record): id_ for record, id_ in found}
        earlier = new & begun.keys()
        self._database.executemany(
            "UPDATE placement SET first = ? WHERE id = ?", [(day, begun[record]) for record in earlier]
        )
        self._held[folder] |= {record: begun[record] for record in earlier}
        return earlier

    def _place(self, day: int, arrivals: list[Arrival]) -> None:
        """Write new placements; messages get their ids in order of delivery."""
        arrivals.sort(key=lambda arrival: arrival.received)
        messages = Messages(self._database)
        next_id = self._database.execute("SELECT coalesce(max(id), 0) + 1 FROM placement").fetchone()[0]
        ends = {folder: self._known_next(folder, day) for folder in {each.folder for each in arrivals}}
        rows = []
        for id_, each in enumerate(arrivals, next_id):
            keywords = json.dumps(each.entry.keywords) if each.entry.keywords else None
            placed = (messages.id_of(each), day, ends[each.folder], each.entry.flags.value, each.received)
            rows.append((id_, each.folder, *placed, max(0, each.named_bytes), keywords, packed(each.record)))
            self._held[each.folder][each.record] = id_
        messages.write()
        self._database.executemany(
            "INSERT INTO placement (id, folder, message, first, last, marks, date, size, keywords, record)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


class Messages:
    """The messages of one night's new placements: those that are known, and new ones with ids of their own."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        found = database.execute("SELECT value FROM meta WHERE name = 'next_message'").fetchone()
        self._next = int(found[0]) if found else 1
        self._new: dict[tuple[bytes, int, int, int], tuple[int, bytes | None, int]] = {}
        self._is_first = self._next == 1

    def id_of(self, arrival: Arrival) -> int:
        """Return a message's id, one that no message ever had where it is new: people keep links.

        A name that does not tell its size may be another message's in another folder.
        """
        guid, ordinal = arrival.entry.guid, arrival.entry.ordinal
        home = arrival.folder if arrival.named_bytes == UNKNOWN_BYTES else 0
        key = (digest_of(guid), ordinal, arrival.named_bytes, home)
        known = self._new[key][:1] if key in self._new else None if self._is_first else self._known(key)
        if known:
            return known[0]
        twin = digest_of_token(message_id(guid, ordinal)) if ordinal else None
        self._new[key] = (self._next, twin, arrival.received)
        self._next += 1
        return self._next - 1

    def _known(self, key: tuple[bytes, int, int, int]) -> tuple[int] | None:
        return self._database.execute(  # type: ignore[no-any-return]
            "SELECT id FROM message WHERE guid = ? AND ordinal = ? AND named_bytes = ? AND home = ?", key
        ).fetchone()

    def write(self) -> None:
        self._database.executemany(
            "INSERT INTO message (guid, ordinal, named_bytes, home, id, twin, received) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*key, *values) for key, values in self._new.items()],
        )
        self._database.execute("INSERT OR REPLACE INTO meta VALUES ('next_message', ?)", (self._next,))


def write_night(database: sqlite3.Connection, night: Night, state: NightState) -> None:
    """Write a night down, its counts not known yet."""
    database.execute(
        "INSERT OR REPLACE INTO night (day, taken_at, state) VALUES (?, ?, ?)",
        (night.day.toordinal(), microseconds(night.taken_at), state),
    )
