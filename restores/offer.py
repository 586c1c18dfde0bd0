"""Whom restores are offered to: where they are switched off, and to whom is no owner, their pages are not there."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase

from access.mailboxes import required_reader
from access.readers import Owner

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def while_offered(view: View) -> View:
    """Mark a view of restores: without them there is no such page."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if settings.MTM_RESTORE == "off":
            raise Http404
        return view(request, *args, **kwargs)

    return cast(View, answer)


def owner_of(request: HttpRequest) -> Owner:
    """Return whose request it is. Raises: Http404 for an operator, who asks for nothing in a customer's name."""
    reader = required_reader(request)
    if not isinstance(reader, Owner):
        raise Http404
    return reader
