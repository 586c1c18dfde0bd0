"""Who looked at an account's copies, as the audit log tells it: one entry for each login, download, grant."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from access.models import Action, AuditRecord, Result

TOLD = {
    Action.LOGIN,
    Action.SHOW_IMAGES,
    Action.DOWNLOAD,
    Action.EXPORT,
    Action.RESTORE,
    Action.LOOK_UP,
    Action.GRANT_START,
    Action.UNLOCK,
    Action.UNLOCK_LOGIN,
}


@dataclass(slots=True)
class Access:
    """One thing that was done with an account; a grant with all that was done under it.

    `folders`, `opened` and `downloaded` are digests; `until` is None while a grant lives.
    """

    at: datetime
    action: Action
    role: str
    actor: str
    client_address: str
    day: date | None
    count: int = 0
    format: str = ""
    reason: str = ""
    ticket: str = ""
    until: datetime | None = None
    folders: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    downloaded: set[str] = field(default_factory=set)

    @property
    def is_support(self) -> bool:
        return self.role != "owner"


def accesses_of(address: str) -> list[Access]:
    """Return what was done with an account, the newest first."""
    rows = AuditRecord.objects.filter(account=address, result=Result.OK).order_by("seq")
    return _told(rows)[::-1]


def _told(rows: Iterable[AuditRecord]) -> list[Access]:
    entries: list[Access] = []
    grants: dict[str, Access] = {}
    for row in rows:
        grant = row.details.get("grant", "")
        if row.action in TOLD and (not grant or row.action == Action.GRANT_START):
            entries.append(_entry(row))
            if grant:
                grants[grant] = entries[-1]
        elif grant in grants:
            _add(grants[grant], row)
    return entries


def _entry(row: AuditRecord) -> Access:
    entry = Access(
        at=row.at,
        action=Action(row.action),
        role=row.role,
        actor=row.actor,
        client_address=row.client_address,
        day=row.day,
        count=row.count,
        format=row.details.get("format", ""),
        reason=row.details.get("reason", ""),
        ticket=row.details.get("ticket", ""),
    )
    if entry.action is Action.GRANT_START:
        expires_at = row.at + timedelta(minutes=int(row.details.get("minutes", 0)))
        entry.until = expires_at if expires_at <= timezone.now() else None
    return entry


def _add(entry: Access, row: AuditRecord) -> None:
    """Count what was done under a grant to the grant's entry."""
    match row.action:
        case Action.GRANT_END:
            entry.until = row.at
        case Action.LIST:
            entry.folders.update(row.object_digests)
        case Action.OPEN:
            entry.opened.update(row.object_digests)
        case Action.DOWNLOAD:
            entry.downloaded.update(row.object_digests)
