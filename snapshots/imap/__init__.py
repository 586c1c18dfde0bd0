"""The one gate to an IMAP server: nothing else opens an IMAP socket.

A password goes over verified TLS (or loopback) as SASL PLAIN and nowhere else; every read is bounded in
time and in bytes, so that a server that hangs, drips or floods costs a bounded amount of either.
"""

from snapshots.imap.answers import Beginning, Named, moment
from snapshots.imap.appending import Appender, Broken, NotStored, Outgoing, Standing, patience_seconds
from snapshots.imap.client import Credentials
from snapshots.imap.contents import ANY_KEYWORD, Contents, Copy, FolderUnreadable, Mark, Quota
from snapshots.imap.failures import IllegalText, OutOfTime, SaidGoodbye, ServerUnreachable, TlsFailure, WrongPassword
from snapshots.imap.greeting import Greeting, greet
from snapshots.imap.live import LiveMailbox, check_login
from snapshots.imap.place import ImapUrl, Timeouts
from snapshots.imap.reading import Examined, ReadingSession, read_mailbox

__all__ = [
    "ANY_KEYWORD",
    "Appender",
    "Beginning",
    "Broken",
    "Contents",
    "Copy",
    "Credentials",
    "Examined",
    "FolderUnreadable",
    "Greeting",
    "IllegalText",
    "ImapUrl",
    "LiveMailbox",
    "Mark",
    "Named",
    "NotStored",
    "OutOfTime",
    "Outgoing",
    "Quota",
    "ReadingSession",
    "SaidGoodbye",
    "ServerUnreachable",
    "Standing",
    "Timeouts",
    "TlsFailure",
    "WrongPassword",
    "check_login",
    "greet",
    "moment",
    "patience_seconds",
    "read_mailbox",
]
