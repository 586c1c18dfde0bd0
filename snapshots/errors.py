"""Everything that can go wrong between a request and a snapshot.

SnapshotError                     every class carries the ids it knows
├─ NotFound                       → 404
│  ├─ SnapshotNotFound            no snapshot of that day
│  ├─ MailboxNotFound             the snapshot holds no mailbox of that account
│  ├─ FolderNotFound
│  ├─ MessageNotFound
│  └─ PartNotFound
├─ MailboxLocked                  → 403   not proved to be the same mailbox as today's
├─ SnapshotGone                   → 410   the night expired, or rotated away while it was being read
└─ EngineError                    → 503
   ├─ EngineTimeout               no answer within the deadline
   ├─ EngineUnavailable           mount absent, server down, breaker open
   ├─ NotMaildir                  the mailbox is kept in another format
   ├─ SourceDamaged               a message's stored bytes cannot be read to their end
   └─ ProtocolViolation           the other side spoke nonsense

Malformed mail is not an error: it has `defects`, and is shown as far as it can be read.
"""

from __future__ import annotations

from datetime import date


class SnapshotError(Exception):
    """Base of all our errors; the text names what is known, never what a sender wrote."""

    def __init__(
        self,
        message: str = "",
        *,
        account: str | None = None,
        day: date | None = None,
        folder: str | None = None,
        guid: str | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.account = account
        self.day = day
        self.folder = folder
        self.guid = guid
        super().__init__(self.message)

    def __str__(self) -> str:
        known = {"account": self.account, "day": self.day, "folder": self.folder, "guid": self.guid}
        ids = ", ".join(f"{name}={value}" for name, value in known.items() if value is not None)
        cause = f": {self.__cause__}" if self.__cause__ else ""
        return f"{self.message}{f' ({ids})' if ids else ''}{cause}"


class NotFound(SnapshotError):
    """There is no such thing."""


class SnapshotNotFound(NotFound):
    """There is no snapshot of that day."""


class MailboxNotFound(NotFound):
    """The snapshot holds no mailbox of that account."""


class FolderNotFound(NotFound):
    """The mailbox has no such folder on that day."""


class MessageNotFound(NotFound):
    """The mailbox has no such message on that day."""


class PartNotFound(NotFound):
    """The message has no such part."""


class MailboxLocked(SnapshotError):
    """That night's mailbox is not proved to be the one that exists today."""


class SnapshotGone(SnapshotError):
    """The night expired, or rotated away while it was being read."""


class EngineError(SnapshotError):
    """The storage could not answer."""


class EngineTimeout(EngineError):
    """The storage did not answer within the deadline."""


class EngineUnavailable(EngineError):
    """The storage is not reachable."""


class NotMaildir(EngineError):
    """The mailbox of that night is no Maildir."""


class SourceDamaged(EngineError):
    """The message's stored bytes cannot be read to their end."""


class ProtocolViolation(EngineError):
    """The server answered something it must not."""
