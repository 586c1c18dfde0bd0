"""`manage.py builder`: build time indexes when pages ask for them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from mtm.server import keep_memory_together
from snapshots.tasks import begin_anew

LOCK = "builder.lock"
POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = "Build this host's time indexes, in slices, as long as there is something to do; the worker of its queue."

    def handle(self, *args: Any, **options: Any) -> None:
        settings.MTM_STATE_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        keep_memory_together()
        with _only_one(settings.MTM_STATE_DIR):
            begin_anew()
            call_command(
                "db_worker",
                queue_name=settings.INDEX_QUEUE,
                interval=POLL_SECONDS,
                reload=False,
                startup_delay=False,
                verbosity=0,
            )


@contextmanager
def _only_one(directory: Path) -> Iterator[None]:
    """Wait until no other builder runs on this host, so that every wake-up begun before is known to be left over."""
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
