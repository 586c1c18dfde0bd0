"""How far the index of the copies is, asked for by the page itself while it is being made."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from access.audience import owners_only
from access.http import render, target_of
from snapshots.errors import EngineError
from webmail.past import percent_of, progress_context

FRAGMENT = "copies-progress"
TEMPLATE = "webmail/_copies_progress.html"
HALF = 50


@require_GET
@owners_only
def progress(request: HttpRequest) -> HttpResponse:
    """Show again how far the index is; it is said only at the half, at the end and when it stops."""
    if target_of(request) != FRAGMENT:
        return redirect("webmail:newest")
    before, was_silent = _number(request.GET.get("before", "")), "silent" in request.GET
    try:
        percent, is_silent = percent_of(request), False
    except EngineError:
        percent, is_silent = before, True
    context = progress_context(percent, is_silent=is_silent)
    is_news = percent is None or before < HALF <= percent or (is_silent and not was_silent)
    say = context["sentence"] if is_news else ""
    return render(request, TEMPLATE, {"progress": context}, fragments={FRAGMENT: TEMPLATE}, say=say)


def _number(text: str) -> int:
    return min(int(text[:3]), 100) if text.isascii() and text.isdigit() else 0
