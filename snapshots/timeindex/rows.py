"""The rows of lists from the index."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from snapshots.catalogue import Fate, Row
from snapshots.timeindex.packing import moment_of, unpacked, unpacked_head
from snapshots.timeindex.schema import ATTACHMENTS, DAMAGED, READ, UNKNOWN_BYTES
from snapshots.types import Envelope, Flag, token_of

_COLUMNS = (
    "SELECT placement.id, message.id, folder, record, marks, keywords, guid, twin, named_bytes, received, head,"
    " internal_date, message.size_bytes, told FROM placement JOIN message ON message.id = placement.message"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and where the index has it; one whose head is not read, or could not be, is not `is_told`."""

    row: Row
    placement: int
    message: int
    folder: int
    record: str
    is_told: bool


def placed(database: sqlite3.Connection, ids: Sequence[int], fates: Mapping[int, Fate] | None = None) -> list[Placed]:
    """Return placements in the order asked, leaving out those that are not there any more."""
    found = database.execute(
        f"{_COLUMNS} WHERE placement.id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    by_id = {values[0]: _placed(values, (fates or {}).get(values[0])) for values in found}
    return [by_id[id_] for id_ in ids if id_ in by_id]


def _placed(values: Sequence[Any], fate: Fate | None) -> Placed:
    id_, message, folder, record, marks, keywords, guid, twin, named_bytes, received, head, date, size, told = values
    is_told = head == READ
    envelope, snippet = unpacked_head(told) if is_told else (Envelope(), "")
    row = Row(
        id=token_of(twin or guid),
        flags=Flag(marks & ~ATTACHMENTS),
        keywords=tuple(json.loads(keywords)) if keywords else (),
        envelope=envelope,
        internal_date=moment_of(date if is_told else received),
        size_bytes=size if is_told else None if named_bytes == UNKNOWN_BYTES else named_bytes,
        has_attachments=bool(marks & ATTACHMENTS),
        snippet=snippet,
        is_damaged=head == DAMAGED,
        is_truncated=is_told and size < named_bytes,
        is_pending=head not in (READ, DAMAGED),
        fate=fate,
    )
    return Placed(row, id_, message, folder, unpacked(record), is_told)
