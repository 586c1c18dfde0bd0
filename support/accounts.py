"""What the console shows of an account: its nights, the folders of one of them, its logins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext

from access import audit
from access.mailboxes import folder_counts, inbox_guids, newest_day, offered_days
from access.models import Action
from access.readers import Staff
from access.throttle import Attempts, attempts_on
from access.unlocks import is_unlocked
from snapshots import configured
from snapshots.accounts import BadAddress
from snapshots.calendar import Day, DayState
from snapshots.errors import SnapshotError
from snapshots.types import Account, Folder
from webmail import wording
from webmail.rail import day_status


@dataclass(frozen=True, slots=True)
class NightShown:
    """One night of an account as the console lists it."""

    iso: str
    name: str
    status: str
    icon: str
    can_open: bool
    is_chosen: bool
    seems_other: bool
    is_unlocked: bool


def found_account(text: str) -> Account | None:
    """Return the account of an address typed in full; None where it is no address."""
    try:
        return configured.address_book().account(text)
    except BadAddress:
        return None


def iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def account_context(request: HttpRequest, staff: Staff, account: Account, day: date | None) -> Mapping[str, Any]:
    """Return the account's nights and the folders of one, once the look-up is written down.

    Raises: AuditUnavailable.
    """
    audit.record(request, Action.LOOK_UP, actor=staff, account=account.address, day=day)
    try:
        days, guids = offered_days(account), inbox_guids(account)
        chosen = day or _newest(days, guids)
        counts = folder_counts(account, chosen) if chosen in guids else []
    except SnapshotError:
        return {"storage_is_silent": True, "attempts": _attempts(account)}
    nights = [_night(account, each, days, guids, is_chosen=each.day == chosen) for each in reversed(days)]
    return {
        "nights": nights,
        "chosen": next((night for night in nights if night.is_chosen), None),
        "folders": [(folder_label(count.folder), total_label(count.total)) for count in counts],
        "attempts": _attempts(account),
    }


def _newest(days: list[Day], guids: Mapping[date, str | None]) -> date | None:
    return newest_day([each for each in days if each.day in guids])


def folder_label(folder: Folder) -> str:
    """Return a folder's name with those above it."""
    return wording.folder_name(folder) if folder.role else " / ".join(folder.levels)


def total_label(total: int | None) -> str:
    """Return how many messages a folder holds, in words where nobody knows."""
    return gettext("unreadable") if total is None else wording.number(total)


def _attempts(account: Account) -> Attempts:
    return attempts_on(account.address)


def _night(
    account: Account, day: Day, days: list[Day], guids: Mapping[date, str | None], *, is_chosen: bool
) -> NightShown:
    status, icon = _status(day, days, guids)
    newest = _newest(days, guids)
    current = guids.get(newest) if newest else None
    guid = guids.get(day.day)
    return NightShown(
        iso=day.day.isoformat(),
        name=wording.long_day(day.day),
        status=status,
        icon=icon,
        can_open=day.day in guids,
        is_chosen=is_chosen,
        seems_other=bool(guid and current and guid != current),
        is_unlocked=is_unlocked(account, day.day),
    )


def _status(day: Day, days: list[Day], guids: Mapping[date, str | None]) -> tuple[str, str]:
    if day.state is DayState.AVAILABLE and len(day.nights) > 1:
        return gettext("Locked: two volumes hold it"), "lock"
    if day.state is DayState.AVAILABLE and day.day not in guids:
        return gettext("No such mailbox in this copy"), "calendar-x"
    status, icon = day_status(day, newest_day(days))
    return status or gettext("Available"), icon or "check"
