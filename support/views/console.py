"""The console's first page: find an account; one's own grant; for administrators the grants of all."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from access.audience import console
from access.http import render
from access.models import Grant
from access.readers import ADMIN, HELP, verified_user
from restores.requests import open_requests
from webmail import wording


@console(HELP)
@require_GET
def console_home(request: HttpRequest) -> HttpResponse:
    user = verified_user(request)
    live = Grant.objects.live().select_related("operator").order_by("pk")
    may_revoke = user is not None and user.has_perm(ADMIN)
    context = {
        "own_grant": next((_shown(grant) for grant in live if grant.operator_id == getattr(user, "pk", None)), None),
        "live_grants": [_shown(grant) for grant in live] if may_revoke else [],
        "may_revoke": may_revoke,
        "waiting_restores": open_requests().count(),
    }
    return render(request, "support/console.html", context)


def _shown(grant: Grant) -> dict[str, str | int]:
    return {
        "id": grant.pk,
        "operator": grant.operator.get_username(),
        "address": grant.address,
        "day": wording.full_day(grant.day),
        "day_iso": grant.day.isoformat(),
        "ticket": grant.ticket,
        "reason": grant.reason,
        "until": wording.clock_time(grant.expires_at),
    }
