"""Who looked at the copies: the owner's own logins and downloads, and everything support did."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from access.audience import owners_only
from access.history import history_of
from access.http import never_stored, render
from access.mailboxes import required_reader
from access.readers import Owner
from webmail.accesses import SHOWN, access_lines, csv_file


@owners_only
@require_GET
def accesses(request: HttpRequest) -> HttpResponse:
    """Show who looked, when, why and at what."""
    history = history_of(_owner(request))
    only_support = request.GET.get("only") == "support"
    chosen = [access for access in history.accesses if access.is_support or not only_support]
    context = {
        "lines": access_lines(chosen[:SHOWN]),
        "only_support": only_support,
        "left_out": len(chosen) > SHOWN,
        "is_cut": history.is_cut,
    }
    return render(request, "webmail/accesses.html", context)


@owners_only
@require_GET
def accesses_csv(request: HttpRequest) -> HttpResponse:
    """Download all of it as one file."""
    lines = access_lines(history_of(_owner(request)).accesses)
    response = HttpResponse(csv_file(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename="accesses.csv") or ""
    return never_stored(response)


def _owner(request: HttpRequest) -> Owner:
    reader = required_reader(request)
    if not isinstance(reader, Owner):
        raise Http404
    return reader
