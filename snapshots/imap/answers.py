"""What a server answers to FETCH, read without a parser for all of IMAP: 70,000 lines in a second."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, NamedTuple

from snapshots.errors import ProtocolViolation
from snapshots.headers import field
from snapshots.types import digest_of, token_of

# What Dovecot answers to NAMES; whoever answers in another order is read item by item.
_IN_ORDER = re.compile(
    rb'\d+ \(UID (\d+) FLAGS \(([^)]*)\) INTERNALDATE "([^"]{26})" RFC822\.SIZE (\d+) '
    rb'X-GUID (?:"([^"\\]*)"|([^ ()"{]+))\)'
)
_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")
_FLAGS, _DATE = re.compile(rb"\bFLAGS \(([^)]*)\)"), re.compile(rb'\bINTERNALDATE "([^"]{26})"')
GUID = re.compile(rb'\bX-GUID (?:"([^"\\]*)"|([^ ()"{]+))')
_MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}


class Named(NamedTuple):
    """A message as FETCH tells it without opening it; `flags` and `date` as they were sent."""

    uid: int
    guid: str
    flags: bytes
    date: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """A message's first bytes, its names once more."""

    uid: int
    guid: str | None
    date: bytes
    size_bytes: int
    data: bytes


class Item(NamedTuple):
    """One message's FETCH answer: its text with literals cut out, and each literal with the text before it."""

    text: bytes
    literals: list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The messages of one FETCH; not complete where the server said NO after them."""

    items: list[Item]
    is_complete: bool


def items_of(data: Iterable[Any]) -> Iterator[Item]:
    """Put imaplib's pieces together: a literal ends one piece, and what follows belongs to the same message."""
    texts: list[bytes] = []
    literals: list[tuple[bytes, bytes]] = []
    for piece in data:
        if isinstance(piece, tuple):
            texts.append(piece[0])
            literals.append((piece[0], piece[1]))
        elif piece is not None:
            texts.append(piece)
            yield Item(b" ".join(texts) if literals else piece, literals)
            texts, literals = [], []


def named_of(item: Item) -> Named:
    match = _IN_ORDER.fullmatch(item.text)
    if match and not item.literals:
        uid, flags, date, size, quoted, bare = match.groups()
        return Named(int(uid), (quoted or bare).decode("utf-8", "surrogateescape"), flags, date, int(size))
    flags, date = _one(_FLAGS, item), _one(_DATE, item)
    uid, size = int(_one(_UID, item)), int(_one(_SIZE, item))
    return Named(uid, _guid(item) or _digest(item, date, size), flags, date, size)


def _guid(item: Item) -> str | None:
    literal = next((data for before, data in item.literals if b"X-GUID {" in before[-40:]), None)
    found = GUID.search(item.text)
    guid = literal or (found and (found[1] or found[2]))
    return guid.decode("utf-8", "surrogateescape") if guid else None


def _digest(item: Item, date: bytes, size_bytes: int) -> str:
    """Name a message where its server has no name for it: the same on every night, as these three are."""
    header = next((data for before, data in item.literals if b"BODY[HEADER.FIELDS" in before), b"")
    told = (field(header, "message-id"), str(size_bytes), moment(date).isoformat())
    return token_of(digest_of("\x1f".join(told)))


def beginning_of(item: Item) -> Beginning:
    date = _one(_DATE, item)
    data = next((data for before, data in item.literals if b"BODY[]" in before), b"")
    return Beginning(int(_one(_UID, item)), _guid(item), date, int(_one(_SIZE, item)), data)


def _one(pattern: re.Pattern[bytes], item: Item) -> bytes:
    found = pattern.search(item.text)
    if found is None:
        raise ProtocolViolation(f"The server left out {pattern.pattern.decode()!r}")
    return found[1]


def moment(date: bytes) -> datetime:
    """Return an INTERNALDATE as an aware UTC datetime. Raises: ProtocolViolation. Source: RFC 9051, date-time."""
    try:
        hours, minutes, seconds = int(date[12:14]), int(date[15:17]), min(59, int(date[18:20]))
        if not (0 <= hours < 24 and 0 <= minutes < 60 and seconds >= 0):
            raise ValueError
        return _midnight(date[:11], date[21:26]) + timedelta(seconds=3600 * hours + 60 * minutes + seconds)
    except (ValueError, KeyError, OverflowError) as error:
        raise ProtocolViolation("The server sent no date") from error


@lru_cache(maxsize=4096)
def _midnight(day: bytes, zone: bytes) -> datetime:
    """Return when a day began in a zone, in UTC; a folder has many messages of one day."""
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    local = timezone(-offset if zone[:1] == b"-" else offset)
    return datetime(int(day[7:11]), _MONTHS[day[3:6]], int(day[0:2]), tzinfo=local).astimezone(UTC)
