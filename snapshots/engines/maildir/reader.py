"""One account's Maildir on one night, open for reading."""

import errno
import io
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import BinaryIO, NamedTuple, TypeVar, cast

from snapshots.closing import Closing
from snapshots.engines.base import HEAD_BYTES, HEADER_BLOCK_BYTES
from snapshots.engines.beneath import NOT_OF_ONE, HeldDirectory, check_not_removed, descending, open_file, read_file
from snapshots.engines.compression import decompressed, is_compressed, read_beginning
from snapshots.engines.deadline import CHUNK_BYTES, Guard, guarded_file
from snapshots.engines.maildir.folders import Encoding, directories_of, list_folders, open_messages
from snapshots.engines.maildir.listing import ListingCache, MaildirListing
from snapshots.engines.maildir.names import (
    MaildirEntry,
    base_name,
    entry_of,
    moment,
    read_keywords,
    read_mailbox_guid,
    read_message_guids,
)
from snapshots.engines.volumes import translate
from snapshots.errors import EngineUnavailable, FolderNotFound, MessageNotFound, SnapshotError, SourceDamaged
from snapshots.roles import assign_roles
from snapshots.types import Account, Entry, Folder, Head, Night, Role

T = TypeVar("T")
UIDLIST = "dovecot-uidlist"
UIDLIST_BYTES = 256 << 20
UIDLIST_HEADER_BYTES = 1024
KEYWORDS = "dovecot-keywords"
KEYWORDS_BYTES = 64 << 10
QUICK_SECONDS = 0.003
QUICK_MESSAGES = 50


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """How an engine's readers read: encoding of folder names, roles by name, threads for heads, their cache."""

    encoding: Encoding = Encoding.AUTO
    roles: Mapping[str, Role] = field(default_factory=dict)
    threads: int = 8
    listings: ListingCache = field(default_factory=ListingCache)


