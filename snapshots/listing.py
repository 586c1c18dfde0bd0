"""The catalogue straight from an engine: no index, nothing stored, always true.

A page costs one listing of its folder and the heads of the rows it shows.
"""

from collections.abc import Collection, Sequence
from functools import cached_property

from snapshots.catalogue import NEWEST_FIRST, PAGE_SIZE, Filter, FolderCount, Located, Order, Page, Row
from snapshots.engines.base import HEADS_AT_ONCE, MailboxReader
from snapshots.errors import EngineUnavailable, FolderNotFound, MessageNotFound
from snapshots.rows import row_of
from snapshots.types import Entry, Folder, FolderState


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

    def page(
        self, folder: Folder, number: int = 1, *, order: Order = NEWEST_FIRST, filter: Filter = Filter.ALL
    ) -> Page:
        """Return a page by delivery, of all messages: without an index nothing else is at hand."""
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
            return self._reader.count(folder)
        except EngineUnavailable:
            return None

    def _rows(self, folder: Folder, entries: Sequence[Entry]) -> list[Row]:
        heads = {(head.entry.guid, head.entry.ordinal): head for head in self._reader.heads(folder, entries)}
        return [row_of(entry, heads.get((entry.guid, entry.ordinal))) for entry in entries]
