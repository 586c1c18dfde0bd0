"""The catalogue of one night from the index: every page in every order, without opening a message."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from snapshots.catalogue import (
    NEWEST_FIRST,
    PAGE_SIZE,
    FateKind,
    Filter,
    FolderCount,
    Located,
    Order,
    Page,
    Row,
    Sort,
)
from snapshots.engines.base import MailboxReader
from snapshots.errors import EngineUnavailable, FolderNotFound, MessageNotFound
from snapshots.rows import row_of
from snapshots.timeindex import fates
from snapshots.timeindex.folders import folders_on
from snapshots.timeindex.packing import microseconds
from snapshots.timeindex.rows import Placed, placed
from snapshots.timeindex.schema import ATTACHMENTS
from snapshots.types import Flag, Folder, FolderState, Night, digest_of_token

LOST = (FateKind.GONE, FateKind.CLEARED)
INDEXES = {Sort.DATE: "by_date", Sort.SIZE: "by_size", Sort.SUBJECT: "by_subject", Sort.SENDER: "by_sender"}
OF_HEADS = (Sort.SUBJECT, Sort.SENDER)
MARKS = {
    Filter.UNREAD: (Flag.SEEN.value, 0),
    Filter.FLAGGED: (Flag.FLAGGED.value, Flag.FLAGGED.value),
    Filter.ATTACHMENTS: (ATTACHMENTS, ATTACHMENTS),
}
"""Filter → the bits it looks at, and what they must be."""

COUNTED = {Filter.ALL: "total", Filter.UNREAD: "unread"}
"""Filters whose messages are counted once for all."""

_LISTED = "WHERE folder = :folder AND first <= :day AND last > :day"
_MARKED = " AND marks & :mask = :wanted"
_FOUND = (
    "SELECT placement.id, folder FROM message JOIN placement ON message = message.id"
    " WHERE {key} AND first <= ? AND last > ?"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The messages a list shows, as SQL, and how many they are."""

    conditions: str
    values: Mapping[str, object]
    total: int
    is_indexed: bool = False


