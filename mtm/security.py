"""The security headers of the application's own pages. Message documents carry their own: `access/http.py`."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from access.http import confine

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), clipboard-read=(), fullscreen=()"


class SecurityHeadersMiddleware:
    """Sets the page's policy on every answer that has none of its own, and keeps it out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        policy = getattr(request.resolver_match and request.resolver_match.func, "untrusted_policy", None)
        if "Content-Security-Policy" in response:
            pass
        elif policy:
            confine(response, policy)
        else:
            response["Content-Security-Policy"] = PAGE_CSP
            response["X-Frame-Options"] = "DENY"
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cache-Control", "private, no-store")
        return response
