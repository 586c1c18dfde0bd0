"""What restores keeps in the database: what was asked for, what became of it, and the journal of what was sent.

No subject and no correspondent is kept: a line of the report names its message by folder, id and date, and as long as
the night exists a page can look up the rest there. Moments are UTC milliseconds since 1970.
"""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone

from access.models import milliseconds, moment_of
from snapshots.types import Account

CENT = Decimal("0.01")


def vat_of(net: Decimal, percent: Decimal) -> Decimal:
    """Return the VAT on a net price, to the cent."""
    return (net * percent / 100).quantize(CENT)


class State(enum.StrEnum):
    """How far a request is."""

    RECEIVED = "received"
    TAKEN_ON = "taken-on"
    RUNNING = "running"
    DONE = "done"
    PARTLY_DONE = "done-in-part"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


OPEN = (State.RECEIVED, State.TAKEN_ON, State.RUNNING)


class What(enum.StrEnum):
    """What is wanted back."""

    MESSAGES = "messages"
    FOLDERS = "folders"
    MAILBOX = "mailbox"


class Target(enum.StrEnum):
    """Where it goes: its old folders, one new folder that holds them all, or the INBOX."""

    ORIGINAL = "original"
    NEW_FOLDER = "new-folder"
    INBOX = "inbox"


class Due(enum.StrEnum):
    """What the worker has to do."""

    NOTHING = ""
    PLAN = "plan"
    RUN = "run"


class Problem(enum.StrEnum):
    """Why the last attempt did not come to its end."""

    NONE = ""
    NO_MASTER = "no-master"
    LOGIN_REFUSED = "login-refused"
    UNREACHABLE = "unreachable"
    LOCKED = "locked"
    NIGHT_GONE = "night-gone"
    STORAGE = "storage"
    FAULT = "fault"


class Outcome(enum.StrEnum):
    """What became of one message. REFUSED is for good; what FAILED is tried again when the restore is run again."""

    WAITING = "waiting"
    RESTORED = "restored"
    ALREADY_THERE = "already-there"
    REFUSED = "refused"
    FAILED = "failed"


class Reason(enum.StrEnum):
    """Why a message was not restored."""

    NONE = ""
    EMPTY = "empty"
    NUL = "nul"
    TOO_BIG = "too-big"
    DAMAGED = "damaged"
    VANISHED = "vanished"
    REJECTED = "rejected"
    OVER_QUOTA = "over-quota"
    READ_ONLY = "read-only"
    UNREADABLE = "unreadable"
    NO_FOLDER = "no-folder"
    SERVER_TROUBLE = "server-trouble"


class Verdict(enum.StrEnum):
    """What reading a restored message back from the server said: bytes, received date, flags.

    NO_KEYWORDS: all is equal but keywords that this server does not keep.
    """

    NONE = ""
    VERIFIED = "verified"
    NO_KEYWORDS = "no-keywords"
    DIFFERS = "differs"
    MISSING = "missing"


class RestoreRequest(models.Model):
    """One wish to have mail of a night back in the live account.

    `variables` and `guids` are the account's own, as they were proved when it was asked for. `messages` are pairs of
    the ids of a folder and of a message, `folders` ids of folders. The price is net, as it was told then; 0 is free.
    `plan` is what `restores.plan.Plan` keeps. Who holds the lease is at work on it.
    """

    reference = models.CharField(max_length=16, unique=True)
    year = models.IntegerField()
    number = models.IntegerField()
    address = models.CharField(max_length=254, db_index=True)
    variables = models.JSONField(default=dict)
    guids = models.JSONField(null=True)
    day = models.DateField()
    taken_at_ms = models.BigIntegerField()
    what = models.CharField(max_length=16)
    target = models.CharField(max_length=16)
    folders = models.JSONField(default=list)
    messages = models.JSONField(default=list)
    with_trash = models.BooleanField(default=False)
    language = models.CharField(max_length=8)
    price = models.DecimalField(max_digits=9, decimal_places=2)
    vat_percent = models.DecimalField(max_digits=5, decimal_places=2)
    is_self_service = models.BooleanField(default=False)
    requester = models.CharField(max_length=254)
    requester_role = models.CharField(max_length=16)
    ticket = models.CharField(max_length=64, blank=True)
    created_at_ms = models.BigIntegerField()
    state = models.CharField(max_length=16, default=State.RECEIVED.value, db_index=True)
    operator = models.CharField(max_length=254, blank=True)
    refusal = models.CharField(max_length=500, blank=True)
    plan = models.JSONField(null=True)
    due = models.CharField(max_length=8, blank=True, db_index=True)
    due_from_ms = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    problem = models.CharField(max_length=16, blank=True)
    is_cancelling = models.BooleanField(default=False)
    lease = models.CharField(max_length=32, blank=True)
    leased_until_ms = models.BigIntegerField(default=0)
    line_count = models.IntegerField(default=0)
    settled_count = models.IntegerField(default=0)
    restored_count = models.IntegerField(default=0)

    class Meta:
        ordering = ["-year", "-number"]
        constraints = [models.UniqueConstraint(fields=["year", "number"], name="restore_number_once")]

    def __str__(self) -> str:
        return self.reference

    @property
    def account(self) -> Account:
        user, _, domain = self.address.rpartition("@")
        return Account(user, domain, self.variables)

    @property
    def taken_at(self) -> datetime:
        return moment_of(self.taken_at_ms)

    @property
    def created_at(self) -> datetime:
        return moment_of(self.created_at_ms)

    @property
    def last_offered(self) -> date:
        """The last day on which the night can be read: after it nothing can be restored from it."""
        return self.day + timedelta(days=settings.MTM_DAYS)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_leased(self) -> bool:
        """Whether somebody is at work on it now."""
        return bool(self.lease) and self.leased_until_ms > milliseconds(timezone.now())

    @property
    def vat(self) -> Decimal:
        return vat_of(self.price, self.vat_percent)

    @property
    def gross(self) -> Decimal:
        return self.price + self.vat


