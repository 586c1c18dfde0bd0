"""Messages' heads → the index: what lists show, what they are sorted by, what is searched. Newest first."""

import json
import sqlite3
from collections.abc import Mapping
from typing import NamedTuple

from snapshots.catalogue import Row
from snapshots.rows import row_of
from snapshots.timeindex.packing import microseconds, packed_head, searched, sort_keys, unpacked_head
from snapshots.timeindex.places import Opener, Places
from snapshots.timeindex.schema import ATTACHMENTS, DAMAGED, READ
from snapshots.timeindex.store import Writer
from snapshots.types import Envelope, digest_of

BATCH = 2000


class Heads:
    """Reads heads that the index does not have, batch by batch."""

    def __init__(self, writer: Writer, opener: Opener) -> None:
        self._writer = writer
        self._database = writer.database
        self._places = Places(writer.database, opener)
        self._below = 1 << 62

    def read_batch(self) -> bool:
        """Read the next BATCH of messages, newest first; False when none is left that was not tried.

        What the storage does not give now is left for another time; what is damaged is known to be so.
        Raises: EngineTimeout where the storage hangs.
        """
        found = self._database.execute(
            "SELECT id FROM message WHERE head = 0 AND id < ? ORDER BY id DESC LIMIT ?", (self._below, BATCH)
        )
        ids = [id_ for (id_,) in found]
        if not ids:
            return False
        self._below = ids[-1]
        rows = {each.message: row_of(each.entry, each.head) for each in self._places.opened(ids)}
        self._write(dict(sorted(rows.items())))
        return True

    def _write(self, rows: Mapping[int, Row]) -> None:
        good = {message: row for message, row in rows.items() if not row.is_damaged}
        told = {
            message: Told(row.envelope, microseconds(row.internal_date), row.size_bytes or 0, row.has_attachments)
            for message, row in good.items()
        }
        with self._writer.transaction() as database:
            database.executemany(
                "UPDATE message SET head = ?, internal_date = ?, size_bytes = ?, header_id = ?, has_attachments = ?,"
                " told = ? WHERE id = ?",
                [(*_columns(row), message) for message, row in rows.items()],
            )
            database.executemany(
                "INSERT INTO search (rowid, sender, recipients, subject) VALUES (?, ?, ?, ?)",
                [(message, *searched(row.envelope)) for message, row in good.items()],
            )
            give_keys(database, told)


def _columns(row: Row) -> tuple[int, int | None, int | None, bytes | None, bool, bytes | None]:
    if row.is_damaged:
        return DAMAGED, None, None, None, False, None
    message_id = row.envelope.message_id
    header_id = digest_of(message_id) if message_id else None
    told = packed_head(row.envelope, row.snippet)
    return READ, microseconds(row.internal_date), row.size_bytes, header_id, row.has_attachments, told


class Told(NamedTuple):
    """What a message's placements take over from its head."""

    envelope: Envelope
    internal_date: int
    size_bytes: int
    has_attachments: bool


def give_keys(database: sqlite3.Connection, told: Mapping[int, Told]) -> None:
    """Give the placements of messages what their lists are sorted and filtered by."""
    placements = database.execute(
        "SELECT placement.id, message, date, size, marks, (SELECT role FROM folder_night"
        " WHERE folder = placement.folder ORDER BY day DESC LIMIT 1)"
        " FROM placement WHERE message IN (SELECT value FROM json_each(?))",
        (json.dumps(list(told)),),
    ).fetchall()
    texts, numbers = [], []
    for id_, message, date, size, marks, role in placements:
        head = told[message]
        texts.append((*sort_keys(head.envelope, role), id_))
        values = (head.internal_date, head.size_bytes, marks | ATTACHMENTS * head.has_attachments)
        if values != (date, size, marks):
            numbers.append((*values, id_))
    database.executemany("UPDATE placement SET subject = ?, sender = ? WHERE id = ?", texts)
    database.executemany("UPDATE placement SET date = ?, size = ?, marks = ? WHERE id = ?", numbers)


def give_keys_to_new(database: sqlite3.Connection, first_placement: int) -> None:
    """Give placements made just now their keys, where their message was read before."""
    known = database.execute(
        "SELECT DISTINCT message.id, told, internal_date, message.size_bytes, has_attachments FROM placement"
        " JOIN message ON message.id = message WHERE placement.id >= ? AND head = ?",
        (first_placement, READ),
    )
    give_keys(database, {id_: Told(unpacked_head(told)[0], *values) for id_, told, *values in known.fetchall()})
