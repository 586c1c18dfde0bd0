"""Logging in with an address, a password and a day; logging out."""

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.http import never_stored, render
from access.login import LoginBusy, LoginThrottled, ServerUnreachable, WrongPassword, log_in
from access.login import log_out as end_session
from access.mailboxes import newest_day, platform_days, required_reader, today
from access.readers import reader_of
from snapshots.calendar import Day
from webmail.preferences import recall
from webmail.rail import DayTab, day_tabs
from webmail.views.preferences import within_site

REFUSALS = (WrongPassword, LoginThrottled, LoginBusy, ServerUnreachable)


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


@require_safe
def stay(request: HttpRequest) -> HttpResponse:
    """Answer nothing: as any request does, this one keeps the session."""
    return never_stored(HttpResponse(status=204))


@sensitive_variables("password")
def _checked(request: HttpRequest) -> HttpResponse:
    address, password = request.POST.get("email", ""), request.POST.get("password", "")
    try:
        log_in(request, address=address, password=password)
    except REFUSALS as error:
        sentence, status = refusal_of(error)
        return _form(request, error=sentence, status=status)
    response = HttpResponseRedirect(_destination(request))
    recall(request, response, required_reader(request).account)
    return response


def refusal_of(error: Exception) -> tuple[str, int]:
    """Return why a password was not taken, in words, and the status of that answer."""
    match error:
        case WrongPassword():
            return gettext("Email or password not correct."), 422
        case LoginThrottled():
            return wait_sentence(error.retry_after_seconds), 429
        case LoginBusy():
            return gettext("Many people are signing in just now. Try again in a moment."), 503
        case _:
            sentence = gettext("We cannot check your password right now. Your copies are safe: try again shortly.")
            return sentence, 503


def wait_sentence(seconds: float) -> str:
    minutes = max(1, -(-int(seconds) // 60))
    text = ngettext(
        "Too many attempts. Try again in %(minutes)d minute.",
        "Too many attempts. Try again in %(minutes)d minutes.",
        minutes,
    )
    return text % {"minutes": minutes}


def _destination(request: HttpRequest) -> str:
    """Return the page one came for, else the chosen day; nothing outside the site."""
    try:
        day = f"/{date.fromisoformat(request.POST.get('day', '')).isoformat()}/"
    except ValueError:
        day = "/"
    wanted = within_site(request.POST.get("next", ""), otherwise=day)
    return day if wanted == "/" else wanted


def _form(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    days = platform_days()
    tabs = day_tabs(days, _chosen(request, days), today=today())[::-1]
    wanted = request.POST.get("next", request.GET.get("next", ""))
    context = {
        "error": error,
        "error_field": "password" if status == 422 else "",
        "email": request.POST.get("email", ""),
        "next": wanted,
        "session_over": request.method == "GET" and wanted not in ("", "/"),
        "days": tabs,
        "absent_days": _absent(tabs),
    }
    return render(request, "webmail/login.html", context, status=status)


def _absent(tabs: list[DayTab]) -> str:
    """Name the days that cannot be chosen, since screen readers pass over what is no radio button."""
    return "; ".join(f"{tab.label}: {tab.status}" for tab in tabs if not tab.is_available)


def _chosen(request: HttpRequest, days: list[Day]) -> date | None:
    try:
        return date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return newest_day(days)
