"""The one gate to an IMAP server: nothing else opens an IMAP socket.

A password goes over verified TLS (or loopback) as SASL PLAIN and nowhere else; every read is bounded in
time and in bytes, so that a server that hangs, drips or floods costs a bounded amount of either.
"""

from snapshots.imap.appending import Appender, Broken, NotStored, Outgoing, Standing, patience_seconds
from snapshots.imap.contents import ANY_KEYWORD, Contents, Copy, Mark, Quota
from snapshots.imap.failures import IllegalText, ServerUnreachable, TlsFailure, WrongPassword
from snapshots.imap.live import LiveMailbox, check_login
from snapshots.imap.place import ImapUrl, Timeouts

__all__ = [
    "ANY_KEYWORD",
    "Appender",
    "Broken",
    "Contents",
    "Copy",
    "IllegalText",
    "ImapUrl",
    "LiveMailbox",
    "Mark",
    "NotStored",
    "Outgoing",
    "Quota",
    "ServerUnreachable",
    "Standing",
    "Timeouts",
    "TlsFailure",
    "WrongPassword",
    "check_login",
    "patience_seconds",
]
