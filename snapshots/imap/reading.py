"""Read one mailbox over IMAP: its folders, the names of their messages, their bytes. Nothing here can write.

Folders are opened by EXAMINE and message bytes fetched by BODY.PEEK, both in bounded pieces.
"""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, TypeVar

from snapshots.closing import Closing
from snapshots.errors import EngineUnavailable, ProtocolViolation, SourceDamaged
from snapshots.headers import field
from snapshots.imap.client import Client, Credentials, hang_up, logged_in
from snapshots.imap.failures import SaidGoodbye, ServerUnreachable, translated
from snapshots.imap.names import UNSELECTABLE, Spaces, is_below, plain_name
from snapshots.imap.place import ImapUrl, Timeouts
from snapshots.types import digest_of, token_of

T = TypeVar("T")
PIECE_BYTES = 256 * 1024
UIDS_AT_ONCE = 2000
READ_SECONDS = 15.0
LIST_SECONDS = 120.0
LIST_BYTES = 1 << 30
OVERHEAD_BYTES = 64 * 1024
NAMES = "(FLAGS INTERNALDATE RFC822.SIZE X-GUID)"
NAMES_WITHOUT_GUID = "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"

# What Dovecot answers to NAMES; whoever answers in another order is read item by item.
_IN_ORDER = re.compile(
    rb'\d+ \(UID (\d+) FLAGS \(([^)]*)\) INTERNALDATE "([^"]{26})" RFC822\.SIZE (\d+) '
    rb'X-GUID (?:"([^"\\]*)"|([^ ()"{]+))\)'
)
_UID, _SIZE = re.compile(rb"\bUID (\d+)"), re.compile(rb"\bRFC822\.SIZE (\d+)")
_FLAGS, _DATE = re.compile(rb"\bFLAGS \(([^)]*)\)"), re.compile(rb'\bINTERNALDATE "([^"]{26})"')
_GUID = re.compile(rb'\bX-GUID (?:"([^"\\]*)"|([^ ()"{]+))')
_MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}


@dataclass(frozen=True, slots=True)
class ListedFolder:
    """A folder as LIST tells it. `handle` is its name on the server, `name` that with `/` between its levels."""

    handle: str
    name: str
    flags: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Examined:
    """A folder as EXAMINE tells it: what stays the same as long as its messages do."""

    count: int
    uid_validity: int
    uid_next: int


@dataclass(frozen=True, slots=True)
class Named:
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


def read_mailbox(
    url: ImapUrl, credentials: Credentials, *, timeouts: Timeouts | None = None, tls: ssl.SSLContext | None = None
) -> "ReadingSession":
    """Log in and return a session that reads, to be closed by the caller. Raises: what `logged_in` raises."""
    return ReadingSession(logged_in(url, credentials, timeouts=timeouts, tls=tls))


class ReadingSession(Closing):
    """A connection that reads one mailbox. Every method raises ServerUnreachable, SaidGoodbye among them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._examined: tuple[str, Examined] | None = None
        self._knows_guids = True

    def inbox_guid(self) -> str | None:
        """Return the INBOX's own GUID; None where the server knows no such thing."""
        with self._asking(READ_SECONDS, OVERHEAD_BYTES):
            kind, data = _unless_declined(lambda: self._client.connection.status("INBOX", "(X-GUID)")) or ("NO", [])
        found = [quoted or bare for item in data if isinstance(item, bytes) for quoted, bare in _GUID.findall(item)]
        return found[0].decode("ascii", "replace").lower() if kind == "OK" and found else None

    def folders(self) -> list[ListedFolder]:
        """Return the folders of the mailbox that can be opened; other people's and public ones are not in it."""
        with self._asking(READ_SECONDS, LIST_BYTES):
            own, foreign = self._namespaces()
            listed = self._client.list_detailed()
        return [
            ListedFolder(name, plain_name(name, delimiter, own), frozenset(flags))
            for flags, delimiter, name in listed
            if UNSELECTABLE.isdisjoint(flag.lower() for flag in flags) and not is_below(name, foreign)
        ]

    def count(self, handle: str) -> int | None:
        """Return how many messages a folder holds; None where there is no such folder, or it cannot be read."""
        with self._asking(READ_SECONDS, OVERHEAD_BYTES):
            told = _unless_declined(lambda: self._client.folder_status(handle, ["MESSAGES"]))
        return None if told is None else _number(told.get(b"MESSAGES"))

    def examine(self, handle: str) -> Examined | None:
        """Open a folder to be read; None where there is none of that name, or it cannot be read."""
        if self._examined and self._examined[0] == handle:
            return self._examined[1]
        self._examined = None
        with self._asking(LIST_SECONDS, LIST_BYTES):
            said = _unless_declined(lambda: self._client.select_folder(handle, readonly=True))
        if said is None:
            return None
        examined = Examined(*(_number(said.get(key)) for key in (b"EXISTS", b"UIDVALIDITY", b"UIDNEXT")))
        self._examined = handle, examined
        return examined

    def names(self) -> list[Named]:
        """Return the names of all messages of the examined folder, in the server's order.

        Raises: EngineUnavailable too where the server cannot tell them all.
        """
        if not self._examined or not self._examined[1].count:
            return []
        with self._asking(LIST_SECONDS, LIST_BYTES):
            answer = self._fetch_with_guid("1:*", NAMES, NAMES_WITHOUT_GUID)
            if not answer.is_complete:
                raise EngineUnavailable("The server could not list the whole folder")
            return [_named(item) for item in answer.items]

    def beginnings(self, uids: Sequence[int], read_bytes: int) -> dict[int, Beginning]:
        """Return, by UID, the first bytes of those messages of the examined folder that are there."""
        items = f"INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{read_bytes}>)"
        found: dict[int, Beginning] = {}
        for start in range(0, len(uids), UIDS_AT_ONCE):
            some = uids[start : start + UIDS_AT_ONCE]
            with self._asking(LIST_SECONDS, len(some) * (read_bytes + OVERHEAD_BYTES)):
                answer = self._fetch_with_guid(",".join(map(str, some)), f"(X-GUID {items}", f"({items}")
                found |= {each.uid: each for each in map(_beginning, answer.items)}
        return found

    def piece(self, uid: int, offset: int, size_bytes: int) -> bytes | None:
        """Return at most PIECE_BYTES of a message of the examined folder; None where it is not there.

        Raises: SourceDamaged too where it is there and cannot be read.
        """
        size_bytes = min(size_bytes, PIECE_BYTES)
        with self._asking(READ_SECONDS, size_bytes + OVERHEAD_BYTES):
            answer = self._fetch(str(uid), f"(BODY.PEEK[]<{offset}.{size_bytes}>)")
        data = [literal for item in answer.items for _, literal in item.literals]
        if not data and not answer.is_complete:
            raise SourceDamaged
        return data[0] if data else None

    def close(self) -> None:
        hang_up(self._client)

    def _namespaces(self) -> tuple[Spaces, Spaces]:
        own, *others = self._client.namespace() if self._client.has_capability("NAMESPACE") else ((),)
        return list(own or ()), [space for spaces in others for space in spaces or () if space[0]]

    def _fetch_with_guid(self, uids: str, items: str, items_without: str) -> "Fetched":
        """Fetch the server's own names of messages too; one that has none calls the question bad."""
        answer = _unless_declined(lambda: self._fetch(uids, items)) if self._knows_guids else None
        self._knows_guids = answer is not None
        return self._fetch(uids, items_without) if answer is None else answer

    def _fetch(self, uids: str, items: str) -> "Fetched":
        """Return what UID FETCH answers, untouched: imapclient's own takes no range and parses 20 times as long."""
        connection = self._client.connection
        kind, data = connection.uid("FETCH", uids, items)
        if kind != "OK":
            data = connection.untagged_responses.pop("FETCH", [])
        return Fetched(list(_items(data)), is_complete=kind == "OK")

    @contextlib.contextmanager
    def _asking(self, seconds: float, size_bytes: int) -> Iterator[None]:
        self._client.connection.bound(seconds=seconds, size_bytes=size_bytes)
        try:
            with translated():
                try:
                    yield
                except (OSError, imaplib.IMAP4.abort):
                    self._client.raise_goodbye()
                    raise
        except (ServerUnreachable, SaidGoodbye):
            self._client.connection.shutdown()
            raise
        finally:
            self._client.connection.bound(seconds=None, size_bytes=None)


