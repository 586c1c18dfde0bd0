"""Logging in with an address, a password and a day; logging out."""

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from access.http import never_stored, render
from access.login import LoginBusy, LoginThrottled, ServerUnreachable, WrongPassword, log_in
from access.login import log_out as end_session
from access.mailboxes import newest_day, platform_days
from access.readers import reader_of
from snapshots.calendar import Day
from webmail.context import day_tabs


@login_not_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _checked(request)
    if reader_of(request) is not None:
        return redirect("webmail:newest")
    return _form(request)


@login_not_required
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    # Nobody's logout is no event, or anyone could fill the audit log.
    if reader_of(request) is not None:
        end_session(request)
    response = never_stored(redirect("webmail:login"))
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


@sensitive_variables("password")
def _checked(request: HttpRequest) -> HttpResponse:
    address, password = request.POST.get("email", ""), request.POST.get("password", "")
    try:
        log_in(request, address=address, password=password)
    except WrongPassword:
        return _form(request, error=gettext("Email or password not correct."), status=422)
    except LoginThrottled as error:
        return _form(request, error=_wait(error.retry_after_seconds), status=429)
    except LoginBusy:
        return _form(request, error=gettext("Many people are signing in just now. Try again in a moment."), status=503)
    except ServerUnreachable:
        sentence = gettext("We cannot check your password right now. Your copies are safe: try again shortly.")
        return _form(request, error=sentence, status=503)
    return HttpResponseRedirect(_destination(request))


def _wait(seconds: float) -> str:
    minutes = max(1, -(-int(seconds) // 60))
    text = ngettext(
        "Too many attempts. Try again in %(minutes)d minute.",
        "Too many attempts. Try again in %(minutes)d minutes.",
        minutes,
    )
    return text % {"minutes": minutes}


def _destination(request: HttpRequest) -> str:
    """Return the page one came for, else the chosen day; nothing outside the site."""
    wanted = request.POST.get("next", "")
    if wanted and url_has_allowed_host_and_scheme(wanted, None):
        return wanted
    try:
        return f"/{date.fromisoformat(request.POST.get('day', '')).isoformat()}/"
    except ValueError:
        return "/"


def _form(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    days = platform_days()
    context = {
        "error": error,
        "email": request.POST.get("email", ""),
        "next": request.POST.get("next", request.GET.get("next", "")),
        "days": day_tabs(days[::-1], _chosen(request, days)),
    }
    return render(request, "webmail/login.html", context, status=status)


def _chosen(request: HttpRequest, days: list[Day]) -> date | None:
    try:
        return date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return newest_day(days)
