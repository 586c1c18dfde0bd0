"""The audit log's last row, noted outside the database: without that a cut tail would not show.

After each row in a file of this host; in the log with the first row after a quarter of an hour.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from access.chain import NOTHING_YET, Head

logger = logging.getLogger("access.audit")

LOG_EVERY_SECONDS = 15 * 60
HEAD_BYTES = 200


class _LoggedAt:
    """When this process last wrote the head to the log."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.monotonic_seconds: float | None = None


_logged_at = _LoggedAt()


def note(head: Head) -> None:
    """Note the last row, once it is committed."""
    with _locked(_path()) as descriptor:
        if head.seq > _parsed(os.pread(descriptor, HEAD_BYTES, 0)).seq:
            os.pwrite(descriptor, f"{head}\n".encode().ljust(HEAD_BYTES), 0)
    if _is_due():
        logger.info("audit head %s", head)


def noted() -> Head:
    """Return the last row this host noted."""
    path = _path()
    return _parsed(path.read_bytes()) if path.exists() else NOTHING_YET


def _path() -> Path:
    return Path(settings.MTM_STATE_DIR) / "audit-head"


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _parsed(data: bytes) -> Head:
    try:
        return Head.parse(data.decode("ascii", "replace"))
    except ValueError:
        return NOTHING_YET


def _is_due() -> bool:
    now = time.monotonic()
    with _logged_at.lock:
        last = _logged_at.monotonic_seconds
        if last is not None and now - last < LOG_EVERY_SECONDS:
            return False
        _logged_at.monotonic_seconds = now
        return True
