"""A provider's own look: its colours and its logo, the same for everybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from access.http import FILE_CSP
from webmail.colours import brand_colours, style_sheet
from webmail.logo import brand_logo

CACHED = "public, max-age=3600"


@login_not_required
@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """Answer the provider's colours as a style sheet."""
    return HttpResponse(style_sheet(brand_colours()), content_type="text/css", headers={"Cache-Control": CACHED})


@login_not_required
@require_GET
def logo(request: HttpRequest) -> HttpResponse:
    """Answer the provider's logo, which runs nothing even when it is opened by itself."""
    found = brand_logo()
    if found is None:
        raise Http404
    headers = {"Content-Security-Policy": FILE_CSP, "X-Content-Type-Options": "nosniff", "Cache-Control": CACHED}
    return HttpResponse(found.content, content_type=found.content_type, headers=headers)
