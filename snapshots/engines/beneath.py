"""Opening what lies below a directory, and nothing else.

A snapshot may hold anything a broken mail host planted: links, FIFOs, devices, mounts. So every step is
one name opened from its parent's descriptor without following links, and a file is looked at after it is
open. A FIFO opens (O_NONBLOCK keeps it from blocking) and is then refused.
Source: `open(2)` and `openat(2)`.
"""

import errno
import os
import stat
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
BENEATH = os.O_NOFOLLOW
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
NOT_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO}
WANT = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}
NOT_OF_ONE = {errno.ESTALE, *WANT}
"""What says nothing of the one file or folder that was asked for: the night is gone, or this host lacks something."""


def open_root(path: Path) -> int:
    """Open a directory of the administrator's own, links and all."""
    return os.open(path, DIRECTORY)


def open_directory(parent: int, name: str, *, follow: bool = False) -> int:
    """Open one directory below a descriptor. Raises: OSError."""
    check_name(name)
    return os.open(name, DIRECTORY if follow else DIRECTORY | BENEATH, dir_fd=parent)


@contextmanager
def descending(parent: int, names: Iterable[str]) -> Iterator[int]:
    """Walk down from a descriptor, name by name, and give the last one; all are closed afterwards."""
    current = os.dup(parent)
    try:
        for name in names:
            below = open_directory(current, name)
            os.close(current)
            current = below
        yield current
    finally:
        os.close(current)


def check_name(name: str) -> None:
    if "/" in name or "\0" in name or name in ("", ".", ".."):
        raise OSError(errno.ENOENT, "not a name")


def check_not_removed(directory: int) -> None:
    """Raise OSError (ESTALE, as NFS says it) when the directory behind a descriptor was deleted with its snapshot."""
    if os.fstat(directory).st_nlink == 0:
        raise OSError(errno.ESTALE, "removed")


class HeldDirectory:
    """A directory kept open. Once it is closed, whoever comes late finds nothing behind its number."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Give a descriptor of one's own. Raises: OSError (EBADF) when the directory was closed."""
        with self._lock:
            own = os.dup(self._descriptor)
        try:
            yield own
        finally:
            os.close(own)

    def close(self) -> None:
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._descriptor = -1

    __del__ = close


def open_file(parent: int, name: str) -> int:
    """Open a regular file that lies on the same file system as its directory.

    Raises: OSError; what is no such file answers with one of NOT_THERE, like a file that is not there.
    """
    check_name(name)
    descriptor = os.open(name, FILE, dir_fd=parent)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_dev != os.fstat(parent).st_dev:
        os.close(descriptor)
        raise OSError(errno.ENXIO, "not a regular file of this snapshot")
    return descriptor


def read_file(parent: int, name: str, *, limit_bytes: int) -> bytes:
    """Return a small file's bytes, at most `limit_bytes`; empty where it is not there. Raises: OSError."""
    try:
        descriptor = open_file(parent, name)
    except OSError as error:
        if error.errno in NOT_THERE:
            return b""
        raise
    try:
        return os.read(descriptor, min(os.fstat(descriptor).st_size, limit_bytes))
    finally:
        os.close(descriptor)
