"""Asking for a restore: what, where, and the last look before the request is sent."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from access.audience import owners_only
from access.http import render
from access.mailboxes import days_of, newest_day, open_mailbox, today
from access.models import Action
from restores import requests
from restores.choice import Choice, day_in, forget_messages, keep_messages
from restores.models import RestoreRequest, State, What
from restores.new_context import Found, found, step_context
from restores.offer import owner_of, while_offered
from restores.states import By
from snapshots.errors import MessageNotFound


@while_offered
@owners_only
@require_POST
def choose_messages(request: HttpRequest) -> HttpResponse:
    """Take over what is selected in a list, and begin a request with it."""
    day = _day(request)
    ids, open_folder = list(dict.fromkeys(request.POST.getlist("message"))), request.POST.get("folder", "")
    with open_mailbox(request, day, doing=Action.LIST) as mailbox:
        first = next((each.folder for each in mailbox.catalogue.folders() if each.folder.id == open_folder), None)
        there = mailbox.catalogue.find_all(ids, first=first)
    if ids and not there:
        raise MessageNotFound
    keep_messages(request, day, [there[each] for each in ids if each in there])
    choice = Choice(day, what=What.MESSAGES if there else What.FOLDERS, folders=(open_folder,) if first else ())
    return redirect(reverse("restores:new") + choice.query_at(choice.step))


@while_offered
@owners_only
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """Show one step of a new request."""
    choice = Choice.of(request, _day(request))
    with open_mailbox(request, choice.day, doing=Action.LIST) as mailbox:
        context = step_context(found(choice, mailbox), days_of(request))
    return render(request, "restores/new.html", context, status=422 if context["error"] else 200)


@while_offered
@owners_only
@require_POST
def request_restore(request: HttpRequest) -> HttpResponse:
    """Write the request down, once however often it is pressed."""
    choice = Choice.of(request, _day(request))
    with open_mailbox(request, choice.day, doing=Action.LIST) as mailbox:
        wanted = found(choice, mailbox)
    if not wanted.is_complete:
        return redirect(reverse("restores:new") + choice.query_at(choice.step))
    restore = _asked_before(request, wanted) or _ask(request, wanted)
    forget_messages(request)
    return redirect("restores:restore", restore.reference)


def _ask(request: HttpRequest, wanted: Found) -> RestoreRequest:
    owner, wish = owner_of(request), wanted.wish()
    restore = requests.create(request, wish, account=owner.account, guids=owner.guids)
    if not wish.is_self_service:
        requests.ask_for_plan(restore, By(request))
    return restore


def _asked_before(request: HttpRequest, wanted: Found) -> RestoreRequest | None:
    """Return the owner's request of the very same that nobody has touched yet."""
    wish = wanted.wish()
    waiting = (each for each in requests.of_owner(owner_of(request)) if each.state == State.RECEIVED)
    return next((each for each in waiting if requests.wishes(each, wish)), None)


def _day(request: HttpRequest) -> date:
    """Return the day a request is about: as it says, else the newest there is."""
    said = request.POST.get("day", "") or request.GET.get("day", "")
    if said:
        day = day_in(said)
        if day is None:
            raise Http404
        return day
    return newest_day(days_of(request)) or today()
