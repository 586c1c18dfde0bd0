"""The one-time link with which an operator sets password and second factor."""

import segno
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from access import operators
from access.http import render

QR_SCALE = 5


@login_not_required
@sensitive_post_parameters("password", "password_again", "otp_token")
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    user = operators.enrolled_by(uid, token)
    if user is None:
        raise Http404
    errors = _enrolled(request, user) if request.method == "POST" else []
    if request.method == "POST" and not errors:
        return redirect(f"{reverse('support:login')}?enrolled=1")
    device = operators.unconfirmed_device(user)
    context = {
        "username": user.username,
        "errors": errors,
        "picture": segno.make(device.config_url, error="m").svg_data_uri(scale=QR_SCALE, light="#fff"),
        "secret": operators.secret_of(device),
    }
    return render(request, "support/enrol.html", context, status=422 if errors else 200)


@sensitive_variables("password")
def _enrolled(request: HttpRequest, user: User) -> list[str]:
    """Enrol the operator, or say what stands in the way."""
    password = request.POST.get("password", "")
    if password != request.POST.get("password_again", ""):
        return [gettext("The two passwords are not the same.")]
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [str(message) for message in error.messages]
    if not operators.enrol(request, user, password=password, code=request.POST.get("otp_token", "")):
        return [gettext("The code is not right. Codes change every 30 seconds: enter the one shown now.")]
    return []
