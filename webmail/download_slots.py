"""One download at a time for each session and eight for the host, so that pages always find a thread.

A slot is a locked file that says whose it is; the kernel frees it however its holder ends.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SLOTS = 8
HOLDER_BYTES = 16


class SessionBusy(Exception):
    """A download of this session is under way."""


class HostBusy(Exception):
    """All slots are taken."""


@contextmanager
def download_slot(directory: Path, session_key: str) -> Iterator[None]:
    """Hold one of the host's slots for a session. Raises: SessionBusy, HostBusy."""
    holder = hashlib.blake2b(session_key.encode(), digest_size=HOLDER_BYTES).digest()
    # One at a time looks for a slot, or two downloads of a session could begin together.
    with _opened(directory / "download-slots") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        slot = _free_slot(directory, holder)
    try:
        yield
    finally:
        os.close(slot)


def _free_slot(directory: Path, holder: bytes) -> int:
    free: int | None = None
    try:
        for number in range(SLOTS):
            free = _looked_at(directory / f"download-slot-{number}", holder, free)
        if free is None:
            raise HostBusy
        os.pwrite(free, holder, 0)
    except BaseException:
        if free is not None:
            os.close(free)
        raise
    return free


def _looked_at(path: Path, holder: bytes, free: int | None) -> int | None:
    """Return the free slot known so far, else this one if it is free. Raises: SessionBusy."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        is_own = os.pread(descriptor, HOLDER_BYTES, 0) == holder
        os.close(descriptor)
        if is_own:
            raise SessionBusy from None
        return free
    if free is None:
        return descriptor
    os.close(descriptor)
    return free


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = _open(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
