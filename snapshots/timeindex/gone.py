"""What became of a night's mail, folder by folder, and whether it looks like mail that is collected."""

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from snapshots.catalogue import PAGE_SIZE, Fate, FateKind
from snapshots.history import Gone, GoneGroup, Reference
from snapshots.timeindex.fates import Fates, Left, counted, has_index, left
from snapshots.timeindex.folders import folders_on
from snapshots.timeindex.nights import known_days
from snapshots.timeindex.rows import placed
from snapshots.timeindex.schema import OPEN
from snapshots.types import Folder

COLLECTED_NIGHTS = 4
"""How many nights a program leaves mail on the server at most, when it collects it by POP3."""

COLLECTED_TIMES = 2
"""Between so many pairs of nights at least mail must have left, for once may be an accident."""

_DAY = 86_400_000_000
_EPOCH_DAY = 719_163


def gone(
    database: sqlite3.Connection, day: int, until: int, reference: Reference, *, kind: FateKind | None = None
) -> Gone:
    """Return what became of a night's mail until another night, or the live mailbox."""
    those_left = left(database, day, until)
    fates = Fates(database, day, until).of(those_left)
    by_folder: dict[int, list[Left]] = defaultdict(list)
    for each in those_left:
        if each.id in fates and kind in (None, fates[each.id].kind):
            by_folder[each.folder].append(each)
    there = folders_on(database, until).keys()
    groups = [
        _group(database, folder, by_folder[id_], fates, is_vanished=id_ not in there)
        for id_, folder in folders_on(database, day).items()
        if id_ in by_folder
    ]
    return Gone(
        day=date.fromordinal(day),
        reference=reference,
        groups=groups,
        counts=counted(those_left, fates),
    )


def _group(
    database: sqlite3.Connection,
    folder: Folder,
    those_left: Sequence[Left],
    fates: Mapping[int, Fate],
    *,
    is_vanished: bool,
) -> GoneGroup:
    newest = sorted(those_left, key=lambda each: each.message, reverse=True)[:PAGE_SIZE]
    rows = [each.row for each in placed(database, [each.id for each in newest], fates)]
    return GoneGroup(folder, rows, counted(those_left, fates), is_vanished=is_vanished)


def is_pop3_pattern(database: sqlite3.Connection) -> bool:
    """Whether INBOX only ever holds what came lately, and what came has left it again and again.

    A program that collects mail by POP3 takes it off the server at once or a few nights later. So no night shows
    a message in INBOX more than COLLECTED_NIGHTS after it was received, and between COLLECTED_TIMES pairs of nights
    at least some left the mailbox altogether. One accident, however large, is no pattern; nor is an INBOX that
    keeps any older mail, or whose mail is moved to other folders. Nothing shows while the names are still placed.
    """
    if not has_index(database, "by_date"):
        return False
    days = known_days(database)
    inbox = database.execute("SELECT id FROM folder WHERE name = 'INBOX'").fetchone()
    if len(days) <= COLLECTED_TIMES or inbox is None:
        return False
    kept = database.execute(
        "SELECT 1 FROM placement INDEXED BY by_date WHERE folder = :inbox AND first <= :newest AND"
        " min(last, :newest + 1) - 1 - (date / :day + :epoch) > :nights LIMIT 1",
        {"inbox": inbox[0], "newest": days[-1], "day": _DAY, "epoch": _EPOCH_DAY, "nights": COLLECTED_NIGHTS},
    ).fetchone()
    if kept:
        return False
    times = database.execute(
        "SELECT count(DISTINCT last) FROM placement AS lost WHERE folder = ? AND last < ? AND NOT EXISTS"
        " (SELECT 1 FROM placement AS later WHERE later.message = lost.message AND later.last > lost.last)",
        (inbox[0], OPEN),
    ).fetchone()[0]
    return bool(times >= COLLECTED_TIMES)
