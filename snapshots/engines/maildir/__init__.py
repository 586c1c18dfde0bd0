"""Maildirs on a mounted snapshot: Maildir++ and LAYOUT=fs as Dovecot writes them, plain qmail and Courier trees."""

from snapshots.engines.maildir.engine import MaildirEngine
from snapshots.engines.maildir.folders import Encoding
from snapshots.engines.maildir.live import LiveMaildirs
from snapshots.engines.maildir.reader import ReaderOptions

__all__ = ["Encoding", "LiveMaildirs", "MaildirEngine", "ReaderOptions"]
