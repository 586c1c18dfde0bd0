"""Language, theme and shortcuts, kept in the browser; shown folders, kept by account."""

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from snapshots.types import Account, Folder
from webmail.models import ShownFolder

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
LETTERS_COOKIE = "letters"
COOKIE_SECONDS = 365 * 24 * 3600


def theme_of(request: HttpRequest) -> str:
    """Return the theme chosen, empty for the system's."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""


def keep_theme(response: HttpResponseBase, theme: str) -> None:
    if theme in THEMES:
        _keep(response, THEME_COOKIE, theme)
    else:
        response.delete_cookie(THEME_COOKIE)


def letters_are_off(request: HttpRequest) -> bool:
    """Tell whether shortcuts of a single letter are switched off: they can be in the way of speech input."""
    return request.COOKIES.get(LETTERS_COOKIE) == "off"


def keep_letters(response: HttpResponseBase, letters: str) -> None:
    if letters == "off":
        _keep(response, LETTERS_COOKIE, letters)
    else:
        response.delete_cookie(LETTERS_COOKIE)


def keep_language(response: HttpResponseBase, language: str) -> None:
    if language in dict(settings.LANGUAGES):
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)


def _keep(response: HttpResponseBase, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=COOKIE_SECONDS, secure=not settings.MTM_PLAIN_HTTP, httponly=True, samesite="Lax"
    )


def shown_folders(account: Account) -> frozenset[str]:
    """Return the ids of the folders beyond the defaults that the account wants to see."""
    return frozenset(ShownFolder.objects.filter(account=account.address).values_list("folder", flat=True))


def show_folders(account: Account, chosen: Iterable[str], present: Iterable[Folder]) -> None:
    """Keep which of the folders present on a night are shown; what is chosen of other nights stays.

    A folder below another can only be found through it, so those above a chosen one are shown too.
    """
    others = {folder.levels: folder.id for folder in present if not folder.role}
    wanted = set(chosen).intersection(others.values())
    for levels, folder_id in others.items():
        if folder_id in wanted:
            wanted.update(others[levels[:depth]] for depth in range(1, len(levels)) if levels[:depth] in others)
    with transaction.atomic():
        ShownFolder.objects.filter(account=account.address, folder__in=others.values()).delete()
        ShownFolder.objects.bulk_create(ShownFolder(account=account.address, folder=each) for each in sorted(wanted))
