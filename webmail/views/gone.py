"""What has disappeared since a night: gone, put in the trash, moved, told apart and counted."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from access.audience import owners_only
from access.http import render
from access.mailboxes import open_history, open_mailbox
from access.models import Action
from webmail.gone_context import Wanted, gone_context, waiting_context
from webmail.mailbox_context import day_context

FRAGMENTS = {"view": "webmail/gone_view.html", "gone": "webmail/_gone.html"}


@require_GET
@owners_only
def gone(request: HttpRequest, day: date) -> HttpResponse:
    """Show what became of a night's mail, folder by folder."""
    with open_mailbox(request, day, doing=Action.LIST) as mailbox:
        context = day_context(request, mailbox, tail="gone/")
    history = open_history(request)
    if history is None:
        context |= waiting_context(day)
    else:
        with history:
            context |= gone_context(history, day, Wanted.of(request))
    goes_on = request.headers.get("HX-Trigger") == "gone" and "is_waiting" in context
    say = "" if goes_on else context["summary"]
    return render(request, "webmail/gone.html", context, fragments=FRAGMENTS, say=say)