class IndexCatalogue:
    """Answers for one night (the contract: `snapshots.catalogue.Catalogue`).

    `reader` is asked only for messages whose heads the index does not have yet, and for what opens one.
    """

    def __init__(self, database: sqlite3.Connection, day: int, reader: MailboxReader) -> None:
        self._database = database
        self._day = day
        self._reader = reader

    def folders(self) -> list[FolderCount]:
        counts = {
            folder: (total, unread)
            for folder, total, unread in self._database.execute(
                "SELECT folder, total, unread FROM folder_night WHERE day = ?", (self._day,)
            )
        }
        return [FolderCount(folder, *counts[id_]) for id_, folder in self._folders.items()]

    def folder(self, folder_id: str) -> Folder:
        found = next((folder for folder in self._folders.values() if folder.id == folder_id), None)
        if found is None:
            raise FolderNotFound(folder=folder_id)
        return found

    def page(
        self, folder: Folder, number: int = 1, *, order: Order = NEWEST_FIRST, filter: Filter = Filter.ALL
    ) -> Page:
        id_ = self._id_of(folder)
        order, filter = self._ready(order, filter)
        chosen = self._chosen(id_, filter)
        number = min(max(1, number), max(1, -(-chosen.total // PAGE_SIZE)))
        ids = self._page(chosen, order, number)
        return Page(folder, number, chosen.total, self._told(folder, ids), order=order, filter=filter)

    def find(self, message_id: str, folder: Folder | None = None) -> Located:
        found = self._find(message_id, [folder] if folder else self._listed)
        if found is None:
            raise MessageNotFound
        return found

    def find_all(self, message_ids: Collection[str], *, first: Folder | None = None) -> dict[str, Located]:
        folders = sorted(self._listed, key=lambda folder: folder != first)
        found = {each: self._find(each, folders) for each in message_ids}
        return {each: located for each, located in found.items() if located}

    def row(self, located: Located) -> Row:
        return self.rows([located])[0]

    def rows(self, located: Sequence[Located]) -> list[Row]:
        by_folder: dict[Folder, list[int]] = {}
        for each in located:
            by_folder.setdefault(each.folder, []).append(self._placement(each.id, [each.folder])[0])
        rows = {(folder, row.id): row for folder, ids in by_folder.items() for row in self._told(folder, ids)}
        return [rows[each.folder, each.id] for each in located]

    @cached_property
    def _folders(self) -> Mapping[int, Folder]:
        return folders_on(self._database, self._day)

    @property
    def _listed(self) -> list[Folder]:
        return [folder for folder in self._folders.values() if folder.state is FolderState.LISTED]

    @cached_property
    def _ids(self) -> Mapping[str, int]:
        return {folder.name: id_ for id_, folder in self._folders.items()}

    def _id_of(self, folder: Folder) -> int:
        id_ = self._ids.get(folder.name)
        if id_ is None:
            raise FolderNotFound(folder=folder.name)
        if self._folders[id_].state is FolderState.UNREADABLE:
            raise EngineUnavailable("The folder could not be read that night", folder=folder.name)
        return id_

    @cached_property
    def _reference(self) -> int | None:
        return fates.reference(self._database)

    def _ready(self, order: Order, filter: Filter) -> tuple[Order, Filter]:
        """Return what can be answered now: heads may still be read, and there may be nothing to compare with."""
        heads = fates.has_index(self._database, INDEXES[Sort.SENDER])
        if order.sort in OF_HEADS and not heads:
            order = NEWEST_FIRST
        is_ready = heads if filter is Filter.ATTACHMENTS else filter is not Filter.GONE or self._reference is not None
        return order, filter if is_ready else Filter.ALL

    def _chosen(self, folder: int, filter: Filter) -> Chosen:
        if filter is Filter.GONE:
            lost = self._lost(folder)
            return Chosen("WHERE id IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(lost)}, len(lost))
        conditions, values = _LISTED, {"folder": folder, "day": self._day}
        if filter in MARKS:
            conditions += _MARKED
            values["mask"], values["wanted"] = MARKS[filter]
        counted = f"SELECT count(*) FROM placement INDEXED BY by_date {conditions}"
        if filter in COUNTED:
            counted = f"SELECT {COUNTED[filter]} FROM folder_night WHERE folder = :folder AND day = :day"
        total = self._database.execute(counted, values).fetchone()[0]
        return Chosen(conditions, values, total, is_indexed=True)

    def _page(self, chosen: Chosen, order: Order, number: int) -> list[int]:
        """Return the placements of one page, sought from the nearer end of the list."""
        first = (number - 1) * PAGE_SIZE
        size = min(PAGE_SIZE, chosen.total - first)
        is_far = first > chosen.total / 2
        offset = chosen.total - first - size if is_far else first
        direction = "DESC" if order.descending is not is_far else "ASC"
        found = self._database.execute(
            f"SELECT id FROM placement {f'INDEXED BY {INDEXES[order.sort]}' if chosen.is_indexed else ''}"
            f" {chosen.conditions} ORDER BY {order.sort} {direction}, message {direction}"
            " LIMIT :limit OFFSET :offset",
            {**chosen.values, "limit": max(0, size), "offset": offset},
        )
        ids = [id_ for (id_,) in found]
        return ids[::-1] if is_far else ids

    def _lost(self, folder: int) -> list[int]:
        """Return the folder's messages that are nowhere any more."""
        if self._reference is None:
            return []
        those = [each for each in fates.left(self._database, self._day, self._reference) if each.folder == folder]
        became = fates.Fates(self._database, self._day, self._reference).of(those)
        return [id_ for id_, fate in became.items() if fate.kind in LOST]

    def _told(self, folder: Folder, ids: Sequence[int]) -> list[Row]:
        """Return the rows of placements; the engine is asked for what the index cannot tell."""
        became = fates.fates_of(self._database, self._day, self._reference, ids) if self._reference else {}
        found = placed(self._database, ids, became)
        read = self._read(folder, [each for each in found if not each.is_told])
        return [read.get(each.placement, each.row) for each in found]

    def _read(self, folder: Folder, untold: Sequence[Placed]) -> dict[int, Row]:
        if not untold:
            return {}
        entries = [self._reader.entry(folder, each.record) for each in untold]
        heads = {(head.entry.guid, head.entry.ordinal): head for head in self._reader.heads(folder, entries)}
        return {
            each.placement: replace(row_of(entry, heads.get((entry.guid, entry.ordinal))), fate=each.row.fate)
            for each, entry in zip(untold, entries, strict=True)
        }

    def _find(self, message_id: str, folders: Sequence[Folder]) -> Located | None:
        found = self._placement(message_id, folders)
        if not found:
            return None
        [place] = placed(self._database, found[:1])
        folder = self._folders[place.folder]
        return Located(folder, self._reader.entry(folder, place.record))

    def _placement(self, message_id: str, folders: Sequence[Folder]) -> list[int]:
        """Return the placements of that id on this night, in the order of the folders asked."""
        digest = digest_of_token(message_id)
        places = {self._ids[folder.name]: place for place, folder in enumerate(folders) if folder.name in self._ids}
        found: list[tuple[int, int]] = []
        for key in ("guid = ? AND ordinal = 0", "twin = ?"):
            found += self._database.execute(_FOUND.format(key=key), (digest, self._day, self._day))
        return sorted((id_ for id_, folder in found if folder in places), key=lambda id_: places[dict(found)[id_]])


def open_catalogue(database: sqlite3.Connection, night: Night, reader: MailboxReader) -> IndexCatalogue | None:
    """Return the index's catalogue of a night; None where it does not know that very night's names yet."""
    day = night.day.toordinal()
    known = "SELECT 1 FROM night WHERE day = ? AND taken_at = ? AND messages IS NOT NULL"
    if database.execute(known, (day, microseconds(night.taken_at))).fetchone() is None:
        return None
    return IndexCatalogue(database, day, reader)
