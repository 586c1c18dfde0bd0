"""What became of messages: gone, in the trash, moved, or cleared with the trash; recognised across renames.

A message is the same by its guid, else by Message-ID and size. Who left a folder is found by the nights that
ended placements, so what is asked costs what changed, not what the mailbox holds.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from snapshots.catalogue import Fate, FateKind
from snapshots.timeindex.folders import folder_on
from snapshots.timeindex.nights import known_days
from snapshots.timeindex.schema import NOW
from snapshots.types import Folder, Role

DISCARDED = (Role.TRASH, Role.JUNK)

_STAYED = (
    " AND NOT EXISTS (SELECT 1 FROM placement AS stayed WHERE stayed.message = placement.message"
    " AND stayed.folder = placement.folder AND stayed.first <= :until AND stayed.last > :until)"
)
_LEFT = (
    "SELECT id, message, folder FROM placement INDEXED BY ended"
    " WHERE last > :day AND last <= :until AND last < 1099511627776 AND first <= :day AND folder IN"
    " (SELECT folder FROM folder_night WHERE day = :day AND state = 'listed')" + _STAYED
)
_LEFT_AMONG = (
    "SELECT id, message, folder FROM placement WHERE id IN (SELECT value FROM json_each(:ids))"
    " AND last <= :until" + _STAYED
)
_KIN = (
    "SELECT mine.id, other.message, other.folder, other.first, other.last FROM json_each(:ids)"
    " JOIN placement AS mine ON mine.id = value JOIN message ON message.id = mine.message"
)
_SAME_GUID = (
    " JOIN message AS kin ON kin.guid = message.guid JOIN placement AS other ON other.message = kin.id"
    " WHERE other.first <= :until"
)
_SAME_HEADER = (
    " JOIN message AS kin ON kin.header_id = message.header_id AND kin.size_bytes = message.size_bytes"
    " AND kin.guid <> message.guid JOIN placement AS other ON other.message = kin.id"
    " WHERE message.header_id IS NOT NULL AND other.first <= :until"
)


@dataclass(frozen=True, slots=True)
class Left:
    """A placement of a night whose message is no longer in that folder."""

    id: int
    message: int
    folder: int


@dataclass(frozen=True, slots=True)
class Kin:
    """Where the same message lies or lay, and when."""

    message: int
    folder: int
    first: int
    last: int


def reference(database: sqlite3.Connection) -> int | None:
    """Return what "gone" compares with: the live mailbox, else the newest night all of whose folders are known."""
    found = database.execute("SELECT max(day) FROM night WHERE state = 'listed'").fetchone()[0]
    return None if found is None else int(found)


def fates_of(database: sqlite3.Connection, day: int, until: int, ids: Collection[int]) -> dict[int, Fate]:
    """Return what became of some placements that cover a night, those that left their folder."""
    values = {"ids": json.dumps(list(ids)), "until": until}
    return Fates(database, day, until).of([Left(*row) for row in database.execute(_LEFT_AMONG, values)])


def left(database: sqlite3.Connection, day: int, until: int) -> list[Left]:
    """Return the placements of a night whose message left its folder before `until` ended."""
    return [Left(*row) for row in database.execute(_LEFT, {"day": day, "until": until})]


def count_gone(database: sqlite3.Connection) -> None:
    """Write down for every known night how many of its messages are gone."""
    until = reference(database)
    database.execute("UPDATE night SET gone = NULL")
    for day in known_days(database):
        if until is not None and day <= until:
            those_left = left(database, day, until)
            gone = counted(those_left, Fates(database, day, until).of(those_left))[FateKind.GONE]
            database.execute("UPDATE night SET gone = ? WHERE day = ?", (gone, day))


def counted(those_left: Iterable[Left], fates: Mapping[int, Fate]) -> dict[FateKind, int]:
    """Count messages by what became of them, each once."""
    by_kind: dict[FateKind, set[int]] = {kind: set() for kind in FateKind}
    for each in those_left:
        if each.id in fates:
            by_kind[fates[each.id].kind].add(each.message)
    return {kind: len(messages) for kind, messages in by_kind.items()}


class Fates:
    """Tells what became of placements of one night until another."""

    def __init__(self, database: sqlite3.Connection, day: int, until: int) -> None:
        self._database = database
        self._day = day
        self._until = until
        self._folders: dict[int, Folder] = {}

    def of(self, those_left: Iterable[Left]) -> dict[int, Fate]:
        """Return the fate of each; none for a message that lies in its folder under another name."""
        by_id = {each.id: each for each in those_left}
        kin = self._kin(_SAME_GUID, by_id)
        lost = [id_ for id_, each in by_id.items() if not self._homes(each, kin[id_])]
        if lost and has_index(self._database, "by_header_id"):
            for id_, found in self._kin(_SAME_HEADER, lost).items():
                kin[id_] += found
        fates = {id_: self._fate(each, kin[id_]) for id_, each in by_id.items()}
        return {id_: fate for id_, fate in fates.items() if fate}

    def _kin(self, condition: str, ids: Iterable[int]) -> dict[int, list[Kin]]:
        kin: dict[int, list[Kin]] = defaultdict(list)
        values = {"ids": json.dumps(list(ids)), "until": self._until}
        for id_, *place in self._database.execute(_KIN + condition, values):
            kin[id_].append(Kin(*place))
        return kin

    def _homes(self, left: Left, kin: Collection[Kin]) -> list[Kin]:
        """Return where a message lies in the end. What was in its folder beside it is not it, but its twin."""
        beside = {each.message for each in kin if each.folder == left.folder and each.first <= self._day < each.last}
        return [
            each
            for each in kin
            if each.last > self._until and (each.folder != left.folder or each.message not in beside)
        ]

    def _fate(self, left: Left, kin: Collection[Kin]) -> Fate | None:
        homes = self._homes(left, kin)
        if not homes:
            return self._lost(left, kin)
        if any(each.folder == left.folder for each in homes):
            return None
        home = min(homes, key=lambda each: (self._folder(each.folder).role is Role.TRASH, -each.first))
        folder = self._folder(home.folder)
        kind = FateKind.TRASHED if folder.role is Role.TRASH else FateKind.MOVED
        return Fate(kind, _date(home.first) if home.first > self._day else None, folder)

    def _lost(self, left: Left, kin: Iterable[Kin]) -> Fate:
        ends = [each for each in kin if each.last <= self._until]
        since = max(each.last for each in ends)
        seen_last = {self._folder(each.folder).role for each in ends if each.last == since}
        kind = FateKind.CLEARED if seen_last <= set(DISCARDED) else FateKind.GONE
        return Fate(kind, _date(since))

    def _folder(self, id_: int) -> Folder:
        """Return a folder as it is in the end."""
        if id_ not in self._folders:
            self._folders[id_] = folder_on(self._database, id_, self._until)
        return self._folders[id_]


def has_index(database: sqlite3.Connection, name: str) -> bool:
    """Whether an index of the schema was made: the stage that makes it is over."""
    return database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone() is not None


def _date(day: int) -> date | None:
    return date.fromordinal(day) if day < NOW else None
