"""Who looked at an owner's copies, in words: for the owner's page, its CSV file, and the console."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext, ngettext

from access.audit import object_digest
from access.history import Access
from access.models import Action
from snapshots.types import Folder, Role
from webmail import wording

SHOWN = 100
# What a spreadsheet would take for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t")


@dataclass(frozen=True, slots=True)
class AccessLine:
    """One access, every word of it finished."""

    moment: str
    who: str
    what: str
    details: list[str]
    reason: str
    ticket: str
    is_support: bool


def access_lines(accesses: Iterable[Access], *, with_names: bool | None = None) -> list[AccessLine]:
    """Return accesses in words; operators' names only where the provider shows them, or the caller says so."""
    names = settings.MTM_SUPPORT_NAMES if with_names is None else with_names
    return [_line(access, with_names=names) for access in accesses]


def _line(access: Access, *, with_names: bool) -> AccessLine:
    return AccessLine(
        moment=wording.moment(access.at),
        who=_who(access, with_names=with_names),
        what=_what(access),
        details=list(_details(access)),
        reason=access.reason,
        ticket=access.ticket,
        is_support=access.is_support,
    )


def _who(access: Access, *, with_names: bool) -> str:
    match access.role:
        case "owner":
            return gettext("You")
        case "operator":
            return gettext("Support: %(name)s") % {"name": access.actor} if with_names else gettext("Support")
        case _:
            return gettext("The service")


def _what(access: Access) -> str:
    day = {"day": wording.full_day(access.day) if access.day else ""}
    match access.action:
        case Action.LOGIN:
            return gettext("Signed in")
        case Action.GRANT_START:
            return gettext("Looked at the copy of %(day)s") % day
        case Action.LOOK_UP:
            return gettext("Looked up your mailbox: nights, names of folders, numbers of messages; no message")
        case Action.UNLOCK:
            return gettext("Unlocked the copy of %(day)s") % day
        case Action.UNLOCK_LOGIN:
            return gettext("Allowed new attempts to sign in")
        case Action.SHOW_IMAGES:
            return gettext("Loaded a message's images, copy of %(day)s") % day
        case Action.RESTORE:
            return gettext("Restore %(reference)s of the copy of %(day)s") % (day | {"reference": access.reference})
        case _:
            return _taken(access) % day


def _taken(access: Access) -> str:
    number = {"count": wording.number(access.count), "day": "%(day)s"}
    words = ngettext(
        "Downloaded %(count)s message of the copy of %(day)s",
        "Downloaded %(count)s messages of the copy of %(day)s",
        access.count,
    )
    return words % number


def _details(access: Access) -> Iterator[str]:
    if access.action is Action.LOGIN and access.client_address:
        yield gettext("From the address %(address)s") % {"address": access.client_address}
    if access.format:
        yield gettext("Format: %(format)s") % {"format": access.format.upper()}
    if access.action is Action.RESTORE:
        yield wording.restore_state(access.state) if access.state else gettext("Looked up what it would add")
    if access.action is Action.GRANT_START:
        yield from _under_grant(access)


def _under_grant(access: Access) -> Iterator[str]:
    if access.until is None:
        yield gettext("Under way now")
    else:
        yield gettext("Ended at %(time)s") % {"time": wording.clock_time(access.until)}
    if access.folders:
        yield gettext("Lists of messages: %(folders)s") % {"folders": ", ".join(_folder_names(access.folders))}
    number = {"count": wording.number(len(access.opened))}
    yield ngettext("%(count)s message opened", "%(count)s messages opened", len(access.opened)) % number
    number = {"count": wording.number(len(access.downloaded))}
    yield ngettext("%(count)s message downloaded", "%(count)s messages downloaded", len(access.downloaded)) % number


def _folder_names(digests: set[str]) -> Iterator[str]:
    """Name the default folders; of others the log knows no name."""
    roles = [role for role in Role if object_digest(role.value) in digests]
    yield from (wording.folder_name(Folder(role.value, role=role)) for role in roles)
    others = len(digests) - len(roles)
    if others:
        yield ngettext("%(count)s other folder", "%(count)s other folders", others) % {"count": others}


def csv_file(lines: Iterable[AccessLine]) -> str:
    """Return the lines as a file a spreadsheet opens."""
    out = io.StringIO()
    rows = csv.writer(out)
    names = [gettext("When"), gettext("Who"), gettext("What"), gettext("Details"), gettext("Reason"), gettext("Ticket")]
    rows.writerow(names)
    for line in lines:
        fields = (line.moment, line.who, line.what, "; ".join(line.details), line.reason, line.ticket)
        rows.writerow([plain_cell(text) for text in fields])
    # With this mark Excel reads UTF-8.
    return "\ufeff" + out.getvalue()


def plain_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
