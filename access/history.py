"""Who looked at an account's copies, as the audit log tells it: one entry for each login, download, grant."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from access.audit import object_digest
from access.models import Action, AuditRecord, Result
from access.readers import Owner

ONE_LOOK_UP = timedelta(minutes=15)
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

    `reference` and `state` are those of a restore. `folders`, `opened` and `downloaded` are digests; `until` is None
    while a grant lives.
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
    reference: str = ""
    state: str = ""
    until: datetime | None = None
    folders: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    downloaded: set[str] = field(default_factory=set)

    @property
    def is_support(self) -> bool:
        return self.role != "owner"


@dataclass(frozen=True, slots=True)
class History:
    """Accesses, the newest first. It is cut where the address was another person's mailbox before."""

    accesses: list[Access]
    is_cut: bool = False


def history_of(owner: Owner) -> History:
    """Return what was done with an owner's copies, since the address is theirs as far as that can be told."""
    own = None if owner.guids is None else {object_digest(guid) for guid in owner.guids}
    return _told(_rows(owner.account.address), own)


def accesses_of(address: str) -> list[Access]:
    """Return all that was done with an account, the newest first, for the console."""
    return _told(_rows(address), None).accesses


def _rows(address: str) -> Iterable[AuditRecord]:
    return AuditRecord.objects.filter(account=address, result=Result.OK).order_by("seq")


def _told(rows: Iterable[AuditRecord], own: set[str] | None) -> History:
    entries: list[Access] = []
    grants: dict[str, Access] = {}
    is_cut = False
    for row in rows:
        grant = row.details.get("grant", "")
        if own is not None and _is_login_elsewhere(row, own):
            entries, grants, is_cut = [], {}, True
        elif row.action in TOLD and (not grant or row.action == Action.GRANT_START):
            if not _repeats(row, entries):
                entries.append(_entry(row))
            if grant:
                grants[grant] = entries[-1]
        elif grant in grants:
            _add(grants[grant], row)
    return History(entries[::-1], is_cut)


def _is_login_elsewhere(row: AuditRecord, own: set[str]) -> bool:
    """Tell a login to another mailbox that had this address."""
    return row.action == Action.LOGIN and bool(row.object_digests) and own.isdisjoint(row.object_digests)


def _repeats(row: AuditRecord, entries: list[Access]) -> bool:
    """Tell a look-up that goes on: each click in the console is a row."""
    if not entries or row.action != Action.LOOK_UP:
        return False
    last = entries[-1]
    return last.action is Action.LOOK_UP and last.actor == row.actor and row.at - last.at < ONE_LOOK_UP


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
        reference=row.details.get("reference", ""),
        state=row.details.get("state", ""),
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
