"""The entries of an archive, and names for them that every disk takes."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from snapshots.filenames import clean_filename

COMPONENT_BYTES = 120
PATH_BYTES = 200
FOLDER_BYTES = 90
MARK_LENGTH = 8


def nothing() -> Iterator[bytes]:
    return iter(())


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive; a directory's name ends in a slash."""

    name: str
    modified_at: datetime
    size_bytes: int = 0
    chunks: Callable[[], Iterator[bytes]] = nothing

    @property
    def is_directory(self) -> bool:
        return self.name.endswith("/")


def text_member(name: str, text: str, modified_at: datetime) -> Member:
    data = text.encode()
    return Member(name, modified_at, len(data), lambda: iter((data,)))


class TakenNames:
    """The names in use in one directory, told apart as Windows and macOS do: without case, composed."""

    def __init__(self) -> None:
        # Hashes, since a folder can hold hundreds of thousands; two that meet only cost a name its beauty.
        self._taken: set[int] = set()

    def take(self, name: str) -> bool:
        """Take a name unless it is in use, and say whether it was free."""
        key = hash(unicodedata.normalize("NFC", name.casefold()))
        is_free = key not in self._taken
        self._taken.add(key)
        return is_free

    def free(self, name: str) -> str:
        """Take a name, or the first like it with a number that is free."""
        wanted, number = name, 1
        while not self.take(wanted):
            number += 1
            wanted = f"{name}_{number}"
        return wanted


def cut(text: str, most_bytes: int) -> str:
    """Return the beginning of a text that takes at most so many bytes, without a blank or a dot at its end."""
    return text.encode()[:most_bytes].decode("utf-8", "ignore").rstrip(". ")


def marked(text: str, most_bytes: int) -> str:
    """Return a text that is too long cut, with a mark that tells it from others of the same beginning."""
    if len(text.encode("utf-8", "surrogatepass")) <= most_bytes:
        return text
    mark = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=MARK_LENGTH // 2).hexdigest()
    return f"{cut(text, most_bytes - MARK_LENGTH - 1)}_{mark}"


class FolderPaths:
    """Gives each folder a path of its own, unlike any other at every level."""

    def __init__(self, *reserved: str) -> None:
        self._below: dict[tuple[str, ...], TakenNames] = {(): TakenNames()}
        self._names: dict[tuple[str, ...], str] = {}
        for name in reserved:
            self._below[()].take(name)

    def path(self, levels: Sequence[str]) -> str:
        """Return the path of the folder with these levels, at most FOLDER_BYTES long."""
        path = "/".join(self._name(tuple(levels[: depth + 1])) for depth in range(len(levels)))
        if len(path.encode()) <= FOLDER_BYTES:
            return path
        return self._below[()].free(marked(path.replace("/", "_"), FOLDER_BYTES))

    def _name(self, levels: tuple[str, ...]) -> str:
        if levels not in self._names:
            taken = self._below.setdefault(levels[:-1], TakenNames())
            name = cut(clean_filename(levels[-1], otherwise="_"), COMPONENT_BYTES - MARK_LENGTH)
            self._names[levels] = taken.free(name or "_")
        return self._names[levels]
