"""Lets indexes go that nobody uses any more, and nights that nobody may see any more."""

import logging
import sqlite3
import time
from contextlib import closing
from datetime import date
from pathlib import Path

from snapshots.timeindex import fates, nights, now
from snapshots.timeindex.store import IndexFile

logger = logging.getLogger(__name__)


def purge(directory: Path, *, oldest_day: date, kept_seconds: float) -> int:
    """Delete every index last used more than `kept_seconds` ago, and from the others the nights before `oldest_day`.

    Return how many indexes were deleted; one that a builder is at work on waits for the next time.
    """
    deleted = 0
    for path in sorted({each.with_suffix(".sqlite3") for each in directory.glob("*.*")}):
        file = IndexFile(path)
        with file.locked() as is_ours:
            if not is_ours:
                continue
            try:
                if _is_forgotten(file, kept_seconds) or not _holds_offered(file, oldest_day):
                    file.delete()
                    deleted += 1
            except OSError as error:
                logger.warning("an index could not be deleted: %s", error)
    return deleted


def _is_forgotten(file: IndexFile, kept_seconds: float) -> bool:
    return time.time() - file.lock.stat().st_mtime > kept_seconds


def _holds_offered(file: IndexFile, oldest_day: date) -> bool:
    """Let go of the nights before `oldest_day`; return whether the index is still good for something."""
    if not file.path.exists():
        return True
    try:
        with closing(sqlite3.connect(f"{file.path.as_uri()}?mode=ro", uri=True)) as database:
            days = nights.all_days(database)
        expired = [day for day in days if day < oldest_day.toordinal()]
        if expired and len(expired) < len(days):
            _drop(file, expired)
    except sqlite3.Error:
        return False
    return not days or len(expired) < len(days)


def _drop(file: IndexFile, expired: list[int]) -> None:
    writer = file.open_to_build()
    was_finished = writer.is_sealed
    try:
        with writer.transaction() as database:
            now.forget(database)
            nights.drop(database, expired)
            fates.count_gone(database)
    finally:
        writer.close(is_done=was_finished)