@dataclass(frozen=True, slots=True)
class Item:
    """One message's FETCH answer: its text with literals cut out, and each literal with the text before it."""

    text: bytes
    literals: list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The messages of one FETCH; not complete where the server said NO after them."""

    items: list[Item]
    is_complete: bool


def _items(data: Iterable[Any]) -> Iterator[Item]:
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


def _named(item: Item) -> Named:
    match = _IN_ORDER.fullmatch(item.text)
    if match and not item.literals:
        uid, flags, date, size, quoted, bare = match.groups()
        return Named(int(uid), (quoted or bare).decode("utf-8", "surrogateescape"), flags, date, int(size))
    flags, date = _one(_FLAGS, item), _one(_DATE, item)
    uid, size = int(_one(_UID, item)), int(_one(_SIZE, item))
    return Named(uid, _guid(item) or _digest(item, date, size), flags, date, size)


def _guid(item: Item) -> str | None:
    literal = next((data for before, data in item.literals if b"X-GUID {" in before[-40:]), None)
    found = _GUID.search(item.text)
    guid = literal or (found and (found[1] or found[2]))
    return guid.decode("utf-8", "surrogateescape") if guid else None


def _digest(item: Item, date: bytes, size_bytes: int) -> str:
    """Name a message where its server has no name for it: the same on every night, as these three are."""
    header = next((data for before, data in item.literals if b"BODY[HEADER.FIELDS" in before), b"")
    told = (field(header, "message-id"), str(size_bytes), moment(date).isoformat())
    return token_of(digest_of("\x1f".join(told)))


def _beginning(item: Item) -> Beginning:
    date = _one(_DATE, item)
    data = next((data for before, data in item.literals if b"BODY[]" in before), b"")
    return Beginning(int(_one(_UID, item)), _guid(item), date, int(_one(_SIZE, item)), data)


def _one(pattern: re.Pattern[bytes], item: Item) -> bytes:
    found = pattern.search(item.text)
    if found is None:
        raise ProtocolViolation(f"The server left out {pattern.pattern.decode()!r}")
    return found[1]


def _unless_declined(ask: Callable[[], T]) -> T | None:
    """Return None for what the server refuses; a broken connection still raises."""
    try:
        return ask()
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return None


def _number(said: Any) -> int:
    value = said[0] if isinstance(said, list) else said
    return int(value or 0)


def moment(date: bytes) -> datetime:
    """Return an INTERNALDATE as an aware UTC datetime. Raises: ProtocolViolation. Source: RFC 9051, date-time."""
    try:
        day, month, year = int(date[0:2]), _MONTHS[date[3:6]], int(date[7:11])
        clock = int(date[12:14]), int(date[15:17]), min(59, int(date[18:20]))
        offset = timedelta(hours=int(date[22:24]), minutes=int(date[24:26]))
        zone = timezone(-offset if date[21:22] == b"-" else offset)
        return datetime(year, month, day, *clock, tzinfo=zone).astimezone(UTC)
    except (ValueError, KeyError, OverflowError) as error:
        raise ProtocolViolation("The server sent no date") from error
