"""The end of the audit log, for those who review it; reading it is on record too."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from access import audit
from access.audience import console
from access.http import render
from access.models import Action, AuditRecord
from access.readers import AUDIT
from webmail import wording

ROWS = 200


@console(AUDIT)
@require_GET
def audit_log(request: HttpRequest) -> HttpResponse:
    audit.record(request, Action.AUDIT_READ)
    rows = AuditRecord.objects.order_by("-seq")[:ROWS]
    context = {"rows": [{"moment": wording.short_moment(row.at), "record": row} for row in rows]}
    return render(request, "support/audit.html", context)
