"""The audit log: what was done is written down before it takes effect, or it does not happen.

No subjects, correspondents or search words: a message is known here by a keyed digest of its guid.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.conf import settings
from django.db import Error, transaction
from django.http import HttpRequest
from django.utils import timezone

from access import chain, heads
from access.client import client_address
from access.locks import Lock, serialised
from access.metrics import ACTIONS
from access.models import Action, AuditRecord, Result, milliseconds
from access.readers import Actor, Operator, Staff, actor_of
from snapshots.errors import EngineUnavailable

NOBODY = "anonymous"
SYSTEM = "system"
REQUEST_ID = "MTM_REQUEST_ID"
SETTINGS = (
    "MTM_SNAPSHOT_PATH",
    "MTM_ACCOUNT_LOOKUP",
    "MTM_IMAP_URL",
    "MTM_TRUSTED_PROXIES",
    "MTM_DOWNLOAD_LIMIT",
    "MTM_DOWNLOAD_SIZE_MB",
    "MTM_TICKET_PATTERN",
    "MTM_SUPPORT_NAMES",
    "MTM_NOTICE_FROM",
    "MTM_AUDIT_DAYS",
)


class AuditUnavailable(EngineUnavailable):
    """What was to be done could not be written down, so it was not done."""


def record(
    request: HttpRequest | None,
    action: Action,
    *,
    actor: Actor | None = None,
    account: str = "",
    day: date | None = None,
    objects: Iterable[str] = (),
    count: int = 0,
    size_bytes: int = 0,
    result: Result = Result.OK,
    details: Mapping[str, str] | None = None,
) -> AuditRecord:
    """Write down what is about to be done; call it before content leaves.

    The actor is the one given, else the request's, else nobody; without a request it is a command of ours.
    `objects` are guids or ids of folders, of which keyed digests are kept; `details` hold short texts such as
    a grant's reason, never anything a sender wrote.
    Raises: AuditUnavailable.
    """
    actor = actor or (actor_of(request) if request else None)
    row = AuditRecord(
        **_moment(),
        **_origin(request),
        actor=actor.name if actor else "",
        role=actor.role if actor else NOBODY if request else SYSTEM,
        action=action.value,
        account=account or _account(actor),
        day=day,
        object_digests=[object_digest(name) for name in objects],
        count=count,
        size_bytes=size_bytes,
        result=result.value,
        details=_grant(actor) | dict(details or {}),
    )
    _append(row)
    ACTIONS.labels(row.action, row.result).inc()
    return row


def purge() -> int:
    """Let go of the oldest rows that are past their time, on record; return how many. Raises: AuditUnavailable."""
    now_ms = milliseconds(timezone.now())
    with transaction.atomic():
        kept = AuditRecord.objects.filter(keep_until_ms__gt=now_ms).order_by("seq").first()
        last = AuditRecord.objects.filter(seq__lt=kept.seq).order_by("-seq").first() if kept else None
        if last is None:
            return 0
        old = AuditRecord.objects.filter(seq__lte=last.seq)
        count = old.count()
        record(None, Action.PURGE, count=count, details={"last_seq": str(last.seq), "last_mac": last.mac})
        old.delete()
    return count


def record_settings() -> None:
    """Write down the settings that decide who may see what, where they are not those written down last."""
    now = {name: str(getattr(settings, name)) for name in SETTINGS}
    last = AuditRecord.objects.filter(action=Action.SETTINGS).order_by("-seq").first()
    if last is None or last.details != now:
        record(None, Action.SETTINGS, details=now)


def object_digest(name: str) -> str:
    """Return what `record` keeps of a guid or a folder's id, to find it again."""
    return chain.keyed_digest("object", name)


def _account(actor: Actor | None) -> str:
    return "" if actor is None or isinstance(actor, Staff) else actor.account.address


def _grant(actor: Actor | None) -> dict[str, str]:
    """Return under which grant something is done."""
    return {"grant": str(actor.grant_id)} if isinstance(actor, Operator) else {}


def _moment() -> dict[str, int]:
    now = timezone.now()
    keep_until = now + timedelta(days=settings.MTM_AUDIT_DAYS)
    return {"at_ms": milliseconds(now), "keep_until_ms": milliseconds(keep_until)}


def _origin(request: HttpRequest | None) -> dict[str, str]:
    if request is None:
        return {}
    return {
        "client_address": client_address(request),
        "user_agent": chain.keyed_digest("user-agent", request.headers.get("User-Agent", "")),
        "request_id": request.META.get(REQUEST_ID, ""),
    }


def _append(row: AuditRecord) -> None:
    try:
        with serialised(Lock.AUDIT):
            last = chain.head_of(AuditRecord.objects.order_by("-seq").first())
            row.seq = last.seq + 1
            chain.seal(row, last.mac)
            row.save(force_insert=True)
            head = chain.head_of(row)
            # A function with a name: Django tells it when this fails, which must not undo what is written.
            transaction.on_commit(lambda: heads.note(head), robust=True)
    except Error as error:
        raise AuditUnavailable from error
