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
from webmail.list_choice import ListChoice
from webmail.list_controls import choice_context, count_sentence
from webmail.past import band_context, past_of
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
    manage = reverse("webmail:folders", args=[day])
    return {
        **day_context(request, mailbox, tail=tail),
        **folder_context(day, opened),
        "folders": defaults,
        "other_folders": others,
        "hidden_folders": _hidden_sentence(sum(1 for count in counts if not count.folder.role) - len(others)),
        "manage_url": f"{manage}?{urlencode({'next': request.path})}",
        "is_empty_mailbox": all(count.total == 0 for count in counts),
    }


def folder_context(day: date, opened: Folder) -> dict[str, Any]:
    """Return what is said of the folder that is open; all that a list with messages needs beside them."""
    name, day_sentence = wording.folder_name(opened), wording.full_day(day)
    return {
        "title": gettext("%(folder)s, %(day)s") % {"folder": name, "day": day_sentence},
        "folder": opened,
        "folder_name": name,
        "folder_is_unreadable": opened.state is FolderState.UNREADABLE,
        "day_iso": day.isoformat(),
        "day_sentence": day_sentence,
    }


def day_context(request: HttpRequest, mailbox: Mailbox, *, tail: str = "") -> dict[str, Any]:
    """Return what every page of a day shows: the rail, and the band that says which day it is."""
    day = mailbox.night.day
    past = past_of(request)
    rail = day_rail(days_of(request), day, today=today(), tail=tail, gone=past.gone_counts)
    return {
        "day": day,
        "day_iso": day.isoformat(),
        "days": rail.tabs,
        "rail": rail,
        "is_today": day == today(),
        "support_ticket": live_ticket(mailbox.account) if isinstance(reader_of(request), Owner) else "",
        "day_sentence": wording.full_day(day),
        "day_long": wording.long_day(day),
        "day_time": gettext("at %(time)s") % {"time": wording.clock_time(mailbox.night.taken_at)},
        "past": band_context(past, day),
    }


def list_context(page: Page, choice: ListChoice, day: date, opened_id: str = "") -> dict[str, Any]:
    """Return a page of a folder's messages; `opened_id` is the message shown beside it."""
    url = reverse("webmail:folder", args=[day, page.folder.id])
    number = page.number
    return {
        "page": page,
        "rows": list_rows(page.rows, page.folder, day, choice.query),
        "total": wording.number(page.total),
        "count_sentence": count_sentence(page),
        "newer_url": url + choice.at(number - 1).query if number > 1 else "",
        "older_url": url + choice.at(number + 1).query if number < page.last_number else "",
        "download_url": reverse("webmail:download", args=[day]),
        "download_limit": settings.MTM_DOWNLOAD_LIMIT,
        "list_url": url + choice.query,
        "opened_id": opened_id,
        **choice_context(choice, page, url),
    }


def said(request: HttpRequest, context: dict[str, Any]) -> str:
    """Return what is announced of a swap: the day where it changed, the folder, or the page of it."""
    page = context["page"]
    match target_of(request):
        case "view":
            day = wording.long_day(context["day"])
            words = f"{day[:1].upper()}{day[1:]}. {_of_folder(context)}"
        case "message-list" if page.total and request.headers.get("HX-Trigger", "").startswith("page-"):
            places = {"first": page.first_place, "last": page.last_place, "total": context["total"]}
            words = gettext("Messages %(first)s to %(last)s of %(total)s.") % places
        case "message-list":
            words = f"{context['count_sentence']}."
        case _:
            words = _of_folder(context)
    return f"{context['notice']} {words}".strip()


def _of_folder(context: dict[str, Any]) -> str:
    gone = context["past"]["gone_sentence"]
    return f"{context['folder_name']}, {context['count_sentence']}.{f' {gone}.' if gone else ''}"


def _hidden_sentence(hidden: int) -> str:
    if hidden <= 0:
        return ""
    return ngettext("%(count)d hidden folder", "%(count)d hidden folders", hidden) % {"count": hidden}
