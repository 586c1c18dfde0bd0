"""Language, theme, density and shortcuts."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from access.http import never_stored, render
from access.readers import Owner, reader_of
from webmail.preferences import keep, remember, valid_choices


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


def within_site(url: str, *, otherwise: str) -> str:
    """Return a URL that was sent along, if it leads nowhere but to a page of ours."""
    return url if url.startswith("/") and url_has_allowed_host_and_scheme(url, None) else otherwise
