"""Who waits is told: the owner by mail at every change, support of every new request by mail or webhook.

The worker sends them, so that no page waits for a server; what cannot be sent is tried again for a day.
"""

import json
import logging
from collections.abc import Iterable
from datetime import timedelta
from http.client import HTTPException
from urllib.request import Request, urlopen

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override

from access.mail import send_notice
from access.models import milliseconds
from restores import wording
from restores.models import RestoreRequest, State, StateChange
from webmail import wording as words

logger = logging.getLogger(__name__)

TRIED_FOR = timedelta(days=1)
TIMEOUT_SECONDS = 5
WEBHOOK = "https://"
SEEN_AT_ONCE = {State.RECEIVED, State.RUNNING}
"""Of a restore its owner does alone, these are seen on the page and need no mail."""


def send_all() -> None:
    """Send the notices of all changes nobody was told of; the first that fails ends it until the next time."""
    for change in _untold():
        if _claimed(change) and not _told(change):
            _release(change)
            return


def _untold() -> Iterable[StateChange]:
    return StateChange.objects.filter(told_at_ms=None).select_related("restore")


def _claimed(change: StateChange) -> bool:
    """Take a change over from other workers: each notice is sent once."""
    mine = StateChange.objects.filter(pk=change.pk, told_at_ms=None)
    return bool(mine.update(told_at_ms=milliseconds(timezone.now())))


def _release(change: StateChange) -> None:
    if timezone.now() - change.at < TRIED_FOR:
        StateChange.objects.filter(pk=change.pk).update(told_at_ms=None)


def _told(change: StateChange) -> bool:
    restore = change.restore
    if restore.is_self_service and change.state in SEEN_AT_ONCE:
        return True
    if change.state == State.RECEIVED and not _support_told(restore):
        return False
    with override(restore.language):
        state = words.restore_state(change.state)
        subject = gettext("Restore %(reference)s: %(state)s") % {"reference": restore.reference, "state": state}
        text = _text(restore, change, state)
    return send_notice(subject, text, restore.address, about=restore.reference)


def _text(restore: RestoreRequest, change: StateChange, state: str) -> str:
    said = {
        "reference": restore.reference,
        "state": state,
        "what": wording.what(restore),
        "day": words.full_day(restore.day),
        "where": wording.target(restore),
        "price": wording.price(restore),
    }
    lines = [
        gettext("Your restore %(reference)s: %(state)s.") % said,
        gettext("%(what)s, copy of %(day)s") % said,
        said["where"],
        gettext("Price: %(price)s") % said,
    ]
    lines += [gettext("Reason: %(reason)s") % {"reason": change.note}] if change.note else []
    page = reverse("restores:restore", args=[restore.reference])
    lines += [gettext("All about it, with the password of your mailbox: %(url)s") % {"url": _site() + page}]
    return "\n\n".join(lines)


def _support_told(restore: RestoreRequest) -> bool:
    """Tell support of a new request, by mail or to the webhook of its ticket system."""
    place = settings.MTM_RESTORE_NOTIFY
    url = _site() + reverse("support:restore", args=[restore.reference])
    if not place:
        return True
    if place.startswith(WEBHOOK):
        return _posted(place, restore, url)
    with override(settings.MTM_LANGUAGE):
        subject = gettext("New restore request %(reference)s") % {"reference": restore.reference}
        lines = [
            f"{restore.address}: {wording.what(restore)}, {words.full_day(restore.day)}",
            gettext("The copy expires on %(day)s.") % {"day": words.full_day(restore.last_offered)},
            url,
        ]
    return send_notice(subject, "\n\n".join(lines), place, about=restore.reference)


def _posted(place: str, restore: RestoreRequest, url: str) -> bool:
    content = {
        "reference": restore.reference,
        "address": restore.address,
        "day": restore.day.isoformat(),
        "expires": restore.last_offered.isoformat(),
        "what": restore.what,
        "target": restore.target,
        "ticket": restore.ticket,
        "url": url,
    }
    # The only scheme that comes here is the webhook's.
    request = Request(place, json.dumps(content).encode(), {"Content-Type": "application/json"})  # noqa: S310
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
            return True
    except (OSError, HTTPException) as error:
        logger.warning("%s was not told to the webhook: %s", restore.reference, type(error).__name__)
        return False


def _site() -> str:
    """Return how the site is addressed from outside, as its settings name it."""
    host = settings.MTM_ALLOWED_HOSTS[0].lstrip(".*")
    return f"{'http' if settings.MTM_PLAIN_HTTP else 'https'}://{host}"
