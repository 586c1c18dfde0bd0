"""A night's catalogue that stays: from the index, and from the snapshot as soon as the index fails."""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from snapshots.catalogue import NEWEST_FIRST, Catalogue, Filter, FolderCount, Located, Order, Page, Row
from snapshots.closing import Closing
from snapshots.engines.base import MailboxReader
from snapshots.timeindex.lists import open_catalogue
from snapshots.timeindex.store import DAMAGE, IndexFile, is_damage
from snapshots.types import Folder, Night

T = TypeVar("T")


class IndexedCatalogue(Closing):
    """Asks the index, and the listing once the index could not answer (the contract: `Catalogue`)."""

    def __init__(self, file: IndexFile, database: sqlite3.Connection, index: Catalogue, listing: Catalogue) -> None:
        self._file = file
        self._database = database
        self._asked = index
        self._listing = listing

    @classmethod
    def open(
        cls, file: IndexFile, night: Night, reader: MailboxReader, listing: Catalogue
    ) -> "IndexedCatalogue | None":
        """Open the index's catalogue of a night; None while it does not know that night."""
        database = file.open_to_read()
        if database is None:
            return None
        try:
            index = open_catalogue(database, night, reader)
        except DAMAGE as error:
            note_failure(file, error)
            index = None
        if index is None:
            database.close()
            return None
        return cls(file, database, index, listing)

    def folders(self) -> list[FolderCount]:
        return self._ask(lambda catalogue: catalogue.folders())

    def folder(self, folder_id: str) -> Folder:
        return self._ask(lambda catalogue: catalogue.folder(folder_id))

    def page(
        self, folder: Folder, number: int = 1, *, order: Order = NEWEST_FIRST, filter: Filter = Filter.ALL
    ) -> Page:
        return self._ask(lambda catalogue: catalogue.page(folder, number, order=order, filter=filter))

    def find(self, message_id: str, folder: Folder | None = None) -> Located:
        return self._ask(lambda catalogue: catalogue.find(message_id, folder))

    def find_all(self, message_ids: Collection[str], *, first: Folder | None = None) -> dict[str, Located]:
        return self._ask(lambda catalogue: catalogue.find_all(message_ids, first=first))

    def row(self, located: Located) -> Row:
        return self._ask(lambda catalogue: catalogue.row(located))

    def rows(self, located: Sequence[Located]) -> list[Row]:
        return self._ask(lambda catalogue: catalogue.rows(located))

    def close(self) -> None:
        self._database.close()

    def _ask(self, question: Callable[[Catalogue], T]) -> T:
        if self._asked is not self._listing:
            try:
                return question(self._asked)
            except DAMAGE as error:
                note_failure(self._file, error)
                self._asked = self._listing
        return question(self._listing)


def note_failure(file: IndexFile, error: BaseException) -> None:
    """Let a damaged index be built anew. A wrong use of it is a bug, and stays an error."""
    if isinstance(error, sqlite3.ProgrammingError):
        raise error
    if is_damage(error):
        file.mark_damaged()
