"""The one gate to an IMAP server: nothing else opens an IMAP socket.

A password goes over verified TLS (or loopback) as SASL PLAIN and nowhere else; every read is bounded in
time and in bytes, so that a server that hangs, drips or floods costs a bounded amount of either.
"""

from snapshots.imap.client import Credentials
from snapshots.imap.failures import IllegalText, SaidGoodbye, ServerUnreachable, TlsFailure, WrongPassword
from snapshots.imap.live import LiveMailbox, check_login
from snapshots.imap.place import ImapUrl, Timeouts
from snapshots.imap.reading import Beginning, Examined, Named, ReadingSession, moment, read_mailbox

__all__ = [
    "Beginning",
    "Credentials",
    "Examined",
    "IllegalText",
    "ImapUrl",
    "LiveMailbox",
    "Named",
    "ReadingSession",
    "SaidGoodbye",
    "ServerUnreachable",
    "Timeouts",
    "TlsFailure",
    "WrongPassword",
    "check_login",
    "moment",
    "read_mailbox",
]
