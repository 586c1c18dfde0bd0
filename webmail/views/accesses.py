"""Who looked at the copies: the owner's own logins and downloads, and everything support did."""

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from access.audience import owners_only
from access.history import accesses_of
from access.http import never_stored, render
from access.mailboxes import required_reader
from webmail.accesses import SHOWN, access_lines, csv_file


@owners_only
@require_GET
def accesses(request: HttpRequest) -> HttpResponse:
    """Show who looked, when, why and at what."""
    found = accesses_of(required_reader(request).account.address)
    only_support = request.GET.get("only") == "support"
    chosen = [access for access in found if access.is_support] if only_support else found
    context = {"lines": access_lines(chosen[:SHOWN]), "only_support": only_support, "left_out": len(chosen) > SHOWN}
    return render(request, "webmail/accesses.html", context)


@owners_only
@require_GET
def accesses_csv(request: HttpRequest) -> HttpResponse:
    """Download all of it as one file."""
    found = accesses_of(required_reader(request).account.address)
    response = HttpResponse(csv_file(access_lines(found)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename="accesses.csv") or ""
    return never_stored(response)
