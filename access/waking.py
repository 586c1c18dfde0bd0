"""Waking the builder of time indexes: a page never waits for it, and never fails because of it."""

import logging

from django.db import DatabaseError, transaction

from access.readers import Owner
from snapshots.tasks import wake_builder

logger = logging.getLogger(__name__)


def wake(reader: Owner, *, at_once: bool = False) -> None:
    """Let the reader's index be built on; at most once a minute, unless there is a reason `at_once`."""
    try:
        with transaction.atomic():
            wake_builder(reader.account, reader.guids, at_once=at_once)
    except (DatabaseError, OSError) as error:
        logger.warning("the builder could not be woken: %s", type(error).__name__)
