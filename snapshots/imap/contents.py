"""What lies in a live mailbox, as far as a restore has to know it. Reading only, and nothing is marked as read."""

import hashlib
import imaplib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient.response_parser import parse_fetch_response

from snapshots.headers import field
from snapshots.imap.client import declined
from snapshots.imap.failures import ServerUnreachable, translated
from snapshots.imap.live import LiveMailbox
from snapshots.imap.names import HEADER_ITEM, UNSELECTABLE, is_below

LISTING_SECONDS = 300.0
READING_SECONDS = 120.0
PIECE_BYTES = 256 * 1024
SMALL_BYTES = 1 << 20
"""Messages up to so many bytes are read back several at once."""
TOGETHER_BYTES = 8 << 20
KIBIBYTE = 1024
MOST_BREAKS = 2
_STORAGE = re.compile(rb"\bSTORAGE (\d{1,18}) (\d{1,18})\b", re.IGNORECASE)
ANY_KEYWORD = "\\*"
INBOX = "INBOX"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a message is looked for by: without a Message-ID by its size alone."""

    uid: int
    size_bytes: int
    message_id: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A message read back: the SHA-256 of its bytes, when it was received, its flags but for \\Recent."""

    uid: int
    digest: str
    internal_date: datetime
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of its room an account uses."""

    used_bytes: int
    limit_bytes: int


class FolderUnreadable(ServerUnreachable):
    """The server does not let one folder be looked into."""


class Contents:
    """Looks into a mailbox that is open; the caller closes it.

    `breaks` counts, from one connection to the next, at which folder the line broke: there are servers that hang up on
    whoever looks into a damaged one.
    """

    def __init__(self, mailbox: LiveMailbox, breaks: Counter[str] | None = None) -> None:
        self._breaks = Counter[str]() if breaks is None else breaks
        self._open_folder = ""
        self._client = mailbox.client
        self._connection = mailbox.client.connection
        with self._bounded(READING_SECONDS):
            personal, foreign = mailbox.namespaces()
            listed = self._client.list_folders()
        self._uidvalidity = 0
        self._personal = personal
        self._folders = [each for each in listed if not is_below(each[2], foreign)]

    @property
    def names(self) -> list[str]:
        """The owner's own folders that can hold messages, by the server's names."""
        return [name for flags, _, name in self._folders if UNSELECTABLE.isdisjoint(flag.lower() for flag in flags)]

    def has(self, name: str) -> bool:
        """Whether there is such a folder, one that can hold messages."""
        return name in self.names or name.upper() == INBOX

    def exists(self, name: str) -> bool:
        """Whether there is such a folder, be it one that only holds others."""
        return any(name == listed for _, _, listed in self._folders) or name.upper() == INBOX

    def name_of(self, levels: Sequence[str]) -> str:
        """Return what the server calls, or would call, a folder of the owner's.

        What the server takes for the end of a level cannot be in the name of one, so a hyphen stands for it.
        """
        prefix, delimiter = self._beginning()
        inbox, *below = levels
        if inbox.upper() == INBOX and not below:
            return INBOX
        if inbox.upper() == INBOX and prefix.upper() == f"{INBOX}{delimiter}":
            levels = below
        plain = [level.replace(delimiter, "-") if delimiter else level for level in levels]
        return prefix + delimiter.join(plain)

    def above(self, name: str) -> Iterator[str]:
        """Yield the names of the folders a folder lies in, the outermost first, and last its own."""
        prefix, delimiter = self._beginning()
        levels = name.removeprefix(prefix).split(delimiter) if delimiter else [name.removeprefix(prefix)]
        yield from (prefix + delimiter.join(levels[:count]) for count in range(1, len(levels) + 1))

    def _beginning(self) -> tuple[str, str]:
        """Return what the names of the owner's folders begin with, and what parts their levels."""
        if self._personal:
            prefix, delimiter = self._personal[0]
            return prefix or "", delimiter or ""
        told = next((delimiter for _, delimiter, _ in self._folders if delimiter), b"")
        return "", told.decode("ascii", "replace")

    def guids(self, folder: str) -> dict[int, str] | None:
        """Return the guid of each message in a folder, by UID; None where the server knows none."""
        found: dict[int, str] | None = {}
        if self._examine(folder):
            found = None
            with self._bounded(LISTING_SECONDS), declined():
                fetched = self._fetched("1:*", "(X-GUID)", b"X-GUID")
                found = {uid: told[b"X-GUID"].decode("utf-8", "surrogateescape") for uid, told in fetched.items()}
        return found

    def marks(self, folder: str, *, from_uid: int = 1) -> list[Mark]:
        """Return what a folder's messages are looked for by, from a UID on."""
        if not self._examine(folder):
            return []
        with self._bounded(LISTING_SECONDS):
            fetched = self._fetched(f"{from_uid}:*", f"(RFC822.SIZE {HEADER_ITEM[1:-1]})", b"RFC822.SIZE")
        # The last message answers too when its UID is below what was asked for.
        return [_mark(uid, told) for uid, told in sorted(fetched.items()) if uid >= from_uid]

    def read_back(self, folder: str, uids: Sequence[int], *, uidvalidity: int | None = None) -> Iterator[Copy]:
        """Yield what is stored under those UIDs, of that UIDVALIDITY if one is given; what is not there is left out."""
        if not uids or not self._examine(folder) or uidvalidity not in (None, self._uidvalidity):
            return
        with self._bounded(READING_SECONDS):
            sizes = self._sizes(uids)
        for together in _groups(sizes):
            with self._bounded(READING_SECONDS + sum(sizes[uid] for uid in together) / KIBIBYTE / 64):
                yield from self._copies(together)
        for uid in (uid for uid, size_bytes in sizes.items() if size_bytes > SMALL_BYTES):
            with self._bounded(READING_SECONDS + sizes[uid] / KIBIBYTE / 64):
                yield self._copy(uid, sizes[uid])

    def quota(self, folder: str) -> Quota | None:
        """Return the quota of what lies in a folder: of several, that with the least room; None where none is told."""
        told: list[Quota] = []
        if self._client.has_capability("QUOTA"):
            with self._bounded(READING_SECONDS), declined():
                _, (_, quotas) = self._connection.getquotaroot(self._client._normalise_folder(folder))
                found = (_STORAGE.search(each) for each in quotas if each)
                told = [Quota(int(each[1]) * KIBIBYTE, int(each[2]) * KIBIBYTE) for each in found if each]
        return min(told, key=lambda quota: quota.limit_bytes - quota.used_bytes, default=None)

    def keywords(self, first: str) -> frozenset[str]:
        """Return the keywords that can be set, ANY_KEYWORD among them where new ones can.

        Only a folder opened for writing tells. That takes the mark of recent messages away, so one is opened in which
        there are none: `first`, else whichever comes.
        """
        for name in dict.fromkeys([first, *self.names]):
            with self._bounded(READING_SECONDS), declined():
                if self._client.folder_status(name, ["RECENT"])[b"RECENT"] == 0:
                    told = self._client.select_folder(name)
                    self._examine(name)
                    return frozenset(flag.decode("utf-8", "replace") for flag in told.get(b"PERMANENTFLAGS", ()))
        return frozenset()

    def _examine(self, folder: str) -> int:
        if self._breaks[folder] >= MOST_BREAKS:
            raise FolderUnreadable("the line broke here before")
        self._open_folder = folder
        with self._bounded(READING_SECONDS):
            try:
                told = self._client.select_folder(folder, readonly=True)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                raise FolderUnreadable(str(error)) from error
        self._uidvalidity = int(told.get(b"UIDVALIDITY", 0))
        return int(told.get(b"EXISTS", 0))

    def _fetched(self, uids: str, items: str, *needed: bytes) -> dict[int, Any]:
        """Return what is told of messages, by UID; what a server tells unasked lacks what is `needed`."""
        kind, data = self._connection.uid("FETCH", uids, items)
        if kind != "OK":
            raise imaplib.IMAP4.error(f"FETCH was answered {kind}")
        told = parse_fetch_response(data, normalise_times=False) if data != [None] else {}
        return {uid: each for uid, each in told.items() if all(name in each for name in needed)}

    def _sizes(self, uids: Sequence[int]) -> dict[int, int]:
        told = self._fetched(numbers_of(uids), "(RFC822.SIZE)", b"RFC822.SIZE")
        return {uid: each[b"RFC822.SIZE"] for uid, each in told.items()}

    def _copies(self, uids: Sequence[int]) -> Iterator[Copy]:
        for uid, told in self._fetched(numbers_of(uids), "(INTERNALDATE FLAGS BODY.PEEK[])", b"BODY[]").items():
            yield _copy(uid, hashlib.sha256(told[b"BODY[]"]).hexdigest(), told)

    def _copy(self, uid: int, size_bytes: int) -> Copy:
        told = self._fetched(str(uid), "(INTERNALDATE FLAGS)")[uid]
        digest = hashlib.sha256()
        for start in range(0, size_bytes, PIECE_BYTES):
            piece = self._fetched(str(uid), f"(BODY.PEEK[]<{start}.{PIECE_BYTES}>)")[uid]
            digest.update(piece[f"BODY[]<{start}>".encode("ascii")])
        return _copy(uid, digest.hexdigest(), told)

    @contextmanager
    def _bounded(self, seconds: float) -> Iterator[None]:
        self._connection.bound(seconds=seconds, size_bytes=None)
        try:
            with translated():
                yield
        except FolderUnreadable:
            raise
        except ServerUnreachable:
            self._breaks[self._open_folder] += 1
            raise
        finally:
            self._connection.bound(seconds=None, size_bytes=None)


