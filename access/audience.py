"""For whom a view is. Unmarked, it is for readers: owners, and operators with a grant, who may only look."""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
CONSOLE_LOGIN = "support:login"


def console(permission: str) -> Callable[[View], View]:
    """Mark a view of the console: for operators who proved their second factor and have this permission."""

    def mark(view: View) -> View:
        view.console_permission = permission  # type: ignore[attr-defined]
        view.login_url = CONSOLE_LOGIN  # type: ignore[attr-defined]
        return view

    return mark


def owners_only(view: View) -> View:
    """Mark a view that no grant opens."""
    view.owners_only = True  # type: ignore[attr-defined]
    return view


def changes_nothing(view: View) -> View:
    """Mark a view that takes a form and still only reads, so that an operator may send it."""
    view.changes_nothing = True  # type: ignore[attr-defined]
    return view
