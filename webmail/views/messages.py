"""One message: its page, and the sandboxed documents that hold what its sender wrote."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_POST

from access.audience import changes_nothing
from access.http import UNTRUSTED_CSP, render, target_of, untrusted, untrusted_response
from access.mailboxes import open_mailbox, record
from access.models import Action
from snapshots.archive import Mailbox
from snapshots.catalogue import Located
from snapshots.errors import MessageNotFound
from snapshots.types import Folder
from webmail import documents, wording
from webmail.elsewhere import day_that_holds, folder_or_inbox
from webmail.image_release import is_released, release
from webmail.list_choice import ListChoice
from webmail.located import located as located_in
from webmail.located import opened_message
from webmail.mailbox_context import list_context, mailbox_context, said
from webmail.message_context import message_context
from webmail.opened import Opened
from webmail.preferences import preference_of
from webmail.story import story_context
from webmail.views.folders import FRAGMENTS


@require_GET
def message(request: HttpRequest, day: date, folder: str, message: str) -> HttpResponse:
    """Show a message beside its list; where the night holds it in another folder, go there."""
    with open_mailbox(request, day, doing=Action.LIST, folder=folder) as mailbox:
        found, notice = folder_or_inbox(request, mailbox, folder)
        try:
            located = mailbox.catalogue.find(message, found)
        except MessageNotFound:
            return _elsewhere(request, mailbox, found, message)
        return _page(request, mailbox, located, notice=notice)


@require_POST
@changes_nothing
def show_images(request: HttpRequest, day: date, folder: str, message: str) -> HttpResponse:
    """Show a message again with its remote pictures, on record; only this one, and only now."""
    with open_mailbox(request, day, doing=Action.SHOW_IMAGES) as mailbox:
        located = mailbox.catalogue.find(message, mailbox.catalogue.folder(folder))
        record(request, Action.SHOW_IMAGES, mailbox, located)
        say = gettext("Pictures shown.")
        return _page(request, mailbox, located, images=release(request, day, message), say=say)


def _page(
    request: HttpRequest, mailbox: Mailbox, located: Located, *, notice: str = "", images: str = "", say: str = ""
) -> HttpResponse:
    day = mailbox.night.day
    context = _around(request, mailbox, located.folder, located.id) | {"notice": notice}
    row = mailbox.catalogue.row(located)
    as_text = request.GET.get("view") == "text"
    with opened_message(request, mailbox, located) as read:
        context["message"] = message_context(read, row, day=day, folder=located.folder, as_text=as_text, images=images)
    context |= story_context(request, day, located.folder, located.id)
    words = {"subject": context["message"]["subject"], "day": wording.full_day(day)}
    context["title"] = gettext("%(subject)s, %(day)s") % words
    # The heading of a message that was opened gets the focus, and is read.
    say = say or (said(request, context) if target_of(request) == "view" else "")
    return render(request, "webmail/mailbox.html", context, fragments=FRAGMENTS, say=say)


def _elsewhere(request: HttpRequest, mailbox: Mailbox, found: Folder, message: str) -> HttpResponse:
    """Answer for a message that the folder does not hold: it lies in another, or only in other nights."""
    day = mailbox.night.day
    try:
        located = mailbox.catalogue.find(message)
    except MessageNotFound:
        other = day_that_holds(request, mailbox, message)
    else:
        return redirect("webmail:message", day, located.folder.id, message)
    context = _around(request, mailbox, found, message)
    missing = gettext("On %(day)s this message was not there.") % {"day": wording.long_day(day)}
    url = reverse("webmail:message", args=[other, found.id, message])
    context |= {"missing_message": missing, "elsewhere": {"url": url, "label": wording.short_day(other)}}
    return render(request, "webmail/mailbox.html", context, fragments=FRAGMENTS, say=missing)


def _around(request: HttpRequest, mailbox: Mailbox, folder: Folder, message: str) -> dict[str, Any]:
    """Return what stands around a message; htmx has it already when it asks for the message alone."""
    choice = ListChoice.of(request)
    if target_of(request) == "message":
        day = mailbox.night.day
        list_url = reverse("webmail:folder", args=[day, folder.id]) + choice.query
        return {"list_url": list_url, "day_iso": day.isoformat(), "folder": folder, "opened_id": message}
    page = mailbox.catalogue.page(folder, choice.number, order=choice.order, filter=choice.filter)
    context = mailbox_context(request, mailbox, folder, tail=f"{message}/")
    return context | list_context(page, choice, mailbox.night.day, message)


@untrusted(UNTRUSTED_CSP)
@require_GET
@xframe_options_exempt
def body(request: HttpRequest, day: date, message: str) -> HttpResponse:
    """Answer the HTML a sender wrote, made safe, as a document that can do nothing."""
    shown = _document(request, day, message, documents.html_document)
    return untrusted_response(shown, with_images=is_released(request, day, message))


@untrusted(UNTRUSTED_CSP)
@require_GET
@xframe_options_exempt
def text(request: HttpRequest, day: date, message: str) -> HttpResponse:
    """Answer the message's text in the same kind of document."""
    return untrusted_response(_document(request, day, message, documents.text_document))


def _document(request: HttpRequest, day: date, message: str, write: Callable[[Opened, str], str]) -> str:
    theme = preference_of(request, "theme")
    with open_mailbox(request, day, doing=Action.OPEN) as mailbox:
        located = located_in(request, mailbox, message)
        with opened_message(request, mailbox, located) as read:
            return write(read, theme) if read else documents.damaged_document(theme)
