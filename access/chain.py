"""The audit log's chain: each row's code covers the row before it, so no row can change unnoticed.

What is chained is a digest of the row's content, so that law can have a content erased and the chain still hold.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from access.models import Action, AuditRecord

FIRST_SEQ = 1
UNCHAINED = {"digest", "prev", "mac"}


@dataclass(frozen=True, slots=True)
class BadRow:
    """The first place where the log is not what was written."""

    seq: int
    reason: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last row known somewhere outside the database; what comes before it must still be there."""

    seq: int
    mac: str

    @classmethod
    def parse(cls, text: str) -> "Head":
        """Read `seq:mac`. Raises: ValueError."""
        seq, _, mac = text.strip().partition(":")
        return cls(int(seq), mac)

    def __str__(self) -> str:
        return f"{self.seq}:{self.mac}"


NOTHING_YET = Head(FIRST_SEQ - 1, "")


def keyed_digest(purpose: str, text: str) -> str:
    """Return 32 hex digits that only the holder of MTM_AUDIT_KEY can make; "" of ""."""
    return hmac.digest(_key(purpose), text.encode("utf-8", "surrogateescape"), "sha256").hex()[:32] if text else ""


def seal(record: AuditRecord, prev: str) -> None:
    """Chain a row to the code of the row before it."""
    record.prev = prev
    record.digest = _digest(record)
    record.mac = _mac(record)


def head_of(record: AuditRecord | None) -> Head:
    return Head(record.seq, record.mac) if record else NOTHING_YET


def first_bad_row(heads: Iterable[Head] = ()) -> tuple[BadRow | None, Head]:
    """Return the first row that is not as it was written, if any, and the last good one.

    `heads` were noted outside the database: with them a tail that was cut off shows too.
    """
    noted = {head.seq: head.mac for head in heads}
    last = _beginning()
    for record in AuditRecord.objects.order_by("seq").iterator():
        reason = _fault(record, last, noted.get(record.seq))
        if reason:
            return BadRow(last.seq + 1, reason), last
        last = head_of(record)
    if max(noted, default=0) > last.seq:
        return BadRow(last.seq + 1, "missing: the end was cut off"), last
    return None, last


def _beginning() -> Head:
    """Return what the oldest row follows: nothing, or what a purge on record took away."""
    oldest = AuditRecord.objects.order_by("seq").first()
    purges = AuditRecord.objects.filter(action=Action.PURGE).values_list("details", flat=True)
    purged = {Head(int(details["last_seq"]), details["last_mac"]) for details in purges if "last_seq" in details}
    before = Head(oldest.seq - 1, oldest.prev) if oldest else NOTHING_YET
    return before if before in purged else NOTHING_YET


def _fault(record: AuditRecord, last: Head, noted: str | None) -> str:
    if record.seq != last.seq + 1:
        return "missing"
    if record.digest != _digest(record):
        return "its content was changed"
    if not hmac.compare_digest(record.mac, _mac(record)):
        return "its code was made without the key"
    if record.prev != last.mac:
        return "it does not follow the row before it"
    return "it is not the row that was noted outside" if noted not in (None, record.mac) else ""


def _digest(record: AuditRecord) -> str:
    return hashlib.sha256(_canonical(_content(record))).hexdigest()


def _mac(record: AuditRecord) -> str:
    link = _canonical({"prev": record.prev, "seq": record.seq, "digest": record.digest})
    return hmac.digest(_key("chain"), link, "sha256").hex()


def _content(record: AuditRecord) -> dict[str, Any]:
    fields = (field.attname for field in record._meta.concrete_fields)
    return {name: getattr(record, name) for name in fields if name not in UNCHAINED}


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), default=str).encode()


def _key(purpose: str) -> bytes:
    return hmac.digest(settings.MTM_AUDIT_KEY.encode(), purpose.encode(), "sha256")
