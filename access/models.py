"""What access keeps in the database: what was done, who may look at what, whose sessions ended, which logins failed.

Moments are UTC milliseconds since 1970: whole numbers that every database gives back as they were.
"""

import enum
from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from snapshots.types import Account

# Hosts' clocks may differ by so much.
CLOCK_SKEW_MS = 60_000


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def moment_of(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)


class Action(enum.StrEnum):
    """What the audit log can tell."""

    LOGIN = "login"
    LOGOUT = "logout"
    SESSION_REVOKE = "session-revoke"
    LOOK_UP = "look-up"
    LIST = "list"
    OPEN = "open"
    SHOW_IMAGES = "show-images"
    DOWNLOAD = "download"
    EXPORT = "export"
    RESTORE = "restore"
    GRANT_START = "grant-start"
    GRANT_END = "grant-end"
    UNLOCK = "unlock"
    UNLOCK_LOGIN = "unlock-login"
    OPERATOR = "operator"
    SETTINGS = "settings"
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
        return moment_of(self.at_ms)


class GrantManager(models.Manager["Grant"]):
    def live(self) -> models.QuerySet["Grant"]:
        """Return the grants that hold now; a clock that was set back lengthens none."""
        now_ms = milliseconds(timezone.now())
        begun = self.filter(begins_at_ms__lte=now_ms + CLOCK_SKEW_MS, expires_at_ms__gt=now_ms)
        return begun.filter(ended_at_ms=None, operator__is_active=True)


class Grant(models.Model):
    """An operator's permission to read one account's night until a moment, for a reason.

    `variables` are the account's own, as it was found. Nothing lengthens a grant; one that was ended says when.
    """

    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    address = models.CharField(max_length=254)
    variables = models.JSONField(default=dict)
    day = models.DateField()
    reason = models.CharField(max_length=500)
    ticket = models.CharField(max_length=64)
    begins_at_ms = models.BigIntegerField()
    expires_at_ms = models.BigIntegerField()
    ended_at_ms = models.BigIntegerField(null=True)

    objects = GrantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["operator"], condition=models.Q(ended_at_ms=None), name="one_grant_an_operator"
            )
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.day} {self.ticket}"

    @property
    def account(self) -> Account:
        user, _, domain = self.address.rpartition("@")
        return Account(user, domain, self.variables)

    @property
    def expires_at(self) -> datetime:
        return moment_of(self.expires_at_ms)


class Unlock(models.Model):
    """A locked night that an operator opened for the mailbox's owner, on record."""

    address = models.CharField(max_length=254)
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "day"], name="unlocked_once")]

    def __str__(self) -> str:
        return f"{self.address} {self.day}"


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
