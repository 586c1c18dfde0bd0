"""Azioni > Scarica: the selected messages of one night."""

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from access.http import render
from webmail.views.files import stored_message

FORMATS = ("eml",)


@require_POST
def download(request: HttpRequest, day: date) -> HttpResponseBase:
    """Download the selected messages; what cannot be done is explained in words, the selection kept."""
    chosen = list(dict.fromkeys(request.POST.getlist("message")))
    if not chosen:
        return _refused(request, day, gettext("Select at least one message."))
    if len(chosen) > min(1, settings.MTM_DOWNLOAD_LIMIT):
        return _refused(request, day, gettext("Messages can be downloaded one at a time."))
    if request.POST.get("format") not in FORMATS:
        return _refused(request, day, gettext("This format is not known."))
    return stored_message(request, day, chosen[0])


def _refused(request: HttpRequest, day: date, sentence: str) -> HttpResponse:
    context = {"sentence": sentence, "back_url": reverse("webmail:mailbox", args=[day])}
    return render(request, "webmail/download_refused.html", context, status=422)
