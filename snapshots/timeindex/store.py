"""The index's file: where it lies, who may write it, how it is opened, and what happens when it is damaged."""

import fcntl
import hashlib
import logging
import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from snapshots.timeindex import seal
from snapshots.timeindex.schema import TABLES, VERSION
from snapshots.timeindex.seal import Seal
from snapshots.types import Account

PAGE_BYTES = 8192
CACHE_KIB = 32 << 10
BUSY_SECONDS = 5.0

logger = logging.getLogger(__name__)

DAMAGE = (sqlite3.Error, ValueError, TypeError, LookupError, OverflowError)
"""What reading a damaged index raises: SQLite's errors, or those of values that cannot be."""

_NOT_DAMAGE = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_NOMEM,
}


def is_damage(error: BaseException) -> bool:
    """Whether one of DAMAGE tells of a damaged index: not of want of room, nor of a wrong use of SQLite."""
    if not isinstance(error, sqlite3.Error):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF not in _NOT_DAMAGE


@dataclass(frozen=True, slots=True)
class IndexFile:
    """One index: its file, and beside it the lock of whoever builds it and the mark of who found it damaged."""

    path: Path

    @classmethod
    def of(cls, directory: Path, account: Account, guids: Collection[str] | None) -> "IndexFile":
        """Return the index of one reader's right: nobody else's may hold what only this one may open."""
        right = ["any"] if guids is None else ["proved", *sorted(guids)]
        digest = hashlib.sha256("\0".join([account.address, *right]).encode("utf-8", "surrogateescape"))
        return cls(directory / f"{digest.hexdigest()[:40]}.sqlite3")

    @property
    def damaged(self) -> Path:
        return self.path.with_suffix(".damaged")

    @property
    def text_wanted(self) -> Path:
        """Marks that the reader asked for a search in the text of the messages."""
        return self.path.with_suffix(".text")

    @property
    def seal(self) -> Path:
        return self.path.with_suffix(".seal")

    @property
    def live(self) -> Path:
        return self.path.with_suffix(".live")

    def open_to_read(self) -> sqlite3.Connection | None:
        """Open the index for one request; None where there is none that can be trusted."""
        sealed = seal.read(self.seal)
        if sealed is None or not sealed.is_of_this_boot or self.damaged.exists():
            return None
        try:
            connection = _connect(f"{self.path.as_uri()}?mode=ro")
        except sqlite3.OperationalError:
            return None
        try:
            if _version(connection) == VERSION:
                return connection
        except sqlite3.DatabaseError:
            self.mark_damaged()
        connection.close()
        return None

    def ask_for_text(self) -> None:
        """Let the builder read the text of the messages too; the index need not be there yet. Raises: OSError."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.text_wanted.touch(mode=0o600)

    def mark_damaged(self) -> None:
        """Let nobody read the index until it is built anew. A reader cannot do more: a builder may be at work."""
        # With what was raised: a bug would look like damage that comes back for ever.
        logger.warning("a time index is damaged and will be built anew", exc_info=True)
        with suppress(OSError):
            self.damaged.touch(mode=0o600)

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Hold the builder's lock, and say whether it was free; a killed builder's lock is."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    def open_to_build(self) -> "Writer":
        """Open the index for its builder, who holds the lock; one that is damaged or of another version is made anew.

        Raises: sqlite3.Error, OSError when there is no room.
        """
        if not self.damaged.exists() and seal.is_sound(self.path, self.seal):
            connection = self._usable()
            if connection is not None:
                return Writer(self, connection)
        self._remove_database()
        seal.write(self.seal, Seal(seal.this_boot()))
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        connection = _connect(self.path.as_uri())
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        _tune(connection)
        connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT;")
        return Writer(self, connection)

    def remove(self) -> None:
        """Delete the index and what was asked of it; its builder's lock stays."""
        self._remove_database()
        self.text_wanted.unlink(missing_ok=True)

    def _remove_database(self) -> None:
        for suffix in (".seal", ".sqlite3", ".sqlite3-wal", ".sqlite3-shm", ".damaged"):
            self.path.with_suffix(suffix).unlink(missing_ok=True)

    def _usable(self) -> sqlite3.Connection | None:
        connection = _connect(self.path.as_uri())
        try:
            if _version(connection) == VERSION:
                _tune(connection)
                return connection
        except sqlite3.DatabaseError:
            pass
        connection.close()
        return None


class Writer:
    """A builder's hold on an index: it breaks the seal before the first change, and seals what is finished."""

    def __init__(self, file: IndexFile, database: sqlite3.Connection) -> None:
        self.database = database
        self.file = file
        sealed = seal.read(file.seal)
        self._checksum = sealed.checksum if sealed else None
        seal.write(file.seal, Seal(seal.this_boot(), self._checksum))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do all of the block or, when it fails, nothing."""
        if self._checksum is not None:
            self._checksum = None
            seal.write(self.file.seal, Seal(seal.this_boot()))
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield self.database
        except BaseException:
            with suppress(sqlite3.Error):
                self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def close(self, *, is_done: bool = False) -> None:
        """Let go; seal a finished index, unless a reader still needs what it was before: then the next time."""
        is_new = is_done and self._checksum is None
        try:
            is_whole = is_new and self.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        finally:
            self.database.close()
        if is_whole:
            seal.write(self.file.seal, Seal(seal.this_boot(), seal.checksum(self.file.path)))


def _connect(uri: str) -> sqlite3.Connection:
    """Connect without a memory map: a file cut short under one would end the process."""
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=BUSY_SECONDS, check_same_thread=False)


def _tune(connection: sqlite3.Connection) -> None:
    """Ask for speed: what a crash of the machine may destroy is built anew."""
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
