"""The contract of a history: what can be said of one account's mail across all its nights.

The time index answers it; while there is none, there is no history. Every answer is finished values. Days
that are not known yet are said so, never guessed: only a night that was listed can show that mail is gone.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Literal, Protocol, Self

from snapshots.catalogue import PAGE_SIZE, Fate, FateKind, Row
from snapshots.types import Folder

Against = date | Literal["now"] | None
"""What a night is compared with: another day, the live mailbox, or (None) the reference."""


class Stage(enum.StrEnum):
    """How far the index has come: names of the nights, heads of the messages, everything."""

    NAMES = "names"
    HEADS = "heads"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the index has come; `days` are the nights whose names it knows, newest last.

    The texts are None where nobody asked for a search in them.
    """

    stage: Stage
    heads_done: int
    heads_total: int
    days: Sequence[date]
    text_done: int | None = None
    text_total: int | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """What "gone" compares with: the live mailbox as it was at `moment`, or the newest complete night."""

    day: date | None = None
    moment: datetime | None = None


class NightState(enum.StrEnum):
    """What is known of a night: PARTLY has folders that could not be read, PENDING waits to be indexed.

    ABSENT: the mailbox did not exist that night; LOCKED: not proved to be this person's; MISSING: no snapshot.
    """

    LISTED = "listed"
    PARTLY = "partly"
    ABSENT = "absent"
    LOCKED = "locked"
    MISSING = "missing"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class NightSummary:
    """One offered day. Counts are None while they are not known; `added` and `removed` are messages that came
    to the mailbox and left it since the night known before. `last_offered` is the last day it can be opened.
    """

    day: date
    state: NightState
    last_offered: date
    taken_at: datetime | None = None
    messages: int | None = None
    size_bytes: int | None = None
    added: int | None = None
    removed: int | None = None
    unreadable: Sequence[Folder] = ()


@dataclass(frozen=True, slots=True)
class GoneGroup:
    """What became of one folder's messages: the newest PAGE_SIZE of them, and how many there are of each kind.

    `is_vanished`: the whole folder is no longer there.
    """

    folder: Folder
    rows: Sequence[Row]
    counts: Mapping[FateKind, int]
    is_vanished: bool = False

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of a night's mail until `reference`. `counts` counts each message once, of every kind."""

    day: date
    reference: Reference
    groups: Sequence[GoneGroup]
    counts: Mapping[FateKind, int]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to search for: every word, in sender, recipients or subject; accents and case do not matter.

    `in_text`: a word may as well stand in the message's text or in the name of an attachment, as far as texts
    were read.
    `folder` and the days limit where and when a message lay, aware moments when it was received.
    """

    words: str = ""
    folder: Folder | None = None
    first_day: date | None = None
    last_day: date | None = None
    sender: str = ""
    has_attachments: bool = False
    received_from: datetime | None = None
    received_before: datetime | None = None
    in_text: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """One message found: the nights that hold it, oldest first, and the folder it lies in on the last of them."""

    row: Row
    folder: Folder
    days: Sequence[date]

    @property
    def last_day(self) -> date:
        return self.days[-1]

    @property
    def fate(self) -> Fate | None:
        return self.row.fate


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of what was found, newest delivery first. `is_complete` is False while heads are still read."""

    number: int
    total: int
    hits: Sequence[Hit]
    is_complete: bool = True
    size: int = PAGE_SIZE

    @property
    def last_number(self) -> int:
        return max(1, -(-self.total // self.size))


class Presence(enum.StrEnum):
    """Where a message was on a day; LOCKED, ABSENT, MISSING and PENDING are the night's, as in NightState."""

    PRESENT = "present"
    NOT_YET = "not-yet"
    GONE = "gone"
    UNREADABLE = "unreadable"
    LOCKED = "locked"
    ABSENT = "absent"
    MISSING = "missing"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class StoryDay:
    """One day of a message's story, with the folders that held it: two, where there was a copy.

    `message_id` is its id there: a move may have given it another. GONE is a day it was away, be it for good or not.
    """

    day: date
    presence: Presence
    folders: Sequence[Folder] = ()
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A message's way through the offered days, oldest first, and what became of it after the last."""

    days: Sequence[StoryDay]
    fate: Fate | None = None


class History(Protocol):
    """Answers about all nights of one account; to be closed, or used in a `with`."""

    def stage(self) -> Stage:
        """Return how far the index has come, at the cost of a glance."""

    def progress(self) -> Progress:
        """Return how far the index has come, in numbers: it counts every message."""

    def is_behind(self) -> bool:
        """Say whether a builder has something to do: nights, heads, or a look at the live mailbox."""

    def reference(self) -> Reference | None:
        """Return what "gone" compares with; None while no complete night is known."""

    def nights(self) -> list[NightSummary]:
        """Return every offered day, oldest first, and what is known of it."""

    def folders(self) -> list[Folder]:
        """Return every folder of any known night, as the newest night that held it knew it."""

    def gone_counts(self) -> Mapping[date, int]:
        """Return for every known night how many of its messages are gone from the mailbox."""

    def is_pop3_pattern(self) -> bool:
        """Say whether mail leaves INBOX soon after it came, as a program that collects it makes it do."""

    def gone(self, day: date, against: Against = None, *, kind: FateKind | None = None) -> Gone:
        """Return what became of a night's mail; with `kind`, the groups hold and count that alone.

        Raises: SnapshotNotFound where either side is not known.
        """

    def search(self, query: SearchQuery, number: int = 1) -> Hits:
        """Return one page of the messages of all nights that match; nothing for a query that asks nothing."""

    def story(self, message_id: str, folder: Folder | None = None) -> Story:
        """Return a message's way through the days. Raises: MessageNotFound."""

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
