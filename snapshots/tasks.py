"""What the builder's process does when it is woken: builds on at one index, lets go what nobody uses.

A task's row is a wake-up and nothing more. How far an index is stands in the index, who may write it is a lock: so
a row that is lost, or done twice, does no harm.
"""

import logging
import sqlite3
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult
from prometheus_client import Histogram

from snapshots.configured import archive
from snapshots.errors import SnapshotError
from snapshots.types import Account

logger = logging.getLogger(__name__)

SLICE_SECONDS = Histogram(
    "mtm_index_slice_seconds",
    "Slices of work on time indexes, by how they ended.",
    ["outcome"],
    buckets=(0.1, 1, 5, 15, 60),
)
PURGE_EVERY = timedelta(hours=1)


@task(queue_name=settings.INDEX_QUEUE)
def build_index(account: dict[str, Any], guids: list[str] | None) -> None:
    """Build on for one slice, and come back later for the next: other accounts wait too."""
    owner, proved = Account(**account), None if guids is None else frozenset(guids)
    began, outcome = time.monotonic(), "failed"
    try:
        is_done = archive().build_index(owner, guids=proved)
        outcome = "done" if is_done else "goes on"
        if not is_done:
            wake_builder(owner, proved, at_once=True)
    except (SnapshotError, OSError, sqlite3.Error) as error:
        # A page asks again in a minute.
        logger.warning("an index could not be built on: %s: %s", type(error).__name__, error)
    SLICE_SECONDS.labels(outcome).observe(time.monotonic() - began)


@task(queue_name=settings.INDEX_QUEUE)
def purge() -> None:
    """Let go what nobody uses any more, now and every hour: indexes, expired nights, rows of wake-ups."""
    purge.using(run_after=timezone.now() + PURGE_EVERY).enqueue()
    DBTaskResult.objects.finished().filter(queue_name=settings.INDEX_QUEUE).delete()
    deleted = archive().purge_indexes(kept_seconds=settings.MTM_INDEX_HOURS * 3600)
    if deleted:
        logger.info("%d unused indexes deleted", deleted)


def begin_anew() -> None:
    """Begin as this host's only builder: forget the wake-ups of one that ended in the middle of them, and purge.

    What they were for is asked again by the next page, so that an index nobody can build holds up no other.
    """
    rows = DBTaskResult.objects.filter(queue_name=settings.INDEX_QUEUE)
    (rows.finished() | rows.running() | rows.filter(task_path=purge.module_path)).delete()
    archive().forget_wakes()
    purge.enqueue()


def wake_builder(account: Account, guids: frozenset[str] | None, *, at_once: bool = False) -> None:
    """Let the index of this reader's right be built on, unless that was asked for within a minute.

    Raises: DatabaseError, OSError.
    """
    file = archive().index_file(account, guids=guids)
    if file is not None and file.claim_wake(at_once=at_once):
        form = {"user": account.user, "domain": account.domain, "variables": dict(account.variables)}
        build_index.enqueue(account=form, guids=None if guids is None else sorted(guids))
