"""A mailbox on a day: its folders, and a page of one folder's messages."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from access.http import render, target_of
from access.mailboxes import days_of, newest_day, open_mailbox
from access.models import Action
from snapshots.errors import SnapshotNotFound
from webmail.elsewhere import folder_or_inbox
from webmail.list_choice import ListChoice
from webmail.mailbox_context import folder_context, list_context, mailbox_context, said

FRAGMENTS = {
    "view": "webmail/_view.html",
    "mailbox": "webmail/_mailbox.html",
    "message-list": "webmail/_message_list.html",
    "message": "webmail/_message.html",
}


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
    with open_mailbox(request, day, doing=Action.LIST, folder=folder) as mailbox:
        opened, notice = folder_or_inbox(request, mailbox, folder)
        choice = ListChoice.of(request)
        page = mailbox.catalogue.page(opened, choice.number, order=choice.order, filter=choice.filter)
        is_list_alone = target_of(request) == "message-list" and page.rows
        around = folder_context(day, opened) if is_list_alone else mailbox_context(request, mailbox, opened)
        context = around | list_context(page, choice, day) | {"notice": notice}
    return render(request, "webmail/mailbox.html", context, fragments=FRAGMENTS, say=said(request, context))