class StateChange(models.Model):
    """One state a request came into, and by whom. `told_at_ms` is None until its notices were sent."""

    restore = models.ForeignKey(RestoreRequest, on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=16)
    at_ms = models.BigIntegerField()
    actor = models.CharField(max_length=254)
    role = models.CharField(max_length=16)
    note = models.CharField(max_length=500, blank=True)
    told_at_ms = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.restore_id} {self.state}"

    @property
    def at(self) -> datetime:
        return moment_of(self.at_ms)


class Batch(models.Model):
    """What is sent with one command, written down before it is: from `uidnext` on its messages are, if anywhere.

    `is_settled` once it is known which of its messages the server stored.
    """

    restore = models.ForeignKey(RestoreRequest, on_delete=models.CASCADE, related_name="batches")
    target = models.TextField()
    uidvalidity = models.BigIntegerField()
    uidnext = models.BigIntegerField()
    sent_at_ms = models.BigIntegerField()
    is_settled = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.restore_id} {self.target} {self.uidnext}"


class Lines(models.Manager["Line"]):
    """Lines, written many at a time."""

    def write(self, lines: Sequence["Line"], fields: Sequence[str]) -> None:
        """Write some fields of lines that exist: what `bulk_update` does, in a twentieth of its time."""
        self.bulk_create(lines, update_conflicts=True, unique_fields=["id"], update_fields=fields)


class Line(models.Model):
    """One message of a request, and what became of it.

    `levels` are the names of its folder and of those above it; `message_id` its id in URLs, `guid` the token of its
    guid. `size_bytes` and `digest` (SHA-256) are those of its bytes with CRLF; the plain ones those of what Dovecot
    makes of it where it has CR too many. `target` is the live folder's name as its server has it, or where
    an ALREADY_THERE one was found. `answer` is what the server said to it.
    """

    restore = models.ForeignKey(RestoreRequest, on_delete=models.CASCADE, related_name="lines")
    place = models.IntegerField()
    folder_id = models.CharField(max_length=16)
    levels = models.JSONField(default=list)
    message_id = models.CharField(max_length=16)
    guid = models.CharField(max_length=16, blank=True)
    ordinal = models.IntegerField(default=0)
    internal_date_ms = models.BigIntegerField(null=True)
    size_bytes = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    plain_size_bytes = models.BigIntegerField(null=True)
    plain_digest = models.CharField(max_length=64, blank=True)
    flags = models.JSONField(default=list)
    target = models.TextField(blank=True)
    outcome = models.CharField(max_length=16, default=Outcome.WAITING.value)
    reason = models.CharField(max_length=16, blank=True)
    answer = models.CharField(max_length=200, blank=True)
    batch = models.ForeignKey(Batch, on_delete=models.SET_NULL, null=True, related_name="lines")
    uid = models.BigIntegerField(null=True)
    verdict = models.CharField(max_length=16, blank=True)

    objects = Lines()

    class Meta:
        ordering = ["restore", "place"]
        constraints = [models.UniqueConstraint(fields=["restore", "place"], name="restore_line_once")]

    def __str__(self) -> str:
        return f"{self.restore_id} {self.place} {self.outcome}"

    @property
    def internal_date(self) -> datetime | None:
        return None if self.internal_date_ms is None else moment_of(self.internal_date_ms)
