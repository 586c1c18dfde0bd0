"""The imap engine: nights served by an IMAP server, one login a mailbox and night."""

from snapshots.engines.imap.engine import ImapEngine
from snapshots.engines.imap.server import SnapshotServer

__all__ = ["ImapEngine", "SnapshotServer"]
