"""Starting a grant, ending it, ending another operator's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from access import grants, operators
from access.audience import console
from access.mailboxes import inbox_guids
from access.models import Grant
from access.readers import ADMIN, HELP, verified_user
from support.accounts import found_account, iso_day
from support.notices import tell_owner
from support.views.accounts import account_page


@console(HELP)
@sensitive_post_parameters("otp_token")
@require_POST
def start_grant(request: HttpRequest) -> HttpResponse:
    """Open a night as its owner sees it, for a reason and a short time."""
    account, day = found_account(request.POST.get("address", "")), iso_day(request.POST.get("day", ""))
    user = verified_user(request)
    if account is None or user is None:
        return redirect("support:console")
    wish = grants.Wish(
        account,
        day,
        request.POST.get("reason", ""),
        request.POST.get("ticket", "").strip(),
        request.POST.get("minutes", ""),
    )
    faults = [] if day is None or day in inbox_guids(account) else ["day"]
    if not operators.is_fresh(request) and not operators.prove_again(request, user, request.POST.get("otp_token", "")):
        faults.append("otp_token")
    try:
        grant = grants.start(request, user, wish, faults=faults)
    except grants.GrantRefused as refusal:
        return account_page(request, account, day, faults=refusal.fields, status=422)
    tell_owner(request, grant)
    return redirect("webmail:mailbox", grant.day)


@console(HELP)
@require_POST
def end_grant(request: HttpRequest) -> HttpResponse:
    """End one's own grant, in whichever session it began."""
    for grant in Grant.objects.live().filter(operator=verified_user(request)):
        grants.end(request, grant)
    return redirect("support:console")


@console(ADMIN)
@require_POST
def revoke_grant(request: HttpRequest, grant: int) -> HttpResponse:
    """End any grant."""
    grants.end(request, get_object_or_404(Grant, pk=grant))
    return redirect("support:console")
