"""What goes into an archive: messages measured before anything is promised of them, and those that cannot go."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import BinaryIO

from snapshots.archive import Mailbox
from snapshots.catalogue import Located, Row
from snapshots.errors import EngineUnavailable, MessageNotFound, SourceDamaged
from snapshots.types import Entry, Folder

CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Packable:
    """A message that can be read, and how many bytes it has."""

    mailbox: Mailbox
    located: Located
    row: Row
    size_bytes: int

    def chunks(self) -> Iterator[bytes]:
        """Yield the stored bytes. Raises: SourceDamaged when they are not as many as were promised."""
        left_bytes = self.size_bytes
        with self.mailbox.open_source(self.located) as stream:
            while left_bytes >= 0 and (chunk := stream.read(CHUNK_BYTES)):
                left_bytes -= len(chunk)
                yield chunk
        if left_bytes:
            raise SourceDamaged(folder=self.located.folder.name, guid=self.located.entry.guid)


class Cause(StrEnum):
    """Why something cannot go along."""

    DAMAGED = "damaged"
    VANISHED = "vanished"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Lost:
    """What was asked for and cannot go along: a message, a whole folder (no `row`), or an id of nothing."""

    cause: Cause
    folder: Folder | None = None
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What comes out of one folder. `keyword_names` tells what the keyword letters of a Maildir stand for."""

    folder: Folder
    messages: Iterable[Packable]
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that goes into one archive; `lost` is complete when the messages have been gone through."""

    shares: Sequence[Share]
    lost: list[Lost] = field(default_factory=list)

    @property
    def messages(self) -> Iterator[Packable]:
        return (message for share in self.shares for message in share.messages)


def measured(mailbox: Mailbox, located: Located, row: Row, *, most_bytes: int | None = None) -> Packable | Lost:
    """Return a message ready to be packed, or why it cannot be.

    A compressed one is read to its end, so that damage is known before it is promised; not further than a
    little over `most_bytes`, past which its size only says that it is too big.
    Raises: EngineTimeout, EngineUnavailable, SnapshotGone.
    """
    try:
        with mailbox.open_source(located) as stream:
            return Packable(mailbox, located, row, _size_bytes(stream, most_bytes))
    except MessageNotFound:
        return Lost(Cause.VANISHED, located.folder, row)
    except SourceDamaged:
        return Lost(Cause.DAMAGED, located.folder, row)
    except EngineUnavailable:
        # The storage answers for the folder, but not for this message.
        if row.is_damaged:
            return Lost(Cause.DAMAGED, located.folder, row)
        raise


def _size_bytes(stream: BinaryIO, most_bytes: int | None) -> int:
    try:
        return stream.seek(0, io.SEEK_END)
    except io.UnsupportedOperation:
        pass
    size_bytes = 0
    while (most_bytes is None or size_bytes <= most_bytes) and (chunk := stream.read(CHUNK_BYTES)):
        size_bytes += len(chunk)
    return size_bytes


def by_folder(messages: Iterable[Packable]) -> list[Share]:
    """Return chosen messages as shares of their folders, in the order they were chosen."""
    grouped: dict[Folder, list[Packable]] = {}
    for message in messages:
        grouped.setdefault(message.located.folder, []).append(message)
    return [Share(folder, some, [each.located.entry for each in some]) for folder, some in grouped.items()]


def keyword_letters(entries: Iterable[Entry]) -> Mapping[str, str]:
    """Return letter → keyword for one folder: those its files have, else letters in order of first use.

    A Maildir has 26 of them; further keywords find no letter.
    """
    names: dict[str, str] = {}
    for entry in entries:
        own: Mapping[str, str] | None = getattr(entry, "keyword_names", None)
        if own is not None:
            return own
        for keyword in entry.keywords:
            if keyword not in names.values() and len(names) < 26:
                names[chr(ord("a") + len(names))] = keyword
    return names
