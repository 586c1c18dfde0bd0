"""An engine whose mailboxes are values: for tests, and the shortest example of the contract."""

import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO, cast

from snapshots.closing import Closing
from snapshots.engines.base import HEAD_BYTES, HEADER_BLOCK_BYTES
from snapshots.errors import FolderNotFound, MailboxNotFound, MessageNotFound, SnapshotGone
from snapshots.roles import assign_roles
from snapshots.types import Account, Entry, Flag, Folder, Head, Night
from snapshots.types import message_id as id_of

EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class MemoryEntry:
    """A message held in memory (the contract: `snapshots.types.Entry`)."""

    guid: str
    source: bytes = field(repr=False)
    ordinal: int = 0
    received: datetime = EPOCH
    internal_date: datetime = EPOCH
    flags: Flag = Flag.NONE
    keywords: tuple[str, ...] = ()

    @property
    def size_bytes(self) -> int:
        return len(self.source)


@dataclass(frozen=True, slots=True)
class MemoryMailbox:
    """One account's mail on one night: folder names, each with its messages in order of delivery."""

    folders: Mapping[str, Sequence[MemoryEntry]]
    inbox_guid: str | None = None


class MemoryEngine:
    """Serves what it was given (the contract: `snapshots.engines.base.Engine`)."""

    def __init__(self, nights: Mapping[Night, Mapping[str, MemoryMailbox]]) -> None:
        self._nights = nights

    def nights(self, account: Account | None) -> list[Night]:
        return sorted(self._nights, key=lambda night: night.day)

    def open(self, account: Account, night: Night) -> "MemoryReader":
        if night not in self._nights:
            raise SnapshotGone(account=account.address, day=night.day)
        if account.address not in self._nights[night]:
            raise MailboxNotFound(account=account.address, day=night.day)
        return MemoryReader(self._nights[night][account.address])


class MemoryReader(Closing):
    def __init__(self, mailbox: MemoryMailbox) -> None:
        self._mailbox = mailbox

    def inbox_guid(self) -> str | None:
        return self._mailbox.inbox_guid

    def folders(self) -> list[Folder]:
        names = sorted(self._mailbox.folders, key=lambda name: (name != "INBOX", name.casefold()))
        return assign_roles((Folder(name=name, handle=name) for name in names), {})

    def entries(self, folder: Folder) -> Sequence[MemoryEntry]:
        if folder.handle not in self._mailbox.folders:
            raise FolderNotFound(folder=folder.name)
        return self._mailbox.folders[folder.handle]

    def count(self, folder: Folder) -> int:
        return len(self.entries(folder))

    def find(self, folder: Folder, message_id: str) -> MemoryEntry | None:
        entries = self.entries(folder)
        return next((entry for entry in entries if id_of(entry.guid, entry.ordinal) == message_id), None)

    def find_all(self, folder: Folder, message_ids: Collection[str]) -> dict[str, MemoryEntry]:
        by_id = {id_of(entry.guid, entry.ordinal): entry for entry in self.entries(folder)}
        return {each: by_id[each] for each in message_ids if each in by_id}

    def heads(self, folder: Folder, entries: Sequence[Entry], *, read_bytes: int = HEAD_BYTES) -> list[Head]:
        held = [entry for entry in cast("Sequence[MemoryEntry]", entries) if entry in self.entries(folder)]
        return [
            Head(entry, entry.internal_date, entry.size_bytes, _beginning(entry.source, read_bytes)) for entry in held
        ]

    def records(self, folder: Folder) -> list[str]:
        return [_record(entry) for entry in self.entries(folder)]

    def entry(self, folder: Folder, record: str) -> MemoryEntry:
        guid, ordinal, flags, keywords, received = json.loads(record)
        held = (entry for entry in self.entries(folder) if (entry.guid, entry.ordinal) == (guid, ordinal))
        return next(held, None) or MemoryEntry(
            guid, b"", ordinal, datetime.fromisoformat(received), EPOCH, Flag(flags), tuple(keywords)
        )

    def open_source(self, folder: Folder, entry: Entry) -> BinaryIO:
        if entry not in self.entries(folder):
            raise MessageNotFound(folder=folder.name, guid=entry.guid)
        return io.BytesIO(cast("MemoryEntry", entry).source)

    def close(self) -> None:
        """Nothing is held open."""


def _record(entry: MemoryEntry) -> str:
    return json.dumps([entry.guid, entry.ordinal, entry.flags.value, entry.keywords, entry.received.isoformat()])


def _beginning(source: bytes, read_bytes: int) -> bytes:
    data = source[:read_bytes]
    return data if b"\n\n" in data or b"\n\r\n" in data else source[:HEADER_BLOCK_BYTES]
