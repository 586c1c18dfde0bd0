"""Searching all nights at once."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

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
    asked = Search.of(request)
    history = open_history(request)
    if history is None:
        context = search_context(None, asked, days)
    else:
        with history:
            context = search_context(history, asked, days)
    gone = past_of(request).gone_counts
    context |= {"rail": day_rail(days, None, today=today(), gone=gone), "stands_alone": True}
    return render(request, "webmail/search.html", context, fragments=FRAGMENTS, say=context["summary"])
