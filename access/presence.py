"""What the live mailbox holds when its owner logs in: listed while the password is at hand, names only."""

import logging
from typing import Protocol

from access.readers import Owner
from access.waking import wake
from snapshots.archive import Archive
from snapshots.errors import EngineError
from snapshots.now import Now

logger = logging.getLogger(__name__)

NAMES_SECONDS = 2.0


class Live(Protocol):
    """What is asked of the live mailbox: `snapshots.imap.LiveMailbox`."""

    def names(self, *, timeout_seconds: float) -> Now | None: ...


def note_presence(live: Live, archive: Archive, owner: Owner) -> None:
    """Keep the live mailbox's names for the builder, and wake it; a login never fails because of either.

    Where names could not be had in NAMES_SECONDS, nothing is kept: nights are compared with the newest one.
    """
    if not archive.reads_live:
        try:
            archive.note_now(owner.account, _names(live), guids=owner.guids)
        except OSError as error:
            logger.warning("the live mailbox could not be noted at login: %s", error)
    wake(owner, at_once=True)


def _names(live: Live) -> Now | None:
    try:
        return live.names(timeout_seconds=NAMES_SECONDS)
    except EngineError as error:
        logger.warning("the live mailbox could not be listed at login: %s", type(error).__name__)
        return None
