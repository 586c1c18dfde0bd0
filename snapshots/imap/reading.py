"""Read one mailbox over IMAP: its folders, the names of their messages, their bytes. Nothing here can write.

Folders are opened by EXAMINE and message bytes fetched by BODY.PEEK, both in bounded pieces.
"""

import contextlib
import imaplib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from snapshots.closing import Closing
from snapshots.errors import EngineUnavailable, SourceDamaged
from snapshots.imap.answers import GUID, Beginning, Fetched, Named, beginning_of, items_of, named_of
from snapshots.imap.client import Client, Credentials, hang_up, logged_in
from snapshots.imap.failures import translated
from snapshots.imap.names import UNSELECTABLE, Spaces, is_below, plain_name
from snapshots.imap.place import ImapUrl, Timeouts

T = TypeVar("T")
PIECE_BYTES = 256 * 1024
UIDS_AT_ONCE = 2000
READ_SECONDS = 15.0
LIST_SECONDS = 120.0
LIST_BYTES = 1 << 30
OVERHEAD_BYTES = 64 * 1024
NAMES = "(FLAGS INTERNALDATE RFC822.SIZE X-GUID)"
NAMES_WITHOUT_GUID = "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"


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
        self.began_at = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether the connection is closed: by us, or because what came over it could not be trusted any more."""
        return self._client.connection.sock.fileno() < 0

    @property
    def begins_with_alert(self) -> bool:
        """Whether the server began with an alert, to be asked first: seed-control has one for a writable snapshot."""
        return "ALERT" in self._client.connection.untagged_responses

    def inbox_guid(self) -> str | None:
        """Return the INBOX's own GUID; None where the server knows no such thing."""
        with self._asking(READ_SECONDS, OVERHEAD_BYTES):
            kind, data = _unless_declined(lambda: self._client.connection.status("INBOX", "(X-GUID)")) or ("NO", [])
        found = [quoted or bare for item in data if isinstance(item, bytes) for quoted, bare in GUID.findall(item)]
        return found[0].decode("ascii", "replace").lower() if kind == "OK" and found else None

    def inbox_rights(self) -> str | None:
        """Return what this login may do with the INBOX (RFC 4314's letters); None where the server does not tell."""
        with self._asking(READ_SECONDS, OVERHEAD_BYTES):
            kind, data = _unless_declined(lambda: self._client.connection.myrights("INBOX")) or ("NO", [])
        said = data[0].split() if kind == "OK" and data and isinstance(data[0], bytes) else []
        return said[-1].decode("ascii", "replace").strip('"') if len(said) > 1 else None

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
            return [named_of(item) for item in answer.items]

    def beginnings(self, uids: Sequence[int], read_bytes: int) -> dict[int, Beginning]:
        """Return, by UID, the first bytes of those messages of the examined folder that are there."""
        items = f"INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{read_bytes}>)"
        found: dict[int, Beginning] = {}
        for start in range(0, len(uids), UIDS_AT_ONCE):
            some = uids[start : start + UIDS_AT_ONCE]
            with self._asking(LIST_SECONDS, len(some) * (read_bytes + OVERHEAD_BYTES)):
                answer = self._fetch_with_guid(",".join(map(str, some)), f"(X-GUID {items}", f"({items}")
                found |= {each.uid: each for each in map(beginning_of, answer.items)}
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

    def _fetch_with_guid(self, uids: str, items: str, items_without: str) -> Fetched:
        """Fetch the server's own names of messages too; one that has none calls the question bad."""
        answer = _unless_declined(lambda: self._fetch(uids, items)) if self._knows_guids else None
        self._knows_guids = answer is not None
        return self._fetch(uids, items_without) if answer is None else answer

    def _fetch(self, uids: str, items: str) -> Fetched:
        """Return what UID FETCH answers, untouched: imapclient's own takes no range and parses 20 times as long."""
        connection = self._client.connection
        kind, data = connection.uid("FETCH", uids, items)
        if kind != "OK":
            data = connection.untagged_responses.pop("FETCH", [])
        return Fetched(list(items_of(data)), is_complete=kind == "OK")

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
        except BaseException:
            # Half of an answer may still be under way, which nobody must take for the next one.
            self._client.connection.shutdown()
            raise
        finally:
            self._client.connection.bound(seconds=None, size_bytes=None)


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
