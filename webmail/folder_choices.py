"""What Gestione cartelle offers: the folders of a night beyond the defaults, and those that only other nights hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from snapshots.catalogue import FolderCount
from snapshots.types import Folder
from webmail import wording
from webmail.context import nested


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """One folder that can be shown or not; its note is its count, or the nights that hold it."""

    id: str
    name: str
    title: str
    note: str
    depth: int
    is_shown: bool
    is_elsewhere: bool


def folder_choices(
    counts: list[FolderCount], elsewhere: Mapping[Folder, list[date]], shown: frozenset[str], words: str
) -> list[FolderChoice]:
    """Return what can be chosen, this night's first; with words, the folders whose whole name holds them."""
    notes = {
        count.folder: wording.number(count.total) if count.total is not None else ""
        for count in counts
        if not count.folder.role
    }
    others = {folder: ", ".join(map(wording.short_day, sorted(days))) for folder, days in elsewhere.items()}
    chosen = _choices(notes, shown, words, is_elsewhere=False)
    return chosen + _choices(others, shown, words, is_elsewhere=True)


def _choices(
    notes: Mapping[Folder, str], shown: frozenset[str], words: str, *, is_elsewhere: bool
) -> list[FolderChoice]:
    found = {folder: note for folder, note in notes.items() if words.casefold() in _title(folder).casefold()}
    return [
        FolderChoice(folder.id, name, _title(folder), note, depth, folder.id in shown, is_elsewhere)
        for (folder, note), (depth, name) in zip(found.items(), nested(list(found)), strict=True)
    ]


def _title(folder: Folder) -> str:
    return " / ".join(folder.levels)
