"""The words of the product as types: what an engine, a catalogue and a page say to each other.

IMAP calls "mailbox" what we call a *folder*; here a *mailbox* is one account's whole mail on one day.
All times are aware UTC datetimes, all sizes bytes, every value finished: nothing here does I/O.
"""

import base64
import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol


class Role(enum.StrEnum):
    """What a folder is for, whatever its name (RFC 6154). The value is its id in URLs."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    TRASH = "trash"
    JUNK = "junk"


class FolderState(enum.StrEnum):
    """Whether a folder could be read; an unreadable one must never look like an empty one."""

    LISTED = "listed"
    UNREADABLE = "unreadable"


class Flag(enum.Flag):
    """System flags (RFC 9051 section 2.3.2) and FORWARDED, which Maildir has as a letter."""

    NONE = 0
    SEEN = enum.auto()
    ANSWERED = enum.auto()
    FLAGGED = enum.auto()
    DELETED = enum.auto()
    DRAFT = enum.auto()
    FORWARDED = enum.auto()


@dataclass(frozen=True, slots=True)
class Account:
    """A canonical mail login. `domain` is an A-label; `variables` are extra fields for path templates."""

    user: str
    domain: str
    variables: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    @property
    def address(self) -> str:
        return f"{self.user}@{self.domain}"

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True, slots=True)
class Night:
    """One snapshot as an account sees it: the day it stands for, when it was taken, its name on its volume."""

    day: date
    taken_at: datetime
    name: str
    volume: int = 0


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder. `name` has its levels joined by `delimiter`; `handle` means something to its engine only."""

    name: str
    delimiter: str = "/"
    role: Role | None = None
    subscribed: bool = True
    state: FolderState = FolderState.LISTED
    handle: str = ""

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(self.name.split(self.delimiter)) if self.delimiter else (self.name,)

    @property
    def id(self) -> str:
        """The folder's id in URLs: its role, else a token of its name that no engine's delimiter changes."""
        return self.role.value if self.role else "f-" + token("\x1f".join(self.levels))


class Entry(Protocol):
    """A message as a listing knows it, before it is opened. Reading a property never does I/O.

    `ordinal` tells apart messages of one folder that share a guid; it counts from 0.
    `received` is the engine's cheap time of delivery; the true internal date comes with the head.
    `size_bytes` is None where the listing does not tell it.
    """

    @property
    def guid(self) -> str: ...
    @property
    def ordinal(self) -> int: ...
    @property
    def received(self) -> datetime: ...
    @property
    def size_bytes(self) -> int | None: ...
    @property
    def flags(self) -> Flag: ...
    @property
    def keywords(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Head:
    """An opened message's beginning: its whole header block and what of the body came with the same read."""

    entry: Entry
    internal_date: datetime
    size_bytes: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """One correspondent, decoded for display. Either part may be empty."""

    name: str
    address: str

    def __str__(self) -> str:
        return self.name or self.address


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the header says of a message, as in RFC 9051 section 7.5.2, decoded.

    `date` is the Date header as an aware UTC datetime, None where it is absent or not plain;
    `date_text` is that header as it was written.
    """

    subject: str = ""
    date: datetime | None = None
    date_text: str = ""
    from_: tuple[Address, ...] = ()
    sender: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    message_id: str = ""


def digest_of(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=9).digest()


def token(text: str) -> str:
    """Return a short opaque URL-safe digest of `text`: 12 characters, 72 bits."""
    return token_of(digest_of(text))


def token_of(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode("ascii")


def digest_of_token(text: str) -> bytes:
    """Return the digest a token stands for; empty for what is no token."""
    try:
        return base64.urlsafe_b64decode(text)
    except ValueError:
        return b""


def message_id(guid: str, ordinal: int) -> str:
    """Return a message's id in URLs: the same on every night, since its guid is."""
    return token(f"{guid}\x1f{ordinal}" if ordinal else guid)
