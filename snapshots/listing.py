"""The catalogue straight from an engine: no index, nothing stored, always true.

A page costs one listing of its folder and the heads of the rows it shows.
"""

import io
from collections.abc import Collection, Sequence
from functools import cached_property

from snapshots.catalogue import PAGE_SIZE, FolderCount, Located, Page, Row
from snapshots.engines.base import HEADS_AT_ONCE, MailboxReader
from snapshots.errors import EngineUnavailable, FolderNotFound, MessageNotFound
from snapshots.headers import header_block
from snapshots.mime import Message, attachments, parse
from snapshots.snippets import snippet
from snapshots.types import Entry, Envelope, Folder, FolderState, Head, message_id

GLANCE_BYTES = 4 * 1024
WITH_ATTACHMENTS = frozenset({"multipart/mixed"})


class ListingCatalogue:
    """Answers from an engine's reader (the contract: `snapshots.catalogue.Catalogue`)."""

    def __init__(self, reader: MailboxReader) -> None:
        self._reader = reader

    def folders(self) -> list[FolderCount]:
        return [FolderCount(folder, self._total(folder)) for folder in self._folders]

    def folder(self, folder_id: str) -> Folder:
        found = next((folder for folder in self._folders if folder.id == folder_id), None)
        if found is None:
            raise FolderNotFound(folder=folder_id)
        return found

    def page(self, folder: Folder, number: int = 1) -> Page:
        entries = self._reader.entries(folder)
        last = max(1, -(-len(entries) // PAGE_SIZE))
        number = min(max(1, number), last)
        end = len(entries) - (number - 1) * PAGE_SIZE
        shown = entries[max(0, end - PAGE_SIZE) : end][::-1]
        return Page(folder, number, len(entries), self._rows(folder, shown))

    def find(self, message_id: str, folder: Folder | None = None) -> Located:
        for each in [folder] if folder else self._listed:
            entry = self._reader.find(each, message_id)
            if entry is not None:
                return Located(each, entry)
        raise MessageNotFound

    def find_all(self, message_ids: Collection[str], *, first: Folder | None = None) -> dict[str, Located]:
        found: dict[str, Located] = {}
        for folder in sorted(self._listed, key=lambda folder: folder != first):
            left = [each for each in message_ids if each not in found]
            if not left:
                break
            entries = self._reader.find_all(folder, left)
            found |= {each: Located(folder, entry) for each, entry in entries.items()}
        return found

    def row(self, located: Located) -> Row:
        return self._rows(located.folder, [located.entry])[0]

    def rows(self, located: Sequence[Located]) -> list[Row]:
        by_folder: dict[Folder, list[Entry]] = {}
        for each in located:
            by_folder.setdefault(each.folder, []).append(each.entry)
        rows: dict[tuple[Folder, str], Row] = {}
        for folder, entries in by_folder.items():
            for start in range(0, len(entries), HEADS_AT_ONCE):
                batch = self._rows(folder, entries[start : start + HEADS_AT_ONCE])
                rows |= {(folder, row.id): row for row in batch}
        return [rows[each.folder, each.id] for each in located]

    @property
    def _listed(self) -> list[Folder]:
        return [folder for folder in self._folders if folder.state is FolderState.LISTED]

    @cached_property
    def _folders(self) -> list[Folder]:
        return self._reader.folders()

    def _total(self, folder: Folder) -> int | None:
        if folder.state is FolderState.UNREADABLE:
            return None
        try:
            return len(self._reader.entries(folder))
        except EngineUnavailable:
            return None

    def _rows(self, folder: Folder, entries: Sequence[Entry]) -> list[Row]:
        heads = {(head.entry.guid, head.entry.ordinal): head for head in self._reader.heads(folder, entries)}
        return [_row(entry, heads.get((entry.guid, entry.ordinal))) for entry in entries]


def _row(entry: Entry, head: Head | None) -> Row:
    if head is None:
        return Row(
            id=message_id(entry.guid, entry.ordinal),
            flags=entry.flags,
            keywords=entry.keywords,
            envelope=Envelope(),
            internal_date=entry.received,
            size_bytes=entry.size_bytes,
            has_attachments=False,
            is_damaged=True,
        )
    beginning = head.data[: len(header_block(head.data)) + GLANCE_BYTES]
    message = parse(io.BytesIO(beginning))
    return Row(
        id=message_id(entry.guid, entry.ordinal),
        flags=entry.flags,
        keywords=entry.keywords,
        envelope=message.envelope,
        internal_date=head.internal_date,
        size_bytes=head.size_bytes,
        has_attachments=_has_attachments(message),
        snippet=snippet(message, beginning),
        is_truncated=entry.size_bytes is not None and head.size_bytes < entry.size_bytes,
    )


def _has_attachments(message: Message) -> bool:
    """Guess from a beginning: an attachment seen there, or a structure that mostly holds one further on."""
    return bool(attachments(message)) or any(part.content_type in WITH_ATTACHMENTS for part in message.parts[:1])
