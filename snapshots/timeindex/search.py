"""Searching all nights' messages by words of sender, recipients and subject, and of their text."""

import json
import re
import sqlite3
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from snapshots.catalogue import PAGE_SIZE, Fate
from snapshots.history import Hit, Hits, SearchQuery
from snapshots.timeindex.fates import fates_of, has_index
from snapshots.timeindex.folders import folder_on
from snapshots.timeindex.nights import listed_days
from snapshots.timeindex.packing import microseconds
from snapshots.timeindex.rows import placed
from snapshots.timeindex.schema import NOW
from snapshots.types import Folder

WORDS_AT_MOST = 20
# New Tai Lue vowels and Vedic marks are letters to Python and none to SQLite, which then sees two words, a phrase.
_TOKEN = re.compile(r"[^\W_\u19b0-\u19c0\u19c8\u19c9\u1cf2\u1cf3]+")
_FOUND = "SELECT rowid AS id FROM search WHERE search MATCH :match"
_FOUND_IN_TEXT = (
    "SELECT rowid AS id FROM text WHERE text MATCH :match AND rowid NOT IN (SELECT message FROM text_stale)"
)
_FOUND_IN_OTHER_HEADS = (
    " UNION ALL SELECT rowid FROM search WHERE search MATCH :match AND rowid NOT IN (SELECT message FROM text_read)"
)
_ARE_TEXTS_READ = "SELECT (SELECT count(*) FROM text_read) = (SELECT count(*) FROM message)"
_FROM_SENDER = "hit.id IN (SELECT rowid FROM search WHERE search MATCH :sender)"


@dataclass(frozen=True, slots=True)
class Question:
    """A query as SQL: what to look through, what must hold, and the values."""

    source: str
    conditions: str
    values: Mapping[str, object]


def search(database: sqlite3.Connection, query: SearchQuery, number: int, until: int | None) -> Hits:
    """Return one page of the messages that match, newest delivery first; fates are as of the night `until`."""
    is_complete = has_index(database, "by_sender")
    question = _question(query, _found_in_text(database) if query.in_text else None)
    if question is None:
        return Hits(1, 0, (), is_complete)
    where = f"FROM {question.source} WHERE {question.conditions}"
    total = int(database.execute(f"SELECT count(*) {where}", question.values).fetchone()[0])
    if not total:
        return Hits(1, 0, (), is_complete)
    number = min(max(1, number), max(1, -(-total // PAGE_SIZE)))
    page = {"limit": PAGE_SIZE, "offset": (number - 1) * PAGE_SIZE}
    found = database.execute(
        f"SELECT hit.id {where} ORDER BY hit.id DESC LIMIT :limit OFFSET :offset",
        {**question.values, **page},
    )
    return Hits(number, total, _hits(database, [id_ for (id_,) in found], until), is_complete)


def _found_in_text(database: sqlite3.Connection) -> str:
    """Return what finds words in texts, and in the heads of messages whose text is not read yet."""
    return _FOUND_IN_TEXT + ("" if database.execute(_ARE_TEXTS_READ).fetchone()[0] else _FOUND_IN_OTHER_HEADS)


def _question(query: SearchQuery, in_text: str | None) -> Question | None:
    """Return a query as SQL; None for one that asks nothing, or can find nothing.

    Every token is quoted for FTS5, so that nothing a person types is syntax to it. In the text, each word may
    stand in the head or in the text, wherever the others stand; the index of texts holds the words of both.
    """
    words = [f'"{token}"*' for token in _tokens(query.words)]
    senders = [f'sender : "{token}"*' for token in _tokens(query.sender)]
    match = words if in_text else words + senders
    conditions, values = _limits(query)
    if in_text and senders:
        conditions.append(_FROM_SENDER)
    if not (match or conditions) or (query.words.strip() and not words):
        return None
    source = "message AS hit"
    if match:
        found = in_text or _FOUND
        source = f"({found}) AS found JOIN message AS hit USING (id)" if conditions else f"({found}) AS hit"
    values |= {"match": " AND ".join(match), "sender": " AND ".join(senders)}
    return Question(source, " AND ".join(conditions or ["TRUE"]), values)


def _limits(query: SearchQuery) -> tuple[list[str], dict[str, object]]:
    """Return what must hold of a message `hit`, and the values of that."""
    lies, values = _where_it_lay(query)
    conditions = [f"EXISTS (SELECT 1 FROM placement WHERE message = hit.id AND {lies})"] if lies else []
    if query.has_attachments:
        conditions.append("has_attachments")
    if query.received_from:
        conditions.append("coalesce(internal_date, received) >= :received_from")
        values["received_from"] = microseconds(query.received_from)
    if query.received_before:
        conditions.append("coalesce(internal_date, received) < :received_before")
        values["received_before"] = microseconds(query.received_before)
    return conditions, values


def _where_it_lay(query: SearchQuery) -> tuple[str, dict[str, object]]:
    """Return what a placement must be like, empty where any will do."""
    conditions: list[str] = []
    values: dict[str, object] = {}
    if query.folder:
        conditions.append("folder = (SELECT id FROM folder WHERE name = :folder)")
        values["folder"] = query.folder.name
    if query.first_day:
        conditions.append("last > :first_day")
        values["first_day"] = query.first_day.toordinal()
    if query.last_day:
        conditions.append("first <= :last_day")
        values["last_day"] = query.last_day.toordinal()
    return " AND ".join(conditions), values


def _tokens(text: str) -> list[str]:
    """Split text into words as the index does: letters and digits, whatever stands between them.

    >>> _tokens('Perché "NEAR(x" anna.neri@example.org')
    ['Perché', 'NEAR', 'x', 'anna', 'neri', 'example', 'org']
    """
    return _TOKEN.findall(unicodedata.normalize("NFC", text))[:WORDS_AT_MOST]


def _hits(database: sqlite3.Connection, messages: Sequence[int], until: int | None) -> list[Hit]:
    """Return messages as hits: each in the folder that held it last."""
    listed = listed_days(database)
    nights: dict[int, set[int]] = defaultdict(set)
    last: dict[int, tuple[int, int, int]] = {}
    found = database.execute(
        "SELECT message, id, folder, first, last FROM placement"
        " WHERE message IN (SELECT value FROM json_each(?)) AND first < ?",
        (json.dumps(messages), NOW),
    )
    for message, id_, folder, first, end in found:
        days = {day for day in listed.get(folder, ()) if first <= day < end}
        if days:
            nights[message] |= days
            last[message] = max(last.get(message, (0, 0, 0)), (max(days), id_, folder))
    folders: dict[tuple[int, int], Folder] = {}
    fates = _fates(database, last.values(), until)
    hits = []
    for place in placed(database, [last[message][1] for message in messages if message in last], fates):
        day, _, folder_id = last[place.message]
        if (folder_id, day) not in folders:
            folders[folder_id, day] = folder_on(database, folder_id, day)
        held = [date.fromordinal(each) for each in sorted(nights[place.message])]
        hits.append(Hit(place.row, folders[folder_id, day], held))
    return hits


def _fates(database: sqlite3.Connection, last: Iterable[tuple[int, int, int]], until: int | None) -> dict[int, Fate]:
    """Return what became of placements after the last night that holds them, asked night by night."""
    by_day: dict[int, list[int]] = defaultdict(list)
    for day, id_, _ in last:
        by_day[day].append(id_)
    fates: dict[int, Fate] = {}
    for day, ids in by_day.items():
        if until is not None and day < until:
            fates |= fates_of(database, day, until, ids)
    return fates
