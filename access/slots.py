"""At most four password checks at a time on this host: a slow mail server must not take all threads.

A slot is a locked file, so the kernel frees it however its holder ends.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SLOTS = 4
PATIENCE_SECONDS = 1.0
POLL_SECONDS = 0.05


class LoginBusy(Exception):
    """All slots are taken; nothing is wrong with the password."""


@contextmanager
def login_slot(directory: Path, *, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Hold one of the host's slots. Raises: LoginBusy when none was free in time."""
    gives_up_at = time.monotonic() + patience_seconds
    while (descriptor := _free_slot(directory)) is None:
        if time.monotonic() >= gives_up_at:
            raise LoginBusy
        time.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        os.close(descriptor)


def _free_slot(directory: Path) -> int | None:
    for number in range(SLOTS):
        descriptor = os.open(directory / f"login-slot-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
        else:
            return descriptor
    return None
