"""The server of the snapshots: a login for one mailbox of one night, and what its refusals mean."""

import ssl
from datetime import date

from snapshots.engines.deadline import Guard
from snapshots.errors import EngineUnavailable, MailboxNotFound, NotMaildir, SnapshotError, SnapshotGone
from snapshots.imap import Credentials, ImapUrl, ReadingSession, SaidGoodbye, Timeouts, WrongPassword, read_mailbox
from snapshots.types import Account

LOGIN_SECONDS = 10.0
DEADLINE_SECONDS = 5.0
NONEXISTENT = "[NONEXISTENT]"
NO_NIGHT = f"{NONEXISTENT} No such night"
NO_MAILDIR = f"{NONEXISTENT} This is no Maildir"


class SnapshotServer:
    """Opens sessions as the service master `user`, who may read every mailbox of every night there.

    A login names the night: `anna@example.com@2026-11-20`. A server that hangs is not asked any more for a while,
    like a mount that does.
    Source: deploy/dovecot.
    """

    def __init__(self, url: ImapUrl, user: str, password: str, *, tls: ssl.SSLContext | None = None) -> None:
        self._url = url
        self._user = user
        self._password = password
        self._tls = tls
        self._guard = Guard(f"{url.host}:{url.port}", deadline_seconds=DEADLINE_SECONDS, places=32)

    def open(self, account: Account, day: date) -> ReadingSession:
        """Open a session, the caller's to close.

        Raises: SnapshotGone, MailboxNotFound, NotMaildir, EngineTimeout, EngineUnavailable.
        """
        credentials = Credentials(self._user, self._password, f"{account.address}@{day.isoformat()}")
        timeouts = Timeouts(login_seconds=LOGIN_SECONDS)
        try:
            return self._guard.call(lambda: read_mailbox(self._url, credentials, timeouts=timeouts, tls=self._tls))
        except SaidGoodbye as goodbye:
            raise meaning(goodbye, account, day) from goodbye
        except WrongPassword as error:
            raise EngineUnavailable("The snapshots' server refuses the service's login") from error


def meaning(goodbye: SaidGoodbye, account: Account, day: date) -> SnapshotError:
    """Return what the server's last words mean."""
    if goodbye.text.startswith(NO_NIGHT):
        return SnapshotGone(account=account.address, day=day)
    if goodbye.text.startswith(NO_MAILDIR):
        return NotMaildir(account=account.address, day=day)
    if goodbye.text.startswith(NONEXISTENT):
        return MailboxNotFound(account=account.address, day=day)
    return goodbye
