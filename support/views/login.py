"""Operators sign in with a name, a password and a second factor, all at once."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from access.audience import console
from access.http import never_stored, render
from access.login import log_out as end_session
from access.operators import WrongProof, log_in
from access.readers import HELP, verified_user
from access.throttle import LoginThrottled
from webmail.views.login import wait_sentence
from webmail.views.preferences import within_site


@login_not_required
@sensitive_post_parameters("password", "otp_token")
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _checked(request)
    if verified_user(request) is not None:
        return redirect("support:console")
    return _form(request)


@sensitive_variables("password", "code")
def _checked(request: HttpRequest) -> HttpResponse:
    name, password = request.POST.get("username", ""), request.POST.get("password", "")
    code = request.POST.get("otp_token", "")
    try:
        log_in(request, name=name, password=password, code=code)
    except WrongProof:
        return _form(request, error=gettext("Name, password and code do not belong together."), status=422)
    except LoginThrottled as error:
        return _form(request, error=wait_sentence(error.retry_after_seconds), status=429)
    wanted = within_site(request.POST.get("next", ""), otherwise="/support/")
    return redirect(wanted if wanted.startswith("/support/") else "support:console")


def _form(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "error": error,
        "username": request.POST.get("username", ""),
        "next": request.POST.get("next", request.GET.get("next", "")),
        "is_enrolled": "enrolled" in request.GET,
    }
    return render(request, "support/login.html", context, status=status)


@console(HELP)
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session, and the grant with it."""
    end_session(request)
    response = never_stored(redirect("support:login"))
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
