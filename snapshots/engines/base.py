"""The two contracts of an engine. Adding one touches its own file and one settings entry.

Engines are narrow, unable to write, and never lazy: every call is one bounded piece of I/O with a
deadline that returns finished values, so that no error surfaces inside a template. An engine is
shared by threads; a reader belongs to one request (or one job) and is closed by it.

Both real engines give the same guids, flags, keywords, dates and bytes for the same tree; one suite
(`tests/snapshots/test_engine_contract.py`) holds them to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from snapshots.types import Account, Entry, Folder, Head, Night

HEADS_AT_ONCE = 500
HEAD_BYTES = 16 * 1024
HEADER_BLOCK_BYTES = 256 * 1024


class MailboxReader(Protocol):
    """One account's mail on one night, open for reading.

    Every method raises SnapshotGone when the night vanished meanwhile, EngineTimeout or
    EngineUnavailable when the storage does not answer.
    """

    def inbox_guid(self) -> str | None:
        """Return the INBOX's own GUID (Dovecot's), the proof of whose mailbox this is; None where unknown."""

    def folders(self) -> list[Folder]:
        """Return every folder, INBOX first, then by name; an unreadable one says so in its state."""

    def entries(self, folder: Folder) -> Sequence[Entry]:
        """Return the folder's messages in order of delivery, oldest first; opens no message.

        Raises: FolderNotFound; EngineUnavailable when the folder is there but cannot be read.
        """

    def count(self, folder: Folder) -> int:
        """Return how many messages a folder holds, cheaper than `entries` where it can be. Raises: what that raises."""

    def find(self, folder: Folder, message_id: str) -> Entry | None:
        """Return the folder's message of that id (`snapshots.types.message_id`), None where it has none."""

    def find_all(self, folder: Folder, message_ids: Collection[str]) -> Mapping[str, Entry]:
        """Return, by id, those of the messages that the folder has; it is looked through once for all of them."""

    def heads(self, folder: Folder, entries: Sequence[Entry], *, read_bytes: int = HEAD_BYTES) -> list[Head]:
        """Return the beginnings of at most HEADS_AT_ONCE messages, in the order asked.

        A head holds the whole header block up to HEADER_BLOCK_BYTES and whatever of the body came with the
        same read of `read_bytes`, at most that size. A message that vanished or cannot be read is left out.
        """

    def records(self, folder: Folder) -> Collection[str]:
        """Return one text a message, all different, from which `entry` makes its entry again.

        A message whose name, flags and keywords are the same has the same record on every night, so two
        nights are compared without looking at a message. Raises: what `entries` raises.
        """

    def entry(self, folder: Folder, record: str) -> Entry:
        """Return the entry a record stands for; no I/O, so it says nothing of whether the message is there."""

    def open_source(self, folder: Folder, entry: Entry) -> BinaryIO:
        """Open the message's stored RFC 5322 bytes, decompressed, as a stream to be closed by the caller.

        It may be read on after the reader was closed.

        Raises: MessageNotFound when it vanished or is not a regular file.
        """

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Engine(Protocol):
    """Says which nights there are, and opens a mailbox on one of them."""

    def nights(self, account: Account | None) -> list[Night]:
        """Return the nights, oldest first, that exist for this account's volume right now.

        With None: the nights the whole platform has, known before anyone logs in; an empty list
        where only an account's own directory could tell. Two nights of one day mean that two
        volumes hold the account.
        Raises: EngineTimeout, EngineUnavailable.
        """

    def open(self, account: Account, night: Night) -> MailboxReader:
        """Open the account's mailbox of that very night, never of another that took its name.

        Raises: MailboxNotFound, NotMaildir, SnapshotGone, EngineTimeout, EngineUnavailable.
        """