def numbers_of(uids: Sequence[int]) -> str:
    """Return numbers as a command names them, neighbours as one range: thousands must not make a line too long."""
    ranges: list[list[int]] = []
    for uid in sorted(uids):
        if ranges and uid == ranges[-1][1] + 1:
            ranges[-1][1] = uid
        else:
            ranges.append([uid, uid])
    return ",".join(f"{first}:{last}" if first != last else str(first) for first, last in ranges)


def _groups(sizes: dict[int, int]) -> Iterator[list[int]]:
    """Yield small messages in groups that fit into memory."""
    group: list[int] = []
    total_bytes = 0
    for uid, size_bytes in sizes.items():
        if size_bytes > SMALL_BYTES:
            continue
        if group and total_bytes + size_bytes > TOGETHER_BYTES:
            yield group
            group, total_bytes = [], 0
        group.append(uid)
        total_bytes += size_bytes
    if group:
        yield group


def _mark(uid: int, told: dict[bytes, Any]) -> Mark:
    block = next((value for key, value in told.items() if key.startswith(b"BODY[HEADER")), b"")
    return Mark(uid, int(told[b"RFC822.SIZE"]), field(block, "message-id"))


def _copy(uid: int, digest: str, told: dict[bytes, Any]) -> Copy:
    flags = frozenset(flag.decode("utf-8", "replace") for flag in told[b"FLAGS"]) - {"\\Recent"}
    return Copy(uid, digest, told[b"INTERNALDATE"].astimezone(UTC), flags)
