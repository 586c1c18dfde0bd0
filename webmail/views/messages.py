"""One message: its page, and the sandboxed documents that hold what its sender wrote."""

from collections.abc import Callable
from datetime import date
from typing import Any, BinaryIO

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET

from access.http import UNTRUSTED_CSP, render, target_of, untrusted, untrusted_response
from access.mailboxes import open_mailbox
from access.models import Action
from snapshots import headers as header_fields
from snapshots.archive import Mailbox
from snapshots.catalogue import Located
from snapshots.errors import MessageNotFound, SourceDamaged
from snapshots.mime import Message, Part, attachments, parse
from snapshots.types import Folder
from webmail import documents, wording
from webmail.elsewhere import day_that_holds, folder_or_inbox
from webmail.inline_images import left_out
from webmail.located import located as located_in
from webmail.mailbox_context import list_context, mailbox_context, said
from webmail.message_context import message_context
from webmail.views.folders import FRAGMENTS, page_number


@require_GET
def message(request: HttpRequest, day: date, folder: str, message: str) -> HttpResponse:
    """Show a message beside its list; where the night holds it in another folder, go there."""
    with open_mailbox(request, day, doing=Action.LIST, folder=folder) as mailbox:
        opened, notice = folder_or_inbox(request, mailbox, folder)
        try:
            located = mailbox.catalogue.find(message, opened)
        except MessageNotFound:
            return _elsewhere(request, mailbox, opened, message)
        context = _around(request, mailbox, opened, message) | {"notice": notice}
        row = mailbox.catalogue.row(located)
        as_text = request.GET.get("view") == "text"
        read, offered = _read(mailbox, located)
        context["message"] = message_context(read, row, offered, day=day, folder=opened, as_text=as_text)
    words = {"subject": context["message"]["subject"], "day": wording.full_day(day)}
    context["title"] = gettext("%(subject)s, %(day)s") % words
    # The heading of a message that was opened gets the focus, and is read.
    say = said(request, context) if target_of(request) == "view" else ""
    return render(request, "webmail/mailbox.html", context, fragments=FRAGMENTS, say=say)


def _elsewhere(request: HttpRequest, mailbox: Mailbox, opened: Folder, message: str) -> HttpResponse:
    """Answer for a message that the folder does not hold: it lies in another, or only in other nights."""
    day = mailbox.night.day
    try:
        found = mailbox.catalogue.find(message)
    except MessageNotFound:
        other = day_that_holds(request, mailbox, message)
    else:
        return redirect("webmail:message", day, found.folder.id, message)
    context = _around(request, mailbox, opened, message)
    missing = gettext("On %(day)s this message was not there.") % {"day": wording.long_day(day)}
    url = reverse("webmail:message", args=[other, opened.id, message])
    context |= {"missing_message": missing, "elsewhere": {"url": url, "label": wording.short_day(other)}}
    return render(request, "webmail/mailbox.html", context, fragments=FRAGMENTS, say=missing)


def _around(request: HttpRequest, mailbox: Mailbox, opened: Folder, message: str) -> dict[str, Any]:
    """Return what stands around a message; htmx has it already when it asks for the message alone."""
    if target_of(request) == "message":
        return {"list_url": reverse("webmail:folder", args=[mailbox.night.day, opened.id])}
    page = mailbox.catalogue.page(opened, page_number(request))
    context = mailbox_context(request, mailbox, opened, tail=f"{message}/")
    return context | list_context(page, mailbox.night.day, message)


@untrusted(UNTRUSTED_CSP)
@require_GET
@xframe_options_exempt
def body(request: HttpRequest, day: date, message: str) -> HttpResponse:
    """Answer the HTML a sender wrote, made safe, as a document that can do nothing."""
    return _framed(request, day, message, documents.html_document)


@untrusted(UNTRUSTED_CSP)
@require_GET
@xframe_options_exempt
def text(request: HttpRequest, day: date, message: str) -> HttpResponse:
    """Answer the message's text in the same kind of document."""
    return _framed(request, day, message, documents.text_document)


def _framed(request: HttpRequest, day: date, message: str, document: Callable[[BinaryIO], str]) -> HttpResponse:
    with open_mailbox(request, day, doing=Action.OPEN) as mailbox:
        located = located_in(request, mailbox, message)
        try:
            with mailbox.open_source(located) as source:
                return untrusted_response(document(source))
        except SourceDamaged:
            return untrusted_response(documents.damaged_document())


@require_GET
def headers(request: HttpRequest, day: date, message: str) -> HttpResponse:
    """Show all header fields in their order."""
    with open_mailbox(request, day, doing=Action.OPEN) as mailbox:
        located = located_in(request, mailbox, message)
        parsed, _ = _read(mailbox, located)
    context = {
        "fields": header_fields.fields(parsed.header_block) if parsed else [],
        "subject": (parsed.envelope.subject if parsed else "") or gettext("(no subject)"),
        "message_url": reverse("webmail:message", args=[day, located.folder.id, message]),
        "day_sentence": wording.full_day(day),
    }
    return render(request, "webmail/headers.html", context)


def _read(mailbox: Mailbox, located: Located) -> tuple[Message | None, tuple[Part, ...]]:
    """Return the message, and the parts to offer of it; None when its stored bytes cannot be read to their end."""
    try:
        with mailbox.open_source(located) as source:
            message = parse(source)
            return message, attachments(message) + left_out(source, message)
    except SourceDamaged:
        return None, ()
