"""What every request passes: no other site's request, no session past its time, no page without a reader."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.shortcuts import redirect, resolve_url

from access import sessions
from access.readers import reader_of

Next = Callable[[HttpRequest], HttpResponseBase]
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class CrossSiteMiddleware:
    """Refuses what another site sent, but for a reader who follows a link to a page of ours."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.headers.get("Sec-Fetch-Site") == "cross-site" and not _is_link_followed(request):
            return HttpResponseForbidden("This request came from another site.", content_type="text/plain")
        return self.get_response(request)


class SessionLifetimeMiddleware:
    """Ends sessions that are over, and notes that the others are in use."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reader = reader_of(request)
        if reader is not None:
            if sessions.is_over(request.session, reader):
                request.session.flush()
            else:
                sessions.touch(request.session)
        return self.get_response(request)


class ReaderRequiredMiddleware(LoginRequiredMiddleware):
    """Lets readers pass, who have no Django user; htmx is sent to the login page as a whole page."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if reader_of(request) is not None:
            return None
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is None:
            return None
        # Where a form was sent there is no page to come back to.
        is_page = request.method in SAFE_METHODS
        place = answer["Location"] if is_page else resolve_url(self.get_login_url(view_func))
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": place})
        return redirect(place)


def _is_link_followed(request: HttpRequest) -> bool:
    headers = request.headers
    wanted = headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")
    return request.method in SAFE_METHODS and wanted == ("navigate", "document")
