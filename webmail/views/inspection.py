"""What stands behind a message: its headers and its source; and the message on paper."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET

from access.http import UNTRUSTED_CSP, render, untrusted, untrusted_response
from access.mailboxes import open_mailbox
from access.models import Action
from webmail import documents
from webmail.inspection_context import headers_context, source_context
from webmail.located import located as located_in
from webmail.located import opened_message
from webmail.print_document import print_document


@require_GET
def headers(request: HttpRequest, day: date, message: str) -> HttpResponse:
    """Show the way a message took, what servers declared of it, and all header fields in their order."""
    with open_mailbox(request, day, doing=Action.OPEN) as mailbox:
        located = located_in(request, mailbox, message)
        with opened_message(request, mailbox, located) as read:
            context = headers_context(read, day=day, folder=located.folder, message=message)
    return render(request, "webmail/headers.html", context)


@require_GET
def source(request: HttpRequest, day: date, message: str) -> HttpResponse:
    """Show the beginning of a message's stored bytes as they are."""
    with open_mailbox(request, day, doing=Action.OPEN) as mailbox:
        located = located_in(request, mailbox, message)
        with opened_message(request, mailbox, located) as read:
            context = source_context(read, day=day, folder=located.folder, message=message)
    return render(request, "webmail/source.html", context)


@untrusted(UNTRUSTED_CSP)
@require_GET
@xframe_options_exempt
def on_paper(request: HttpRequest, day: date, message: str) -> HttpResponse:
    """Answer a message for paper: our table of its headers above its body, in a document that can do nothing."""
    as_text = request.GET.get("view") == "text"
    with open_mailbox(request, day, doing=Action.OPEN) as mailbox:
        located = located_in(request, mailbox, message)
        row = mailbox.catalogue.row(located)
        with opened_message(request, mailbox, located) as read:
            if read is None:
                return untrusted_response(documents.damaged_document())
            return untrusted_response(print_document(read, row, taken_at=mailbox.night.taken_at, as_text=as_text))
