"""Pages for what Django refuses before any of our views, and for our own faults."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from access.http import render


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/plain.html", {"kind": "not_found"}, status=404)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/plain.html", {"kind": "forbidden"}, status=403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "errors/plain.html", {"kind": "stale_form"}, status=403)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "errors/plain.html", {"kind": "server_error"}, status=500)
