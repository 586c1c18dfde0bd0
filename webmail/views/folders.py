"""A mailbox on a day: its folders, and a page of one folder's messages."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from access.http import render
from access.mailboxes import days_of, newest_day, open_mailbox
from snapshots.archive import Mailbox
from snapshots.catalogue import Page
from snapshots.errors import SnapshotNotFound
from snapshots.types import Folder
from webmail import wording
from webmail.context import day_tabs, folder_links
from webmail.rows import list_rows


@require_GET
def newest(request: HttpRequest) -> HttpResponse:
    """Go to the newest day there is."""
    day = newest_day(days_of(request))
    if day is None:
        raise SnapshotNotFound
    return redirect("webmail:mailbox", day)


@require_GET
def mailbox(request: HttpRequest, day: date) -> HttpResponse:
    """Show a day's mailbox: its INBOX."""
    return folder(request, day, "inbox")


@require_GET
def folder(request: HttpRequest, day: date, folder: str) -> HttpResponse:
    with open_mailbox(request, day) as mailbox:
        opened = mailbox.catalogue.folder(folder)
        page = mailbox.catalogue.page(opened, _page_number(request))
        context = mailbox_context(request, mailbox, opened) | _list_context(page, day)
    return render(request, "webmail/folder.html", context)


def mailbox_context(request: HttpRequest, mailbox: Mailbox, opened: Folder) -> dict[str, Any]:
    """Return what every page of a mailbox shows: rail, day, folders."""
    day = mailbox.night.day
    counts = mailbox.catalogue.folders()
    defaults, others = folder_links(counts, day, opened)
    return {
        "account": mailbox.account.address,
        "day": day,
        "days": day_tabs(days_of(request), day, tail="" if opened.id == "inbox" else f"{opened.id}/"),
        "day_sentence": wording.full_day(day),
        "day_time": wording.clock_time(mailbox.night.taken_at),
        "folders": defaults,
        "other_folders": others,
        "folder": opened,
        "folder_name": wording.folder_name(opened),
        "is_empty_mailbox": all(count.total == 0 for count in counts),
    }


def _list_context(page: Page, day: date) -> dict[str, Any]:
    url = reverse("webmail:folder", args=[day, page.folder.id])
    return {
        "page": page,
        "rows": list_rows(page, day, url),
        "total": wording.number(page.total),
        "newer_url": f"{url}?page={page.number - 1}" if page.number > 1 else "",
        "older_url": f"{url}?page={page.number + 1}" if page.number < page.last_number else "",
    }


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1
