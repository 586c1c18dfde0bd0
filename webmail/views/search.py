"""Searching all nights at once."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from access import mailboxes
from access.audience import owners_only
from access.http import render
from access.mailboxes import days_of, newest_day, open_history, today
from snapshots.errors import SnapshotNotFound
from webmail.past import past_of
from webmail.rail import day_rail
from webmail.search_context import Search, search_context

FRAGMENTS = {"search": "webmail/_search.html"}


@require_GET
@owners_only
def search(request: HttpRequest) -> HttpResponse:
    """Show the messages of all nights that hold the words asked for."""
    days = days_of(request)
    newest = newest_day(days)
    if newest is None:
        raise SnapshotNotFound
    asked = Search.of(request.GET)
    history = open_history(request)
    if history is None:
        context = search_context(None, asked, days)
    else:
        with history:
            context = search_context(history, asked, days)
    gone = past_of(request).gone_counts
    context |= {"rail": day_rail(days, None, today=today(), gone=gone), "stands_alone": True}
    return render(request, "webmail/search.html", context, fragments=FRAGMENTS, say=_said(request, context))


def _said(request: HttpRequest, context: dict[str, Any]) -> str:
    """Return what was found; a search that goes on by itself says it once, at its end."""
    goes_on = request.headers.get("HX-Trigger") == "search" and context.get("refresh_url")
    return "" if goes_on else context["summary"]


@require_POST
@owners_only
def ask_for_text(request: HttpRequest) -> HttpResponse:
    """Let the text of the messages be searched too from now on, and return to what was searched for."""
    mailboxes.ask_for_text(request)
    return redirect(replace(Search.of(request.POST), in_text=True).url())
