"""Asking for a restore for a customer on the phone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from access import audit
from access.audience import console
from access.http import render
from access.mailboxes import inbox_guids
from access.models import Action
from access.readers import RESTORE
from restores import requests
from restores.offer import while_offered
from restores.states import By
from snapshots.types import Account
from support.accounts import found_account, iso_day
from support.restores import Order, order_context, order_of


@console(RESTORE)
@while_offered
@require_GET
def new_restore(request: HttpRequest) -> HttpResponse:
    """Show the form for a night of an account that was found before."""
    account, day = found_account(request.GET.get("address", "")), iso_day(request.GET.get("day", ""))
    if account is None or day is None:
        return redirect("support:console")
    audit.record(request, Action.LOOK_UP, account=account.address, day=day)
    return _form(request, order_of(account, day, request.GET))


@console(RESTORE)
@while_offered
@require_POST
def request_restore(request: HttpRequest) -> HttpResponse:
    """Write the request down, with the ticket of the call."""
    account, day = found_account(request.POST.get("address", "")), iso_day(request.POST.get("day", ""))
    if account is None or day is None:
        return redirect("support:console")
    order = order_of(account, day, request.POST)
    if order.faults():
        return _form(request, order, status=422)
    restore = requests.create(request, order.wish(), account=account, guids=_guids(account), ticket=order.ticket)
    requests.ask_for_plan(restore, By(request))
    return redirect("support:restore", restore.reference)


def _guids(account: Account) -> frozenset[str] | None:
    """Return whose mailbox it is today, as far as the newest night tells."""
    by_day = inbox_guids(account)
    newest = by_day[max(by_day)]
    return frozenset({newest}) if newest else None


def _form(request: HttpRequest, order: Order, *, status: int = 200) -> HttpResponse:
    sentences = {
        "ticket": gettext("Enter the ticket's number."),
        "folder": gettext("Choose at least one folder."),
    }
    faults = [sentences[fault] for fault in order.faults()] if request.method == "POST" else []
    return render(request, "support/new_restore.html", order_context(order) | {"faults": faults}, status=status)
