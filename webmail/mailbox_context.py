"""What the pages of one mailbox show: rail, day, folders, list."""

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from access.grants import live_ticket
from access.http import target_of
from access.mailboxes import days_of, today
from access.readers import Owner, reader_of
from snapshots.archive import Mailbox
from snapshots.catalogue import Page
from snapshots.types import Folder, FolderState
from webmail import wording
from webmail.context import folder_links
from webmail.preferences import shown_folders
from webmail.rail import day_rail
from webmail.rows import list_rows


def mailbox_context(request: HttpRequest, mailbox: Mailbox, opened: Folder, *, tail: str = "") -> dict[str, Any]:
    """Return what every page of a mailbox shows; `tail` is what the rail's links keep open besides the folder."""
    day = mailbox.night.day
    counts = mailbox.catalogue.folders()
    shown = shown_folders(mailbox.account)
    defaults, others = folder_links(counts, day, opened, shown)
    tail = f"{opened.id}/{tail}" if tail or opened.id != "inbox" else ""
    rail = day_rail(days_of(request), day, today=today(), tail=tail)
    manage = reverse("webmail:folders", args=[day])
    return {
        "title": gettext("%(folder)s, %(day)s") % {"folder": wording.folder_name(opened), "day": wording.full_day(day)},
        "day": day,
        "day_iso": day.isoformat(),
        "days": rail.tabs,
        "rail": rail,
        "is_today": day == today(),
        "support_ticket": live_ticket(mailbox.account) if isinstance(reader_of(request), Owner) else "",
        "day_sentence": wording.full_day(day),
        "day_long": wording.long_day(day),
        "day_time": gettext("at %(time)s") % {"time": wording.clock_time(mailbox.night.taken_at)},
        "folders": defaults,
        "other_folders": others,
        "hidden_folders": _hidden_sentence(sum(1 for count in counts if not count.folder.role) - len(others)),
        "manage_url": f"{manage}?{urlencode({'next': request.path})}",
        "folder": opened,
        "folder_name": wording.folder_name(opened),
        "folder_is_unreadable": opened.state is FolderState.UNREADABLE,
        "is_empty_mailbox": all(count.total == 0 for count in counts),
    }


def list_context(page: Page, day: date, opened_id: str = "") -> dict[str, Any]:
    """Return a page of a folder's messages; `opened_id` is the message shown beside it."""
    url = reverse("webmail:folder", args=[day, page.folder.id])
    total = wording.number(page.total)
    return {
        "page": page,
        "rows": list_rows(page, day, url),
        "total": total,
        "count_sentence": ngettext("%(total)s message", "%(total)s messages", page.total) % {"total": total},
        "newer_url": f"{url}?page={page.number - 1}" if page.number > 1 else "",
        "older_url": f"{url}?page={page.number + 1}" if page.number < page.last_number else "",
        "download_url": reverse("webmail:download", args=[day]),
        "download_limit": settings.MTM_DOWNLOAD_LIMIT,
        "list_url": url if page.number == 1 else f"{url}?page={page.number}",
        "opened_id": opened_id,
    }


def said(request: HttpRequest, context: dict[str, Any]) -> str:
    """Return what is announced of a swap: the day where it changed, the folder, or the page of it."""
    page = context["page"]
    folder = f"{context['folder_name']}, {context['count_sentence']}."
    match target_of(request):
        case "view":
            day = wording.long_day(context["day"])
            words = f"{day[:1].upper()}{day[1:]}. {folder}"
        case "message-list" if page.total:
            places = {"first": page.first_place, "last": page.last_place, "total": context["total"]}
            words = gettext("Messages %(first)s to %(last)s of %(total)s.") % places
        case _:
            words = folder
    return f"{context['notice']} {words}".strip()


def _hidden_sentence(hidden: int) -> str:
    if hidden <= 0:
        return ""
    return ngettext("%(count)d hidden folder", "%(count)d hidden folders", hidden) % {"count": hidden}
