"""Language, theme, density and shortcuts, kept in the browser and by account; shown folders, kept by account."""

from collections.abc import Collection, Iterable, Mapping

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from snapshots.types import Account, Folder
from webmail.models import Preference, ShownFolder

# What can be chosen; the first goes without saying, but for the language, which is the browser's until one is chosen.
CHOICES = {
    "language": tuple(code for code, _ in settings.LANGUAGES),
    "theme": ("system", "light", "dark"),
    "density": ("comfortable", "compact"),
    "letter_keys": ("on", "off"),
}
COOKIES = {name: name for name in CHOICES} | {"language": settings.LANGUAGE_COOKIE_NAME}
COOKIE_SECONDS = 365 * 24 * 3600


def preference_of(request: HttpRequest, name: str) -> str:
    """Return what was chosen in this browser, empty for what goes without saying."""
    chosen = request.COOKIES.get(COOKIES[name], "")
    return chosen if chosen in CHOICES[name][1:] else ""


def valid_choices(form: Mapping[str, str]) -> dict[str, str]:
    """Return what a form chooses, without nonsense."""
    return {name: form[name] for name, values in CHOICES.items() if form.get(name) in values}


def keep(response: HttpResponseBase, chosen: Mapping[str, str]) -> None:
    """Let the browser remember."""
    for name, value in chosen.items():
        response.set_cookie(
            COOKIES[name],
            value,
            max_age=COOKIE_SECONDS,
            secure=not settings.MTM_PLAIN_HTTP,
            httponly=True,
            samesite="Lax",
        )


def remember(account: Account, chosen: Mapping[str, str]) -> None:
    """Let the account remember, for the next browser its owner signs in with."""
    for name, value in chosen.items():
        Preference.objects.update_or_create(account=account.address, name=name, defaults={"value": value})


def recall(request: HttpRequest, response: HttpResponseBase, account: Account) -> None:
    """Give a browser the account's choices where it has none of its own."""
    remembered = dict(Preference.objects.filter(account=account.address).values_list("name", "value"))
    chosen = valid_choices(remembered)
    keep(response, {name: value for name, value in chosen.items() if COOKIES[name] not in request.COOKIES})


def shown_folders(account: Account) -> frozenset[str]:
    """Return the ids of the folders beyond the defaults that the account wants to see."""
    return frozenset(ShownFolder.objects.filter(account=account.address).values_list("folder", flat=True))


def show_folders(account: Account, chosen: Collection[str], offered: Collection[str], known: Iterable[Folder]) -> None:
    """Keep which of the folders that were offered are shown; what was chosen of others stays.

    A folder below another can only be found through it, so those above a chosen one are shown too.
    """
    others = {folder.levels: folder.id for folder in known if not folder.role}
    wanted = set(chosen).intersection(offered, others.values())
    for levels, folder_id in others.items():
        if folder_id in wanted:
            wanted.update(others[levels[:depth]] for depth in range(1, len(levels)) if levels[:depth] in others)
    with transaction.atomic():
        ShownFolder.objects.filter(account=account.address, folder__in=wanted.union(offered)).delete()
        ShownFolder.objects.bulk_create(ShownFolder(account=account.address, folder=each) for each in sorted(wanted))
