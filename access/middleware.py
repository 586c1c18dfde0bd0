"""What every request passes: no other site's request, no session past its time, no page without a reader."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseForbidden,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, resolve_url

from access import sessions
from access.grants import while_live
from access.readers import Actor, Operator, Owner, actor_of, reader_of, verified_user

Next = Callable[[HttpRequest], HttpResponseBase]
POLL = "Poll"
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
    """Ends sessions that are over, and notes that the others are in use; what a page asks by itself is no use."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        actor = actor_of(request)
        if actor is not None:
            if sessions.is_over(request.session, actor):
                sessions.log_out(request)
            elif POLL not in request.headers:
                sessions.touch(request.session)
        return self.get_response(request)


class ReaderRequiredMiddleware(LoginRequiredMiddleware):
    """Lets readers pass, and operators to the console; htmx is sent to the login page as a whole page.

    What an operator may not see looks like what is not there.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if not getattr(view_func, "login_required", True):
            return None
        actor = actor_of(request)
        if actor is None:
            return self._login_page(request, view_func)
        permission: str = getattr(view_func, "console_permission", "")
        if not (_may_use(request, permission) if permission else _may_read(request, actor, view_func)):
            raise Http404
        return None

    def _login_page(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseBase:
        answer = self.handle_no_permission(request, view_func)
        # Where a form was sent there is no page to come back to.
        is_page = request.method in SAFE_METHODS
        place = answer["Location"] if is_page else resolve_url(self.get_login_url(view_func))
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": place})
        return redirect(place)


class GrantEndMiddleware:
    """Breaks off what is being sent to an operator when the grant ends, whichever view sends it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        reader = reader_of(request)
        response = self.get_response(request)
        if isinstance(reader, Operator) and isinstance(response, StreamingHttpResponse):
            response.streaming_content = while_live(reader, cast(Iterator[bytes], response.streaming_content))
        return response


def _may_use(request: HttpRequest, permission: str) -> bool:
    user = verified_user(request)
    return user is not None and user.has_perm(permission)


def _may_read(request: HttpRequest, actor: Actor, view_func: Callable[..., Any]) -> bool:
    if not isinstance(actor, Operator):
        return isinstance(actor, Owner)
    only_looks = request.method in SAFE_METHODS or getattr(view_func, "changes_nothing", False)
    return only_looks and not getattr(view_func, "owners_only", False)


def _is_link_followed(request: HttpRequest) -> bool:
    headers = request.headers
    wanted = headers.get("Sec-Fetch-Mode"), headers.get("Sec-Fetch-Dest")
    return request.method in SAFE_METHODS and wanted == ("navigate", "document")
