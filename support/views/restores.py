"""The queue of restores, one of them, and what an operator does with it."""

import io
from collections.abc import Callable
from datetime import date
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from access import audit
from access.audience import console
from access.http import never_stored, render, target_of
from access.models import Action
from access.readers import RESTORE, Operator, reader_of
from restores import billing, requests
from restores.models import RestoreRequest
from restores.offer import while_offered
from restores.report import report_context
from restores.states import By, NotPossible
from restores.status_context import status_context
from snapshots.errors import NotFound
from support.accounts import iso_day
from support.restores import OVER_SHOWN, shown, steps_of

FRAGMENTS = {"restore-status": "support/_restore_status.html"}


@console(RESTORE)
@while_offered
@require_GET
def restores(request: HttpRequest) -> HttpResponse:
    """Show what waits, the night that expires first before the others; or what is over."""
    shows_over = request.GET.get("show") == "over"
    found = requests.over(OVER_SHOWN) if shows_over else requests.open_requests()
    return render(request, "support/restores.html", {"restores": shown(found), "shows_over": shows_over})


@console(RESTORE)
@while_offered
@require_GET
def billable_csv(request: HttpRequest) -> HttpResponse:
    """Download what was restored for money on these days."""
    first = iso_day(request.GET.get("from", "")) or date.min
    last = iso_day(request.GET.get("to", "")) or date.max
    out = io.StringIO()
    count = billing.write(out, first=first, last=last)
    audit.record(request, Action.EXPORT, count=count, details={"what": "billable restores", "from": first.isoformat(),
                 "to": last.isoformat()})  # fmt: skip
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename="restores.csv") or ""
    return never_stored(response)


@console(RESTORE)
@while_offered
@require_GET
def restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one request, its plan and its report; without subjects, for those take a grant."""
    found = requests.find(reference)
    if not target_of(request):
        audit.record(request, Action.LOOK_UP, account=found.address, day=found.day)
    return _page(request, found)


@console(RESTORE)
@while_offered
@require_POST
def take_on_restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Have a request in hand from now on."""
    return _do(request, reference, requests.take_on)


@console(RESTORE)
@while_offered
@require_POST
def plan_restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Let the worker find out what a run would do."""
    return _do(request, reference, requests.ask_for_plan)


@console(RESTORE)
@while_offered
@require_POST
def run_restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Let the worker restore, or go on with what failed."""
    return _do(request, reference, requests.ask_to_run)


@console(RESTORE)
@while_offered
@require_POST
def refuse_restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Turn a request down, for a reason its owner reads."""
    reason = request.POST.get("reason", "")
    if not reason.strip():
        error = gettext("Say why: the customer reads it.")
        return _page(request, requests.find(reference), error=error, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _do(request, reference, lambda found, by: requests.refuse(found, by, reason=reason))


@console(RESTORE)
@while_offered
@require_POST
def cancel_restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Let a request be, or stop the run that is under way."""
    return _do(request, reference, requests.cancel)


def _do(request: HttpRequest, reference: str, doing: Callable[[RestoreRequest, By], None]) -> HttpResponse:
    """Do something with a request; never under a grant, which is for looking alone."""
    if isinstance(reader_of(request), Operator):
        raise NotFound
    found = requests.find(reference)
    try:
        doing(found, By(request))
    except NotPossible:
        error = gettext("That is not possible any more: somebody was quicker. This is how it stands.")
        return _page(request, found, error=error, status=HTTPStatus.CONFLICT)
    return redirect("support:restore", found.reference)


def _page(request: HttpRequest, found: RestoreRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    found.refresh_from_db()
    context = status_context(found, is_owner=False) | report_context(found, request.GET) | {"error": error}
    context |= steps_of(found) | {"is_in_mailbox": isinstance(reader_of(request), Operator)}
    return render(request, "support/restore.html", context, fragments=FRAGMENTS, status=status)
