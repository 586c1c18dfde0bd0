"""Help, for everybody: also before login, and for operators on the phone."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from access.http import render
from webmail.help import figures, topics


@login_not_required
@require_GET
def contents(request: HttpRequest) -> HttpResponse:
    """Show what the help pages are about."""
    return render(request, "webmail/help/contents.html", {"topics": topics()})


@login_not_required
@require_GET
def topic(request: HttpRequest, name: str) -> HttpResponse:
    """Show one help page."""
    offered = topics()
    shown = next((each for each in offered if each.name == name), None)
    if shown is None:
        raise Http404
    context = {"topic": shown, "topics": [each for each in offered if each != shown], **figures()}
    return render(request, f"webmail/help/{name}.html", context)
