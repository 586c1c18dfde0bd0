"""What every page shows: the site's name, the days, the folders."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from access.mailboxes import newest_day
from snapshots.calendar import Day, DayState
from snapshots.catalogue import FolderCount
from snapshots.types import Folder, FolderState, Role
from webmail import wording

ROLE_ORDER = [Role.INBOX, Role.SENT, Role.DRAFTS, Role.TRASH, Role.JUNK]


def site(request: HttpRequest) -> dict[str, str]:
    """Return what base.html needs on any page, with or without a reader."""
    return {
        "brand_name": settings.MTM_BRAND_NAME,
        "support_contact": settings.MTM_SUPPORT_CONTACT,
        "request_id": request.META.get("MTM_REQUEST_ID", ""),
    }


@dataclass(frozen=True, slots=True)
class DayTab:
    """One day of the rail."""

    day: date
    url: str
    weekday: str
    label: str
    sentence: str
    status: str
    is_available: bool
    is_chosen: bool


def day_tabs(days: list[Day], chosen: date | None, *, tail: str = "", newest: date | None = None) -> list[DayTab]:
    """Return the rail: `tail` is what follows the day in each link, so that the folder stays."""
    newest = newest or newest_day(days)
    return [_tab(day, chosen, newest, tail) for day in days]


def _tab(day: Day, chosen: date | None, newest: date | None, tail: str) -> DayTab:
    status = day_status(day, newest)
    return DayTab(
        day=day.day,
        url=reverse("webmail:mailbox", args=[day.day]) + tail,
        weekday=wording.short_day(day.day).split(" ")[0].rstrip(","),
        label=wording.short_day(day.day),
        sentence=f"{wording.long_day(day.day)}: {status}" if status else wording.long_day(day.day),
        status=status,
        is_available=day.state is DayState.AVAILABLE,
        is_chosen=day.day == chosen,
    )


def day_status(day: Day, newest: date | None) -> str:
    """Return a day's one word of state."""
    if day.state is DayState.MISSING:
        return gettext("Missing")
    if day.state is DayState.PREPARING:
        return gettext("Not ready yet")
    if day.day == newest:
        return gettext("Latest copy")
    return gettext("Expires tonight") if day.expires_tonight else ""


@dataclass(frozen=True, slots=True)
class FolderLink:
    """One folder of the pane; `depth` counts from 0."""

    name: str
    title: str
    url: str
    total: str
    depth: int
    is_open: bool
    is_unreadable: bool
    role: str


def folder_links(
    counts: list[FolderCount], day: date, opened: Folder | None
) -> tuple[list[FolderLink], list[FolderLink]]:
    """Return the five default folders in their order, and all others."""
    links = {count.folder: _folder_link(count, day, opened) for count in counts}
    defaults = sorted((folder for folder in links if folder.role), key=lambda folder: ROLE_ORDER.index(folder.role))  # type: ignore[arg-type]
    return [links[folder] for folder in defaults], [link for folder, link in links.items() if not folder.role]


def _folder_link(count: FolderCount, day: date, opened: Folder | None) -> FolderLink:
    folder = count.folder
    return FolderLink(
        name=wording.folder_name(folder),
        title=" / ".join(folder.levels),
        url=reverse("webmail:folder", args=[day, folder.id]),
        total=wording.number(count.total) if count.total is not None else "",
        depth=0 if folder.role else min(len(folder.levels) - 1, 4),
        is_open=opened is not None and folder.id == opened.id,
        is_unreadable=folder.state is FolderState.UNREADABLE,
        role=folder.role.value if folder.role else "",
    )
