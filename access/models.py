"""What access keeps in the database: what was done, whose sessions ended, which logins failed.

Moments are UTC milliseconds since 1970: whole numbers that every database gives back as they were.
"""

import enum
from datetime import UTC, datetime

from django.db import models


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


class Action(enum.StrEnum):
    """What the audit log can tell."""

    LOGIN = "login"
    LOGOUT = "logout"
    SESSION_REVOKE = "session-revoke"
    OPEN = "open"
    SHOW_IMAGES = "show-images"
    DOWNLOAD = "download"
    EXPORT = "export"
    RESTORE = "restore"
    GRANT_START = "grant-start"
    GRANT_END = "grant-end"
    UNLOCK = "unlock"
    AUDIT_READ = "audit-read"
    PURGE = "purge"


class Result(enum.StrEnum):
    """How it ended. UNAVAILABLE: it could not be tried."""

    OK = "ok"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class AuditRecord(models.Model):
    """One thing that was done. Rows are only ever added, by `access.audit.record`; triggers refuse the rest."""

    seq = models.BigIntegerField(primary_key=True)
    at_ms = models.BigIntegerField()
    keep_until_ms = models.BigIntegerField()
    actor = models.CharField(max_length=254)
    role = models.CharField(max_length=16)
    client_address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=32, blank=True)
    action = models.CharField(max_length=16)
    account = models.CharField(max_length=254, blank=True, db_index=True)
    day = models.DateField(null=True)
    object_digests = models.JSONField(default=list)
    count = models.BigIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    result = models.CharField(max_length=16)
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=64)
    prev = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.result}"

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.at_ms / 1000, UTC)


class Revocation(models.Model):
    """Ends every session of a subject (an account's address, a domain, or `*`) that began before."""

    subject = models.CharField(max_length=254, db_index=True)
    revoked_at_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return self.subject


class LoginAttempt(models.Model):
    """A password check that is under way or failed; what succeeded or could not be asked is taken out again."""

    account = models.CharField(max_length=254, db_index=True)
    client = models.CharField(max_length=45, db_index=True)
    at_ms = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.account} from {self.client}"
