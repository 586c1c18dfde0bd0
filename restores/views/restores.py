"""An owner's restores: the list, one of them with its report, and what its owner may do with it."""

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_POST

from access.audience import owners_only
from access.http import never_stored, render
from access.mailboxes import open_mailbox
from access.models import Action
from restores import requests
from restores.alone import UNFINISHED, NotSmall, restore_alone
from restores.leases import LeaseLost
from restores.models import RestoreRequest, State
from restores.offer import owner_of, while_offered
from restores.report import csv_lines, report_context
from restores.states import By, NotPossible
from restores.status_context import listed, status_context
from restores.work import Failed
from snapshots.errors import SnapshotError
from webmail.views.login import REFUSALS, refusal_of

logger = logging.getLogger(__name__)

FRAGMENTS = {"restore-status": "restores/_restore_status.html"}


@while_offered
@owners_only
@require_GET
def restores(request: HttpRequest) -> HttpResponse:
    """List an owner's requests, the newest first."""
    found = [listed(each) for each in requests.of_owner(owner_of(request))]
    return render(request, "restores/restores.html", {"restores": found})


@while_offered
@owners_only
@require_GET
def restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one request: its states, its plan, its report."""
    return _page(request, requests.find_of_owner(owner_of(request), reference))


@while_offered
@owners_only
@require_GET
def report_csv(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Download the report, one line a message."""
    found = requests.find_of_owner(owner_of(request), reference)
    response = StreamingHttpResponse(csv_lines(found), content_type="text/csv; charset=utf-8")
    name = f"{found.reference}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or ""
    return never_stored(response)


@while_offered
@owners_only
@require_POST
def cancel_restore(request: HttpRequest, reference: str) -> HttpResponse:
    """Take a request back, as long as nobody has taken it on."""
    found = requests.find_of_owner(owner_of(request), reference)
    try:
        requests.cancel(found, By(request))
    except NotPossible:
        sentence = gettext("Support has begun with it: ask support to stop it.")
        return _page(request, found, error=sentence, status=HTTPStatus.CONFLICT)
    return redirect("restores:restore", found.reference)


@while_offered
@owners_only
@sensitive_post_parameters("password")
@sensitive_variables("password")
@require_POST
def restore_now(request: HttpRequest, reference: str) -> HttpResponse:
    """Restore alone and at once, with the password that is sent along; it may be pressed again."""
    found = requests.find_of_owner(owner_of(request), reference)
    try:
        restore_alone(request, found, request.POST.get("password", ""))
    except REFUSALS as error:
        sentence, status = refusal_of(error)
        return _page(request, found, error=sentence, status=status)
    except LeaseLost:
        sentence = gettext("It is under way already: wait a moment.")
        return _page(request, found, error=sentence, status=HTTPStatus.CONFLICT)
    except NotSmall:
        sentence = gettext("It is more than you can restore alone. Nothing was restored: ask support to do it.")
        return _page(request, found, error=sentence, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except NotPossible:
        sentence = gettext("You cannot restore this alone any more: ask support to do it.")
        return _page(request, found, error=sentence, status=HTTPStatus.CONFLICT)
    except Failed as failure:
        # What became of it stands on the page.
        logger.info("%s: %s", found.reference, failure.problem)
    return redirect("restores:restore", found.reference)


def _page(request: HttpRequest, found: RestoreRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    found.refresh_from_db()
    context = status_context(found, is_owner=True) | _report(request, found) | {"error": error}
    context |= {
        "may_cancel": found.state == State.RECEIVED,
        "may_do_now": settings.MTM_RESTORE == "self-service" and found.is_self_service and _may_go_on(found),
        "csv_url": reverse("restores:report_csv", args=[found.reference]),
        "is_again": found.state != State.RECEIVED,
    }
    say = f"{context['restore'].state}. {context['progress']}" if context["is_over"] else ""
    return render(request, "restores/restore.html", context, fragments=FRAGMENTS, say=say, status=status)


def _may_go_on(found: RestoreRequest) -> bool:
    return found.state in UNFINISHED and not found.is_leased


def _report(request: HttpRequest, found: RestoreRequest) -> dict[str, Any]:
    """Return the report once it is over, with subjects as long as the night is there."""
    if found.is_open:
        return {}
    try:
        with open_mailbox(request, found.day, doing=Action.LIST) as night:
            return report_context(found, request.GET, night=night)
    except SnapshotError:
        return report_context(found, request.GET)
