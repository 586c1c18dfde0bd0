"""One message: its page, and the sandboxed documents that hold what its sender wrote."""

from collections.abc import Callable
from datetime import date
from typing import Any, BinaryIO

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET

from access.http import UNTRUSTED_CSP, render, untrusted, untrusted_response
from access.mailboxes import open_mailbox
from snapshots import headers as header_fields
from snapshots.archive import Mailbox
from snapshots.catalogue import Located
from snapshots.errors import SourceDamaged
from snapshots.mime import Message, parse
from webmail import documents
from webmail.message_context import message_context
from webmail.views.folders import mailbox_context


@require_GET
def message(request: HttpRequest, day: date, folder: str, message: str) -> HttpResponse:
    with open_mailbox(request, day) as mailbox:
        opened = mailbox.catalogue.folder(folder)
        located = mailbox.catalogue.find(message, opened)
        row = mailbox.catalogue.row(located)
        context = mailbox_context(request, mailbox, opened)
        context["message"] = message_context(_parsed(mailbox, located), row, day)
    context["list_url"] = reverse("webmail:folder", args=[day, folder])
    return render(request, "webmail/message.html", context)


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
    with open_mailbox(request, day) as mailbox:
        located = mailbox.catalogue.find(message)
        try:
            with mailbox.open_source(located) as source:
                return untrusted_response(document(source))
        except SourceDamaged:
            return untrusted_response(documents.damaged_document())


@require_GET
def headers(request: HttpRequest, day: date, message: str) -> HttpResponse:
    """Show all header fields in their order."""
    with open_mailbox(request, day) as mailbox:
        located = mailbox.catalogue.find(message)
        parsed = _parsed(mailbox, located)
        context: dict[str, Any] = mailbox_context(request, mailbox, located.folder)
    context["fields"] = header_fields.fields(parsed.header_block) if parsed else []
    context["subject"] = parsed.envelope.subject if parsed else gettext("(no subject)")
    context["message_url"] = reverse("webmail:message", args=[day, located.folder.id, message])
    return render(request, "webmail/headers.html", context)


def _parsed(mailbox: Mailbox, located: Located) -> Message | None:
    """Return the message taken apart; None when its stored bytes cannot be read to their end."""
    try:
        with mailbox.open_source(located) as source:
            return parse(source)
    except SourceDamaged:
        return None
