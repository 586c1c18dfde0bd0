"""The live mailbox's names as one more column of time, after every night.

It says only what became of the nights' messages: which are still in their folder, which lie in another. Mail no
night has seen is nobody's loss, so it is not there. The column is taken out before a night comes or goes, and put
back afterwards, so that nights are only ever compared with nights.
"""

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from snapshots.history import NightState
from snapshots.now import NamedBy, Now
from snapshots.roles import assign_roles
from snapshots.timeindex.fates import has_index
from snapshots.timeindex.packing import microseconds, packed
from snapshots.timeindex.schema import NOW, OPEN
from snapshots.types import Folder, FolderState, Role, digest_of_token

_PRESENT = (
    "SELECT placement.id, guid, header_id FROM placement JOIN message ON message.id = placement.message"
    " WHERE folder = ? AND first < ? AND last > ? ORDER BY message.ordinal"
)


def forget(database: sqlite3.Connection) -> None:
    """Take the live mailbox out, in a transaction of the caller's."""
    database.execute("DELETE FROM placement WHERE first = 10000000")
    database.execute("UPDATE placement SET last = ? WHERE last = ? AND last < 1099511627776", (OPEN, NOW))
    database.execute("DELETE FROM folder_night WHERE day = ?", (NOW,))
    database.execute("DELETE FROM night WHERE day = ?", (NOW,))


def is_there(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM night WHERE day = ?", (NOW,)).fetchone() is not None


def is_due(database: sqlite3.Connection, now: Now) -> bool:
    """Whether it is newer than all that is known, and can be put in: where only heads tell, when those are read."""
    newest = database.execute("SELECT max(taken_at) FROM night").fetchone()[0]
    needed = "by_header_id" if now.named_by is NamedBy.HEADER else "of_message"
    return newest is not None and newest < microseconds(now.taken_at) and has_index(database, needed)


def put(database: sqlite3.Connection, now: Now) -> bool:
    """Put the live mailbox in place of an earlier one; return whether anything but the moment is other than it was."""
    names = _digest(now)
    held = database.execute("SELECT value FROM meta JOIN night ON day = ? WHERE name = 'now'", (NOW,)).fetchone()
    if held and held[0] == names:
        database.execute("UPDATE night SET taken_at = ? WHERE day = ?", (microseconds(now.taken_at), NOW))
        return False
    forget(database)
    database.execute(
        "INSERT INTO night (day, taken_at, state) VALUES (?, ?, ?)",
        (NOW, microseconds(now.taken_at), NightState.LISTED),
    )
    database.execute("INSERT OR REPLACE INTO meta VALUES ('now', ?)", (names,))
    ids = _folder_ids(database, now)
    for name, id_ in ids.items():
        found = now.folders.get(name)
        _compare(database, id_, found.messages if found else (), now.named_by)
    return True


def _digest(now: Now) -> bytes:
    told = hashlib.sha256(now.named_by.encode())
    for name, folder in sorted(now.folders.items()):
        told.update("\0".join([name, str(folder.role), *sorted(folder.messages), "\n"]).encode("utf-8", "replace"))
    return told.digest()


def _folder_ids(database: sqlite3.Connection, now: Now) -> Mapping[str, int]:
    """Write down which folders there are now, as the nights know them; return all folders' ids by name."""
    database.executemany("INSERT OR IGNORE INTO folder (name) VALUES (?)", [(name,) for name in now.folders])
    ids = dict(database.execute("SELECT name, id FROM folder").fetchall())
    new = {folder.name: folder.role for folder in assign_roles([Folder(name) for name in now.folders], {})}
    for name, folder in now.folders.items():
        known = database.execute(
            "INSERT INTO folder_night (folder, day, place, delimiter, role, subscribed, state, handle)"
            " SELECT folder, ?, place, delimiter, role, subscribed, ?, handle FROM folder_night"
            " WHERE folder = ? ORDER BY day DESC LIMIT 1",
            (NOW, FolderState.LISTED, ids[name]),
        )
        if known.rowcount == 0:
            role: Role | None = folder.role or new[name]
            database.execute(
                "INSERT INTO folder_night (folder, day, place, delimiter, role, subscribed, state, handle)"
                " VALUES (?, ?, ?, '/', ?, 1, ?, ?)",
                (ids[name], NOW, len(ids), role, FolderState.LISTED, packed("")),
            )
    return ids


def _compare(database: sqlite3.Connection, folder: int, names: Iterable[str], named_by: NamedBy) -> None:
    """End what a folder no longer holds, and let begin in it what the nights know from elsewhere."""
    left = Names(names, named_by)
    there = database.execute(_PRESENT, (folder, NOW, NOW))
    ended = [id_ for id_, *told in there if not left.take(*told)]
    database.executemany("UPDATE placement SET last = ? WHERE id = ?", [(NOW, id_) for id_ in ended])
    rows = [(folder, message, NOW, OPEN) for message in left.known(database)]
    database.executemany(
        "INSERT INTO placement (folder, message, first, last, marks, date, size, record)"
        " VALUES (?, ?, ?, ?, 0, 0, 0, x'')",
        rows,
    )


class Names:
    """The names one folder holds now, each taken once by a message of the nights."""

    def __init__(self, names: Iterable[str], named_by: NamedBy) -> None:
        self._by_header = named_by is NamedBy.HEADER
        self._left = Counter(digest_of_token(name) for name in names)

    def take(self, guid: bytes, header_id: bytes | None) -> bool:
        """Take the name of a message; False where the folder does not hold it, or no more of it."""
        key = header_id if self._by_header else guid
        if key is None:
            return True  # Nobody can tell, so nobody is alarmed.
        if not self._left[key]:
            return False
        self._left[key] -= 1
        return True

    def known(self, database: sqlite3.Connection) -> Iterator[int]:
        """Yield the messages of the nights that go by the names that are left."""
        column = "header_id" if self._by_header else "guid"
        named = f"SELECT id FROM message WHERE {column} = ? ORDER BY id LIMIT ?"
        for key, count in self._left.items():
            if count:
                yield from [id_ for (id_,) in database.execute(named, (key, count))]
