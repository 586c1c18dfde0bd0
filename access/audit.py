"""The audit log: what was done is written down before it takes effect, or it does not happen.

No subjects, correspondents or search words: a message is known here by a keyed digest of its guid.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import partial

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.utils import timezone

from access import chain, heads
from access.client import client_address
from access.locks import Lock, serialised
from access.models import Action, AuditRecord, Result, milliseconds
from access.readers import Reader, reader_of
from snapshots.errors import EngineUnavailable

NOBODY = "anonymous"
SYSTEM = "system"
REQUEST_ID = "MTM_REQUEST_ID"


class AuditUnavailable(EngineUnavailable):
    """What was to be done could not be written down, so it was not done."""


def record(
    request: HttpRequest | None,
    action: Action,
    *,
    reader: Reader | None = None,
    account: str = "",
    day: date | None = None,
    objects: Iterable[str] = (),
    count: int = 0,
    size_bytes: int = 0,
    result: Result = Result.OK,
    details: Mapping[str, str] | None = None,
) -> AuditRecord:
    """Write down what is about to be done; call it before content leaves.

    The actor is `reader`, else the request's, else nobody; without a request it is a command of ours.
    `objects` are guids or folder names, of which keyed digests are kept; `details` hold short texts such as
    a grant's reason, never anything a sender wrote.
    Raises: AuditUnavailable.
    """
    reader = reader or (reader_of(request) if request else None)
    row = AuditRecord(
        **_moment(),
        **_origin(request),
        actor=reader.name if reader else "",
        role=reader.role if reader else NOBODY if request else SYSTEM,
        action=action.value,
        account=account or (reader.account.address if reader else ""),
        day=day,
        object_digests=[object_digest(name) for name in objects],
        count=count,
        size_bytes=size_bytes,
        result=result.value,
        details=dict(details or {}),
    )
    _append(row)
    return row


def object_digest(name: str) -> str:
    """Return what `record` keeps of a guid or a folder's name, to find it again."""
    return chain.keyed_digest("object", name)


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
            transaction.on_commit(partial(heads.note, chain.head_of(row)), robust=True)
    except DatabaseError as error:
        raise AuditUnavailable from error