class MaildirReader(Closing):
    """Reads below one directory; each call is one guarded visit to the mount."""

    def __init__(
        self, root: HeldDirectory, guard: Guard, *, account: Account, night: Night, options: ReaderOptions
    ) -> None:
        self._root = root
        self._guard = guard
        self._account = account
        self._night = night
        self._options = options

    def inbox_guid(self) -> str | None:
        def read(root: int) -> bytes:
            return read_file(root, UIDLIST, limit_bytes=UIDLIST_HEADER_BYTES)

        return read_mailbox_guid(self._visit(read, FolderNotFound))

    def folders(self) -> list[Folder]:
        folders = self._visit(lambda root: list_folders(root, self._options.encoding), FolderNotFound)
        return assign_roles(folders, self._options.roles)

    def entries(self, folder: Folder) -> MaildirListing:
        def look(root: int) -> MaildirListing:
            with descending(root, directories_of(folder.handle)) as directory:
                key = (self._account.address, self._night, folder.handle, _state(directory))
                return self._options.listings.get(key, lambda: _read_listing(directory))

        return self._visit(look, FolderNotFound, folder=folder.name)

    def count(self, folder: Folder) -> int:
        return len(self.entries(folder))

    def find(self, folder: Folder, message_id: str) -> MaildirEntry | None:
        return self.entries(folder).find(message_id)

    def find_all(self, folder: Folder, message_ids: Collection[str]) -> dict[str, MaildirEntry]:
        return self.entries(folder).find_all(message_ids)

    def records(self, folder: Folder) -> list[str]:
        return self.entries(folder).records()

    def entry(self, folder: Folder, record: str) -> MaildirEntry:
        return entry_of(record)

    def heads(self, folder: Folder, entries: Sequence[Entry], *, read_bytes: int = HEAD_BYTES) -> list[Head]:
        """Read one after the other while the storage is quick (a warm cache), and side by side when it is not."""
        listed = [cast("MaildirEntry", entry) for entry in entries]
        patience_seconds = QUICK_SECONDS * max(1.0, len(listed) / QUICK_MESSAGES)

        def begin(root: int) -> Heads:
            return _read_heads(root, folder, listed, read_bytes=read_bytes, patience_seconds=patience_seconds)

        first = self._visit(begin, FolderNotFound)
        left = listed[first.tried :]
        share = max(1, -(-len(left) // self._options.threads))

        def read(some: list[MaildirEntry]) -> Callable[[int], Heads]:
            return lambda root: _read_heads(root, folder, some, read_bytes=read_bytes)

        works = [read(left[start : start + share]) for start in range(0, len(left), share)]
        results = self._visit_all(works, FolderNotFound, folder=folder.name) if works else []
        return [head for result in (first, *results) for head in result.heads]

    def open_source(self, folder: Folder, entry: Entry) -> BinaryIO:
        """Read what one read can hold in the visit that opens it, so that its parts cost no visits of their own."""

        def failed(error: OSError) -> SnapshotError:
            if error.errno == errno.EIO:
                return self._error(SourceDamaged, folder=folder.name, guid=entry.guid)
            return translate(error, self._error(MessageNotFound, folder=folder.name, guid=entry.guid))

        def find(root: int) -> bytes | BinaryIO:
            with descending(root, directories_of(folder.handle)) as directory:
                file = os.fdopen(_open_message(directory, cast("MaildirEntry", entry)), "rb")
            if os.fstat(file.fileno()).st_size > CHUNK_BYTES:
                return file
            with file:
                try:
                    return file.read(CHUNK_BYTES)
                except OSError as error:
                    raise failed(error) from error

        found = self._visit(find, MessageNotFound, folder=folder.name, guid=entry.guid)
        stream: BinaryIO = (
            io.BufferedReader(io.BytesIO(found))
            if isinstance(found, bytes)
            else guarded_file(found, self._guard, failed)
        )
        try:
            return decompressed(stream)
        except BaseException:
            stream.close()
            raise

    def close(self) -> None:
        self._root.close()

    def _visit(self, work: Callable[[int], T], not_there: type[SnapshotError], **ids: str) -> T:
        return self._visit_all([work], not_there, **ids)[0]

    def _visit_all(self, works: Sequence[Callable[[int], T]], not_there: type[SnapshotError], **ids: str) -> list[T]:
        """Run reads inside the guard, each with a descriptor of its own."""

        def own(work: Callable[[int], T]) -> Callable[[], T]:
            def run() -> T:
                with self._root.opened() as root:
                    try:
                        return work(root)
                    finally:
                        check_not_removed(root)

            return run

        try:
            return self._guard.call_all([own(work) for work in works])
        except OSError as error:
            raise translate(error, self._error(not_there, **ids)) from error

    def _error(self, kind: type[SnapshotError], *, folder: str | None = None, guid: str | None = None) -> SnapshotError:
        return kind(account=self._account.address, day=self._night.day, folder=folder, guid=guid)


def _state(directory: int) -> tuple[tuple[int, ...] | None, ...]:
    """What tells that a folder has not changed: its directories' and lists' identity and times."""
    return tuple(_identity(directory, name) for name in ("cur", "new", UIDLIST, KEYWORDS))


def _identity(directory: int, name: str) -> tuple[int, ...] | None:
    try:
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size)


def _read_listing(directory: int) -> MaildirListing:
    return MaildirListing(
        current=_names(directory, "cur"),
        new=_names(directory, "new"),
        guids=read_message_guids(read_file(directory, UIDLIST, limit_bytes=UIDLIST_BYTES)),
        keyword_names=read_keywords(read_file(directory, KEYWORDS, limit_bytes=KEYWORDS_BYTES)),
    )


def _names(directory: int, name: str) -> list[str]:
    messages = open_messages(directory, name)
    if messages is None:
        return []
    try:
        return [name for name in os.listdir(messages) if name[0] != "."]
    finally:
        os.close(messages)


class Heads(NamedTuple):
    """The heads that could be read, and how many messages were tried for them."""

    heads: list[Head]
    tried: int


def _read_heads(
    root: int, folder: Folder, entries: Sequence[MaildirEntry], *, read_bytes: int, patience_seconds: float = inf
) -> Heads:
    """Read heads in order until they take longer than `patience_seconds`."""
    heads = []
    until = monotonic() + patience_seconds
    with descending(root, directories_of(folder.handle)) as directory, ExitStack() as opened:
        directories: dict[str, int] = {}
        for tried, entry in enumerate(entries, 1):
            name = _directory_of(entry)
            try:
                if name not in directories:
                    directories[name] = opened.enter_context(descending(directory, [name]))
                heads.append(_read_head(_open_in(directories[name], entry), entry, read_bytes))
            except (SourceDamaged, EngineUnavailable):
                continue
            except OSError as error:
                if error.errno in NOT_OF_ONE:
                    raise
            if monotonic() > until:
                return Heads(heads, tried)
    return Heads(heads, len(entries))


def _directory_of(entry: MaildirEntry) -> str:
    return "new" if entry.is_new else "cur"


def _open_message(directory: int, entry: MaildirEntry) -> int:
    with descending(directory, [_directory_of(entry)]) as messages:
        return _open_in(messages, entry)


def _open_in(messages: int, entry: MaildirEntry) -> int:
    """Open a message; one renamed since it was listed (in a copy made by rsync) is found by its base name."""
    try:
        return open_file(messages, entry.name)
    except FileNotFoundError:
        base = base_name(entry.name)
        renamed = next((name for name in os.listdir(messages) if base_name(name) == base), None)
        if renamed is None or renamed == entry.name:
            raise
        return open_file(messages, renamed)


def _read_head(descriptor: int, entry: MaildirEntry, read_bytes: int) -> Head:
    try:
        status = os.fstat(descriptor)
        data = os.read(descriptor, read_bytes)
        if is_compressed(data):
            data = _decompressed(descriptor, read_bytes)
            return Head(entry, moment(status.st_mtime), entry.size_bytes or status.st_size, data)
        if len(data) == read_bytes and b"\n\n" not in data and b"\n\r\n" not in data:
            data += os.read(descriptor, HEADER_BLOCK_BYTES - read_bytes)
    finally:
        os.close(descriptor)
    return Head(entry, moment(status.st_mtime), status.st_size, data)


def _decompressed(descriptor: int, read_bytes: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with os.fdopen(descriptor, "rb", closefd=False) as file, decompressed(file) as stream:
        data = read_beginning(stream, read_bytes)
        if len(data) == read_bytes and b"\n\n" not in data and b"\n\r\n" not in data:
            data += read_beginning(stream, HEADER_BLOCK_BYTES - read_bytes)
    return data
