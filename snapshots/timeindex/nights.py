"""Nights as a whole: how many messages they hold, what came and left since the night before, letting one go."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence

from snapshots.timeindex.packing import searched, unpacked_head
from snapshots.timeindex.schema import NOW, OPEN, READ


def all_days(database: sqlite3.Connection) -> list[int]:
    """Return every night the index has a row of."""
    return [day for (day,) in database.execute("SELECT day FROM night WHERE day < ?", (NOW,))]


def known_days(database: sqlite3.Connection) -> list[int]:
    """Return the nights whose names the index knows, oldest first."""
    found = database.execute(
        "SELECT day FROM night WHERE state IN ('listed', 'partly') AND day < ? ORDER BY day", (NOW,)
    )
    return [day for (day,) in found]


def counted_days(database: sqlite3.Connection) -> list[int]:
    """Return the nights that can be asked about, oldest first."""
    found = database.execute("SELECT day FROM night WHERE messages IS NOT NULL AND day < ? ORDER BY day", (NOW,))
    return [day for (day,) in found]


def listed_days(database: sqlite3.Connection) -> dict[int, list[int]]:
    """Return for each folder the nights that list it, oldest first."""
    days: dict[int, list[int]] = defaultdict(list)
    listed = "SELECT folder, day FROM folder_night WHERE state = 'listed' AND day < ? ORDER BY day"
    for folder, day in database.execute(listed, (NOW,)):
        days[folder].append(day)
    return days


def count(database: sqlite3.Connection, days: Iterable[int]) -> None:
    """Write down what nights hold, and what came and left since the night known before each of them."""
    known = known_days(database)
    for day in days:
        place = known.index(day)
        _count_folders(database, day)
        if place:
            _count_changes(database, known[place - 1], day)


def _count_folders(database: sqlite3.Connection, day: int) -> None:
    """Count a night's messages in its readable folders, once through the table."""
    counted = database.execute(
        "SELECT folder, count(*), sum(NOT marks & 1), sum(size) FROM placement NOT INDEXED"
        " WHERE first <= ? AND last > ? AND folder IN"
        " (SELECT folder FROM folder_night WHERE day = ? AND state = 'listed') GROUP BY folder",
        (day, day, day),
    ).fetchall()
    database.execute("UPDATE folder_night SET total = 0, unread = 0 WHERE day = ? AND state = 'listed'", (day,))
    database.executemany(
        "UPDATE folder_night SET total = ?, unread = ? WHERE folder = ? AND day = ?",
        [(total, unread, folder, day) for folder, total, unread, _ in counted],
    )
    database.execute(
        "UPDATE night SET messages = ?, size_bytes = ? WHERE day = ?",
        (sum(each[1] for each in counted), sum(each[3] for each in counted), day),
    )


def _count_changes(database: sqlite3.Connection, before: int, day: int) -> None:
    """Count the messages that are in the mailbox one night and not on the other, wherever they lay."""
    came, left = (
        "SELECT count(DISTINCT message) FROM placement AS here WHERE first > ?1 AND first <= ?2 AND last > ?2"
        " AND NOT EXISTS (SELECT 1 FROM placement AS there WHERE there.message = here.message"
        " AND there.first <= ?1 AND there.last > ?1)",
        "SELECT count(DISTINCT message) FROM placement AS here WHERE first <= ?1 AND last > ?1 AND last <= ?2"
        " AND NOT EXISTS (SELECT 1 FROM placement AS there WHERE there.message = here.message"
        " AND there.first <= ?2 AND there.last > ?2)",
    )
    added = database.execute(came, (before, day)).fetchone()[0]
    removed = database.execute(left, (before, day)).fetchone()[0]
    database.execute("UPDATE night SET added = ?, removed = ? WHERE day = ?", (added, removed, day))


def drop(database: sqlite3.Connection, days: Sequence[int]) -> None:
    """Let nights go, and with them what no other night shows; in a transaction of the caller's."""
    database.executemany("DELETE FROM night WHERE day = ?", [(day,) for day in days])
    database.executemany("DELETE FROM folder_night WHERE day = ?", [(day,) for day in days])
    newest = max(known_days(database), default=0)
    unseen = database.execute(
        "SELECT id, message FROM placement WHERE last < ? AND NOT EXISTS (SELECT 1 FROM folder_night"
        " WHERE folder = placement.folder AND day >= first AND day < last AND state = 'listed')"
        " UNION SELECT id, message FROM placement WHERE first > ? AND first < ?",
        (OPEN, newest, NOW),
    ).fetchall()
    database.executemany("DELETE FROM placement WHERE id = ?", [(id_,) for id_, _ in unseen])
    _forget(database, sorted({message for _, message in unseen}))
    oldest = min(known_days(database), default=0)
    database.execute("UPDATE night SET added = NULL, removed = NULL WHERE day = ?", (oldest,))


def _forget(database: sqlite3.Connection, messages: Sequence[int]) -> None:
    """Delete messages that lie nowhere any more; the search must be told the very words it was given."""
    gone = database.execute(
        "SELECT id, head, told FROM message WHERE id IN (SELECT value FROM json_each(?))"
        " AND NOT EXISTS (SELECT 1 FROM placement WHERE message = message.id)",
        (json.dumps(messages),),
    ).fetchall()
    database.executemany(
        "INSERT INTO search (search, rowid, sender, recipients, subject) VALUES ('delete', ?, ?, ?, ?)",
        [(id_, *searched(unpacked_head(told)[0])) for id_, head, told in gone if head == READ],
    )
    ids = [(id_,) for id_, _, _ in gone]
    database.executemany("INSERT INTO text_stale SELECT message FROM text_read WHERE message = ?", ids)
    database.executemany("DELETE FROM text_read WHERE message = ?", ids)
    database.executemany("DELETE FROM message WHERE id = ?", ids)
