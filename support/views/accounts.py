"""One account: nights, folders, logins, accesses, and the forms that act on it."""

from collections.abc import Collection
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from access import operators
from access.audience import console
from access.grants import LONGEST_MINUTES, SHORTEST_MINUTES, SHORTEST_REASON, USUAL_MINUTES, reason_of
from access.history import accesses_of
from access.http import render
from access.models import Grant
from access.readers import HELP, Staff, verified_user
from access.throttle import forgive
from access.unlocks import unlock
from snapshots.types import Account
from support.accounts import account_context, found_account, iso_day
from webmail.accesses import access_lines

ACCESSES_SHOWN = 20


@console(HELP)
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """Show the account of an address typed in full; there is no list of customers."""
    typed = request.GET.get("address", "").strip()
    found = found_account(typed)
    if found is None:
        error = gettext("Enter the whole address of the mailbox, as its owner signs in.") if typed else ""
        return render(request, "support/console.html", {"error": error, "address": typed}, status=422 if typed else 200)
    return account_page(request, found, iso_day(request.GET.get("day", "")))


def account_page(
    request: HttpRequest, account: Account, day: date | None, *, faults: Collection[str] = (), status: int = 200
) -> HttpResponse:
    """Show an account, and what was wrong with a form that was sent."""
    staff = staff_of(request)
    context = dict(account_context(request, staff, account, day))
    context |= {
        "address": account.address,
        "faults": [_sentence(fault) for fault in faults],
        "sent": request.POST,
        "needs_code": not operators.is_fresh(request),
        "has_grant": Grant.objects.live().filter(operator=verified_user(request)).exists(),
        "minutes": {"least": SHORTEST_MINUTES, "usual": USUAL_MINUTES, "most": LONGEST_MINUTES},
        "lines": access_lines(accesses_of(account.address)[:ACCESSES_SHOWN], with_names=True),
    }
    return render(request, "support/account.html", context, status=status)


@console(HELP)
@require_POST
def unlock_night(request: HttpRequest) -> HttpResponse:
    """Open a night that was not proved to be the owner's, for a reason."""
    found, day = found_account(request.POST.get("address", "")), iso_day(request.POST.get("day", ""))
    reason = reason_of(request.POST.get("reason", ""))
    if found is None or day is None:
        return redirect("support:console")
    if len(reason) < SHORTEST_REASON:
        return account_page(request, found, day, faults=["reason"], status=422)
    unlock(request, staff_of(request), found, day, reason=reason)
    return redirect(_place(found, day))


@console(HELP)
@require_POST
def unlock_login(request: HttpRequest) -> HttpResponse:
    """Forget the wrong passwords typed for an account, so that its owner need not wait."""
    found = found_account(request.POST.get("address", ""))
    if found is None:
        return redirect("support:console")
    forgive(request, staff_of(request), found.address)
    return redirect(_place(found, None))


def staff_of(request: HttpRequest) -> Staff:
    user = verified_user(request)
    return Staff(user.username if user else "")


def _place(account: Account, day: date | None) -> str:
    query = {"address": account.address} | ({"day": day.isoformat()} if day else {})
    return f"{reverse('support:account')}?{urlencode(query)}"


def _sentence(fault: str) -> str:
    words = {"least": SHORTEST_REASON, "shortest": SHORTEST_MINUTES, "longest": LONGEST_MINUTES}
    sentences = {
        "reason": gettext("Say why, in %(least)s characters or more."),
        "ticket": gettext("Enter the ticket's number."),
        "minutes": gettext("Choose from %(shortest)s to %(longest)s minutes."),
        "day": gettext("There is no copy of that night."),
        "otp_token": gettext("Enter a new code of your second factor: the last one is older than 15 minutes."),
        "grant": gettext("You are in a mailbox already. End that first."),
    }
    return sentences[fault] % words
