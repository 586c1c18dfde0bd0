"""Language, theme, density and shortcuts, and which folders are shown."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from access.http import never_stored, render
from access.mailboxes import open_mailbox
from access.models import Action
from access.readers import Owner, reader_of
from snapshots.catalogue import FolderCount
from webmail import wording
from webmail.context import nested
from webmail.preferences import keep, remember, show_folders, shown_folders, valid_choices


@login_not_required
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show what can be chosen; keep what was chosen and go back to where it was chosen."""
    if request.method == "POST":
        return _kept(request)
    return render(request, "webmail/preferences.html", {"is_saved": "saved" in request.GET})


def _kept(request: HttpRequest) -> HttpResponse:
    response = HttpResponseRedirect(within_site(request.POST.get("next", ""), otherwise="/"))
    chosen = valid_choices(request.POST)
    keep(response, chosen)
    reader = reader_of(request)
    if isinstance(reader, Owner):
        remember(reader.account, chosen)
    return never_stored(response)


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """One folder that can be shown or not."""

    id: str
    name: str
    total: str
    depth: int
    is_shown: bool


@require_http_methods(["GET", "POST"])
def folders(request: HttpRequest, day: date) -> HttpResponse:
    """Gestione cartelle: choose which folders beyond the five defaults are shown."""
    home = reverse("webmail:mailbox", args=[day])
    with open_mailbox(request, day, doing=Action.LIST) as mailbox:
        counts = mailbox.catalogue.folders()
        account = mailbox.account
    if request.method == "POST":
        show_folders(account, request.POST.getlist("folder"), [count.folder for count in counts])
        return HttpResponseRedirect(within_site(request.POST.get("next", ""), otherwise=home))
    context = {
        "choices": _choices(counts, shown_folders(account)),
        "action": reverse("webmail:folders", args=[day]),
        "next": within_site(request.GET.get("next", ""), otherwise=home),
        "day_sentence": wording.full_day(day),
    }
    fragments = {"folder-manager": "webmail/_folder_manager.html"}
    return render(request, "webmail/folder_manager.html", context, fragments=fragments)


def _choices(counts: list[FolderCount], shown: frozenset[str]) -> list[FolderChoice]:
    others = [count for count in counts if not count.folder.role]
    places = nested([count.folder for count in others])
    return [
        FolderChoice(
            id=count.folder.id,
            name=name,
            total=wording.number(count.total) if count.total is not None else "",
            depth=depth,
            is_shown=count.folder.id in shown,
        )
        for count, (depth, name) in zip(others, places, strict=True)
    ]


def within_site(url: str, *, otherwise: str) -> str:
    """Return a URL that was sent along, if it leads nowhere but to a page of ours."""
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, None) else otherwise
