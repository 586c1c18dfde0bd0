"""Processes that run together: the site ends with its main one, the others are begun again when they end."""

import fcntl
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from types import FrameType

logger = logging.getLogger(__name__)

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
REST_SECONDS = 2.0
"""How long what runs beside the site rests when it ended, and has to stop: it may be killed at any moment."""

STOP_SECONDS = 35.0
"""Longer than the web server gives its last requests."""


class Child:
    """One command as a process; it stands in the queue when it has ended and rested."""

    def __init__(
        self,
        command: Sequence[str],
        ended: "SimpleQueue[Child | None]",
        *,
        rest_seconds: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.command = command
        self._environment = environment
        self._ended = ended
        self._rest_seconds = rest_seconds
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=self._environment)  # noqa: S603 - a command of ours
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        self.process.wait()
        time.sleep(self._rest_seconds)
        self._ended.put(self)

    def wait_to_end(self, *, patience_seconds: float) -> None:
        """Wait for one that was asked to end; one that does not is made to."""
        try:
            self.process.wait(timeout=patience_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def run(main: Sequence[str], beside: Sequence[Sequence[str]], *, environment: Mapping[str, str]) -> int:
    """Run `main` until it ends, and the commands `beside` it; return its status, 0 when a signal asked us to stop.

    `environment` is that of the site alone; the others have ours.
    """
    ended: SimpleQueue[Child | None] = SimpleQueue()

    def stop(number: int, frame: FrameType | None) -> None:
        ended.put(None)

    for each in STOP_SIGNALS:
        signal.signal(each, stop)
    site = Child(main, ended, rest_seconds=0, environment=environment)
    others = [Child(command, ended, rest_seconds=REST_SECONDS) for command in beside]
    while (first := ended.get()) is not None and first is not site:
        logger.warning("%s ended with status %s; it begins again", first.command[-1], first.process.returncode)
        first.start()
    for child in (site, *others):
        child.process.terminate()
    for other in others:
        other.wait_to_end(patience_seconds=REST_SECONDS)
    site.wait_to_end(patience_seconds=STOP_SECONDS)
    return site.process.returncode if first is site else 0


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Wait until no other process of this host is in the block, so that whatever was begun before is left over."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
