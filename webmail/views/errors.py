"""Pages for what Django refuses before any of our views, and for our own faults."""

import errno
import sys

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.db import Error
from django.http import HttpRequest, HttpResponse

from access.http import RETRY_SECONDS, render

WANT = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
"""Of room, of descriptors, of memory: there may be some again in a moment."""


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
    """Answer a fault of ours; a database that is not there, or want of anything, is a pause and not a fault."""
    error = sys.exc_info()[1]
    status = 503 if isinstance(error, Error | MemoryError) or _is_want(error) else 500
    if isinstance(error, Error):
        # Who is reading stands in the database, which must not be asked again; an empty session would end theirs.
        vars(request).pop("session", None)
        request.user = AnonymousUser()
    response = render(request, "errors/plain.html", {"kind": "server_error"}, status=status)
    if status == 503:
        response["Retry-After"] = RETRY_SECONDS
    return response


def _is_want(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in WANT
