"""The contract of a catalogue: which folders, which page, which message of a mailbox on one night.

`listing.py` answers it straight from an engine; the time index answers it in milliseconds once it is built.
No page knows which one spoke.
"""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from snapshots.types import Entry, Envelope, Flag, Folder, message_id

PAGE_SIZE = 50


class Sort(enum.StrEnum):
    """What a list is sorted by. DATE is when the server received the message."""

    DATE = "date"
    SENDER = "sender"
    SUBJECT = "subject"
    SIZE = "size"


class Filter(enum.StrEnum):
    """Which messages of a folder a list shows. GONE: those that are nowhere in the mailbox any more."""

    ALL = "all"
    UNREAD = "unread"
    FLAGGED = "flagged"
    ATTACHMENTS = "attachments"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted."""

    sort: Sort = Sort.DATE
    descending: bool = True


NEWEST_FIRST = Order()


class FateKind(enum.StrEnum):
    """What became of a message: CLEARED was in trash or junk when it was last seen, and is gone since."""

    GONE = "gone"
    TRASHED = "trashed"
    MOVED = "moved"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message of a night until the moment it is compared with.

    `since` is the first night that shows it, None where only the live mailbox does; `folder` is where the
    message lies now, None where it is gone.
    """

    kind: FateKind
    since: date | None
    folder: Folder | None = None


@dataclass(frozen=True, slots=True)
class FolderCount:
    """A folder, how many messages it holds and how many of them are unread; None while that is not known."""

    folder: Folder
    total: int | None
    unread: int | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """A message found in its folder: all an engine needs to open it."""

    folder: Folder
    entry: Entry

    @property
    def id(self) -> str:
        return message_id(self.entry.guid, self.entry.ordinal)


@dataclass(frozen=True, slots=True)
class Row:
    """One message of a list.

    A damaged one could not be opened: only what its folder's listing tells is known. A truncated one holds
    fewer bytes than were once stored. A pending one has not been opened yet. `fate` is None for a message
    that is where it was, and while that is not known.
    """

    id: str
    flags: Flag
    keywords: tuple[str, ...]
    envelope: Envelope
    internal_date: datetime
    size_bytes: int | None
    has_attachments: bool
    snippet: str = ""
    is_damaged: bool = False
    is_truncated: bool = False
    is_pending: bool = False
    fate: Fate | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a folder; `number` counts from 1, `total` counts what the filter lets through.

    `order` and `filter` are those it was made with: others than were asked for while those are not ready.
    """

    folder: Folder
    number: int
    total: int
    rows: Sequence[Row]
    size: int = PAGE_SIZE
    order: Order = NEWEST_FIRST
    filter: Filter = Filter.ALL

    @property
    def last_number(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first_place(self) -> int:
        """The place of the page's first message in its folder, from 1; 0 in an empty one."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last_place(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)


class Catalogue(Protocol):
    """Answers about one mailbox on one night. Every method raises the engine's errors."""

    def folders(self) -> list[FolderCount]:
        """Return every folder with its count, INBOX first, then by name."""

    def folder(self, folder_id: str) -> Folder:
        """Return the folder of that id. Raises: FolderNotFound."""

    def page(
        self, folder: Folder, number: int = 1, *, order: Order = NEWEST_FIRST, filter: Filter = Filter.ALL
    ) -> Page:
        """Return one page of a folder; a number past the end gives the last page."""

    def find(self, message_id: str, folder: Folder | None = None) -> Located:
        """Return where a message lies, in that folder or in any. Raises: MessageNotFound."""

    def find_all(self, message_ids: Collection[str], *, first: Folder | None = None) -> dict[str, Located]:
        """Return, by id, where those of the messages lie that the night holds; no folder is looked through twice.

        What `first` holds is found there: two folders may hold different messages of one id.
        """

    def row(self, located: Located) -> Row:
        """Return the list's row of one message."""

    def rows(self, located: Sequence[Located]) -> list[Row]:
        """Return the rows of several messages, in the order asked."""
