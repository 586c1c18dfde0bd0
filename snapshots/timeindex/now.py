"""The live mailbox as one more night: only which message lies in which folder, so that "gone" means gone now.

Who listed it (at login, or on the live volume) leaves it beside the index, and the builder takes it in: so nobody
waits for a builder at work. It counts until a newer night is there.
"""

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from snapshots.timeindex.packing import microseconds
from snapshots.timeindex.schema import NOW, OPEN
from snapshots.types import Folder, digest_of_token, token


@dataclass(frozen=True, slots=True)
class LiveFolder:
    """A folder of the live mailbox and the guids of its messages."""

    folder: Folder
    guids: Collection[str]


@dataclass(frozen=True, slots=True)
class Live:
    """The live mailbox at one moment: every folder of it, else what is not there would count as gone."""

    taken_at: datetime
    folders: Sequence[LiveFolder]


def leave(path: Path, live: Live) -> None:
    """Leave a listing for the builder, in place of one before it. Raises: OSError."""
    told = {
        "taken_at": microseconds(live.taken_at),
        "folders": [
            {"levels": each.folder.levels, "role": each.folder.role, "guids": [token(guid) for guid in each.guids]}
            for each in live.folders
        ],
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_suffix(f".now-{os.getpid()}")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(told, file)
    new.replace(path)


def taken_in(database: sqlite3.Connection) -> int | None:
    """Return the moment of the live mailbox that the index has; None where it has none."""
    found = database.execute("SELECT taken_at FROM night WHERE day = ?", (NOW,)).fetchone()
    return None if found is None else int(found[0])


def left_behind(path: Path, database: sqlite3.Connection) -> Mapping[str, Any] | None:
    """Return what was left for the builder, if it is newer than every night and than what the index has."""
    try:
        told = json.loads(path.read_bytes())
        taken_at = int(told["taken_at"])
    except (OSError, ValueError, TypeError, LookupError):
        return None
    newest = database.execute("SELECT coalesce(max(taken_at), 0) FROM night").fetchone()[0]
    return told if taken_at > newest else None


def forget(database: sqlite3.Connection) -> None:
    """Take the live mailbox out of the index; in a transaction of the caller's."""
    database.execute("UPDATE placement SET last = ? WHERE last = ?", (OPEN, NOW))
    database.execute("DELETE FROM placement WHERE first = ?", (NOW,))
    database.execute("DELETE FROM folder_night WHERE day = ?", (NOW,))
    database.execute("DELETE FROM night WHERE day = ?", (NOW,))


def take_in(database: sqlite3.Connection, told: Mapping[str, Any]) -> None:
    """Compare what the newest nights show with the live mailbox; in a transaction of the caller's.

    A mailbox that shares no guid with its nights is no emptied one: its server has guids of another kind.
    """
    forget(database)
    live = {tuple(each["levels"]): {digest_of_token(guid) for guid in each["guids"]} for each in told["folders"]}
    known = _known_folders(database)
    there = {id_: _there(database, id_) for id_ in known.values()}
    guids = {guid for each in live.values() for guid in each}
    if guids and not any(guids & each.keys() for each in there.values()):
        return
    database.execute("INSERT INTO night (day, taken_at, state) VALUES (?, ?, 'listed')", (NOW, told["taken_at"]))
    for levels in live.keys() - known.keys():
        name = ("/".join(levels),)
        database.execute("INSERT OR IGNORE INTO folder (name) VALUES (?)", name)
        known[levels] = database.execute("SELECT id FROM folder WHERE name = ?", name).fetchone()[0]
    for levels, id_ in known.items():
        _compare(database, id_, there.get(id_, {}), live.get(levels, set()))
    database.executemany(
        "INSERT INTO folder_night (folder, day, place, delimiter, role, subscribed, state, handle)"
        " VALUES (?, ?, ?, '/', ?, 1, 'listed', x'')",
        [(known[tuple(each["levels"])], NOW, place, each["role"]) for place, each in enumerate(told["folders"])],
    )


def _known_folders(database: sqlite3.Connection) -> dict[tuple[str, ...], int]:
    """Return folders by their levels: a server may join them otherwise than the engine does."""
    found = database.execute("SELECT name, delimiter, id FROM folder JOIN folder_night ON folder = id GROUP BY id")
    return {Folder(name, delimiter).levels: id_ for name, delimiter, id_ in found}


def _there(database: sqlite3.Connection, folder: int) -> dict[bytes, list[int]]:
    """Return what the folder holds as far as its nights tell: guid → placements."""
    there: dict[bytes, list[int]] = defaultdict(list)
    found = database.execute(
        "SELECT guid, placement.id FROM placement JOIN message ON message.id = message WHERE folder = ? AND last = ?",
        (folder, OPEN),
    )
    for guid, id_ in found:
        there[guid].append(id_)
    return there


def _compare(database: sqlite3.Connection, folder: int, there: Mapping[bytes, Sequence[int]], live: set[bytes]) -> None:
    """End what the folder no longer holds, and begin what came to it from elsewhere; new mail is of no interest."""
    ended = [(NOW, id_) for guid, ids in there.items() if guid not in live for id_ in ids]
    database.executemany("UPDATE placement SET last = ? WHERE id = ?", ended)
    database.executemany(
        "INSERT INTO placement (folder, message, first, last, marks, date, size, record)"
        " SELECT ?, id, ?, ?, 0, received, 0, x'' FROM message WHERE guid = ? LIMIT 1",
        [(folder, NOW, OPEN, guid) for guid in live - there.keys()],
    )
