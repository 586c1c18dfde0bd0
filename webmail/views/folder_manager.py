"""Gestione cartelle: which folders beyond the five defaults are shown."""

from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from access.http import render
from access.mailboxes import open_mailbox
from access.models import Action
from webmail import wording
from webmail.elsewhere import folders_elsewhere
from webmail.folder_choices import folder_choices
from webmail.preferences import show_folders, shown_folders
from webmail.views.preferences import within_site

FRAGMENTS = {"folder-manager": "webmail/_folder_manager.html"}


@require_http_methods(["GET", "POST"])
def folders(request: HttpRequest, day: date) -> HttpResponse:
    home = reverse("webmail:mailbox", args=[day])
    with open_mailbox(request, day, doing=Action.LIST) as mailbox:
        counts = mailbox.catalogue.folders()
        elsewhere = folders_elsewhere(request, mailbox)
        account = mailbox.account
    if request.method == "POST":
        offered = set(request.POST.getlist("offered"))
        chosen = {"all": offered, "none": set()}.get(request.POST.get("show", ""), set(request.POST.getlist("folder")))
        show_folders(account, chosen, offered, [*(count.folder for count in counts), *elsewhere])
        return HttpResponseRedirect(within_site(request.POST.get("next", ""), otherwise=home))
    words = request.GET.get("words", "").strip()
    context = {
        "choices": folder_choices(counts, elsewhere, shown_folders(account), words),
        "words": words,
        "action": reverse("webmail:folders", args=[day]),
        "next": within_site(request.GET.get("next", ""), otherwise=home),
        "day_sentence": wording.full_day(day),
    }
    return render(request, "webmail/folder_manager.html", context, fragments=FRAGMENTS)
