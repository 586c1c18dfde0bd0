"""Answers: pages, fragments, strangers' content, and what each of our errors means in HTTP."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import gettext

from access.mailboxes import days_if_known
from access.metrics import ENGINE_ERRORS
from access.readers import Operator, reader_of
from snapshots.errors import (
    EngineError,
    MailboxLocked,
    MailboxNotFound,
    NotFound,
    NotMaildir,
    SnapshotError,
    SnapshotGone,
    SnapshotNotFound,
    SourceDamaged,
)

WRITE_SECONDS = 60
RETRY_SECONDS = "30"

logger = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

UNTRUSTED_CSP = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; "
    "style-src 'unsafe-inline'; font-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
RELEASED_CSP = UNTRUSTED_CSP.replace("img-src data:", "img-src data: https:")
FILE_CSP = "sandbox; default-src 'none'"
UNTRUSTED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-read=(), fullscreen=()",
    "X-DNS-Prefetch-Control": "off",
}
STATUSES: Mapping[type[SnapshotError], int] = {NotFound: 404, MailboxLocked: 403, SnapshotGone: 410, EngineError: 503}
EXPLANATIONS: Mapping[type[SnapshotError], str] = {
    SnapshotNotFound: "missing",
    MailboxNotFound: "absent",
    MailboxLocked: "locked",
    SnapshotGone: "expired",
    NotMaildir: "not_maildir",
    SourceDamaged: "damaged",
    EngineError: "unavailable",
    NotFound: "not_found",
}


def render(
    request: HttpRequest,
    page: str,
    context: Mapping[str, Any],
    *,
    fragments: Mapping[str, str] | None = None,
    say: str = "",
    status: int = 200,
) -> HttpResponse:
    """Render a page, or for htmx the one fragment it asks for: the same URL gives both.

    `fragments` maps the id of each element that can be swapped to its template, before which goes the
    page's new title; where htmx asks for any other element it is told to swap the whole page. `say` is
    announced to screen readers after a swap.
    """
    fragment = (fragments or {}).get(target_of(request))
    content = render_to_string(fragment or page, dict(context), request)
    if fragment and "title" in context:
        mark = f"[{gettext('SUPPORT')}] " if isinstance(reader_of(request), Operator) else ""
        content = format_html("<title>{}{} – {}</title>", mark, context["title"], settings.MTM_BRAND_NAME) + content
    response = HttpResponse(content, status=status)
    if not fragment and target_of(request):
        response["HX-Retarget"], response["HX-Reswap"] = "body", "innerHTML"
    if fragment and say:
        response["HX-Trigger-After-Settle"] = json.dumps({"mtm:say": say})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return never_stored(response)


def target_of(request: HttpRequest) -> str:
    """Return the id of the element htmx is to swap, empty for everything that wants a page."""
    if not request.headers.get("HX-Request") or request.headers.get("HX-History-Restore-Request"):
        return ""
    return request.headers.get("HX-Target", "")


Response = TypeVar("Response", bound=HttpResponseBase)


def never_stored(response: Response) -> Response:
    """Mark an answer as one that no cache may keep, and return it."""
    response["Cache-Control"] = "private, no-store"
    return response


def untrusted_response(document: str, *, with_images: bool = False, status: int = 200) -> HttpResponse:
    """Return a document a stranger wrote: it runs, loads and sends nothing, and only our own page may frame it.

    `with_images`: its reader let it load pictures from other servers.
    Source: the header set measured in Chromium to hold without any sanitiser.
    """
    response = HttpResponse(document, content_type="text/html; charset=utf-8", status=status)
    confine(response, RELEASED_CSP if with_images else UNTRUSTED_CSP)
    return response


def untrusted_picture(content: bytes, *, kind: str) -> HttpResponse:
    """Return a picture a stranger attached, for our own page to draw small.

    `kind` is its type by its first bytes (`webmail.inline_images.raster_type`), never what its sender said.
    """
    response = HttpResponse(content, content_type=kind, headers={"Content-Disposition": "attachment"})
    confine(response, FILE_CSP)
    return response


def untrusted_file(content: Iterable[bytes], *, filename: str, size_bytes: int | None = None) -> HttpResponseBase:
    """Return bytes a stranger wrote as a download, never to be shown in place.

    `filename` must have been cleaned (`snapshots.filenames.clean_filename`); `size_bytes` is None where
    the size is known only at the end.
    """
    response = StreamingHttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    if size_bytes is not None:
        response["Content-Length"] = str(size_bytes)
    confine(response, FILE_CSP)
    return response


def limit_patience(request: HttpRequest) -> None:
    """Let a reader who takes nothing at all for a minute lose the connection, and not keep a thread."""
    connection = request.META.get("gunicorn.socket")
    if connection is not None:
        connection.settimeout(WRITE_SECONDS)


def confine(response: HttpResponseBase, policy: str) -> None:
    """Put the headers of strangers' content on an answer."""
    response["Content-Security-Policy"] = policy
    for name, value in UNTRUSTED_HEADERS.items():
        response[name] = value


def untrusted(policy: str) -> Callable[[View], View]:
    """Mark a view that answers strangers' content: its errors and refusals carry the same headers."""

    def mark(view: View) -> View:
        view.untrusted_policy = policy  # type: ignore[attr-defined]
        return view

    return mark


def status_of(error: SnapshotError) -> int:
    """Return the HTTP status of one of our errors."""
    return next(status for kind, status in STATUSES.items() if isinstance(error, kind))


def explanation_of(error: SnapshotError) -> str:
    """Return which explanation a page gives of one of our errors."""
    return next(name for kind, name in EXPLANATIONS.items() if isinstance(error, kind))


class SnapshotErrorMiddleware:
    """Turns our errors into pages that say what happened and what to do next, once for the whole site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, SnapshotError):
            return None
        status = status_of(error)
        if isinstance(error, EngineError):
            ENGINE_ERRORS.labels(type(error).__name__).inc()
        logger.log(logging.WARNING if status == 503 else logging.INFO, "%s", type(error).__name__)
        explanation = explanation_of(error)
        is_silent = explanation == "unavailable"
        # A storage that did not answer is not asked again, or the reader would wait for its deadline twice.
        days = [] if is_silent else days_if_known(request)
        context = {"explanation": explanation, "day": error.day, "days": days}
        response = render(request, "errors/snapshot.html", context, status=status)
        if is_silent:
            response["Retry-After"] = RETRY_SECONDS
        return response
