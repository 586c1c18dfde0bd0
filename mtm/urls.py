"""The whole site's URLs: each audience brings its own."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; touches neither mounts nor database."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("support/", include("support.urls")),
    path("", include("webmail.urls")),
]
handler403 = "webmail.views.errors.forbidden"
handler404 = "webmail.views.errors.not_found"
handler500 = "webmail.views.errors.server_error"
