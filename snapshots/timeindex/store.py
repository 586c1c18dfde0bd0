"""The index's file: where it lies, who may write it, how it is opened, and what happens when it is damaged."""

import fcntl
import hashlib
import logging
import os
import sqlite3
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from snapshots.now import Now
from snapshots.timeindex import seal
from snapshots.timeindex.schema import TABLES, VERSION
from snapshots.timeindex.seal import Seal
from snapshots.types import Account

PAGE_BYTES = 8192
CACHE_KIB = 32 << 10
BUSY_SECONDS = 5.0
USE_NOTED_SECONDS = 60.0
WAKE_SECONDS = 60.0

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
    """One index: its file, and beside it the lock of whoever builds it and the marks of whoever asks for it.

    The lock's time is that of the last use.
    """

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
    def lock(self) -> Path:
        return self.path.with_suffix(".lock")

    @property
    def wake(self) -> Path:
        """Marks when its builder was last woken."""
        return self.path.with_suffix(".wake")

    @property
    def now(self) -> Path:
        """Holds the live mailbox's names as a login found them (`snapshots.now`)."""
        return self.path.with_suffix(".now")

    def make_directory(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def open_to_read(self) -> sqlite3.Connection | None:
        """Open the index for one request, and note its use; None where there is none that can be trusted."""
        self._note_use()
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
        except sqlite3.DatabaseError as error:
            if is_damage(error):
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

    def claim_wake(self, *, at_once: bool = False) -> bool:
        """Say whether to wake the builder: not again within WAKE_SECONDS, unless `at_once`. Raises: OSError."""
        with suppress(FileNotFoundError):
            if not at_once and 0 <= time.time() - self.wake.stat().st_mtime < WAKE_SECONDS:
                return False
        self.make_directory()
        self.wake.touch(mode=0o600)
        return True

    def note_now(self, data: bytes | None) -> None:
        """Keep the live mailbox's names, whole or not at all; with None there are none. Raises: OSError."""
        if data is None:
            self.now.unlink(missing_ok=True)
            return
        self.make_directory()
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=self.path.stem, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(name).replace(self.now)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def noted_now(self) -> Now | None:
        """Return the live mailbox's names as they were kept; None where there are none that can be read."""
        try:
            return Now.parse(self.now.read_bytes())
        except (OSError, ValueError):
            return None

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Hold the builder's lock, and say whether it was free; a killed builder's lock is."""
        self.make_directory()
        descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield self._is_lock(descriptor)
        finally:
            os.close(descriptor)

    def _is_lock(self, descriptor: int) -> bool:
        """Whether a lock that was taken is still the index's: it may have been deleted with the index meanwhile."""
        try:
            return os.path.samestat(self.lock.stat(), os.fstat(descriptor))
        except FileNotFoundError:
            return False

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

    def delete(self) -> None:
        """Delete the index and all that lies beside it; its lock, which the caller holds, at last."""
        self.remove()
        for path in (self.now, self.wake, self.lock):
            path.unlink(missing_ok=True)

    def _note_use(self) -> None:
        """Note that the index is in use, at most once a minute."""
        with suppress(OSError):
            if time.time() - self.lock.stat().st_mtime > USE_NOTED_SECONDS:
                os.utime(self.lock)

    def _usable(self) -> sqlite3.Connection | None:
        connection = _connect(self.path.as_uri())
        try:
            if _version(connection) == VERSION:
                _tune(connection)
                return connection
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                connection.close()
                raise
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

    @property
    def is_sealed(self) -> bool:
        """Whether the index was finished, and nothing was changed since."""
        return self._checksum is not None

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
