"""Grants: an operator's permission to read one night of one mailbox, for a reason and a short time.

One at a time, never renewed in place; what it allows is asked of the database on every request.
"""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from access import audit
from access.locks import Lock, serialised
from access.models import Action, Grant, Result, milliseconds
from access.readers import GRANT_KEY, Operator, Staff
from snapshots.types import Account

SHORTEST_MINUTES, USUAL_MINUTES, LONGEST_MINUTES = 5, 30, 60
SHORTEST_REASON, LONGEST_REASON, LONGEST_TICKET = 15, 500, 64
CHECK_EVERY_SECONDS = 1.0


class GrantRefused(Exception):
    """No grant was given; `fields` names what was wrong: reason, ticket, minutes, grant, otp_token or day."""

    def __init__(self, *fields: str) -> None:
        self.fields = fields
        super().__init__(", ".join(fields))


class GrantOver(Exception):
    """The grant ended while something was being sent."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an operator asks for, as it was typed."""

    account: Account
    day: date | None
    reason: str
    ticket: str
    minutes: str

    def faults(self) -> Iterator[str]:
        """Name the fields that are not as they must be."""
        if not SHORTEST_REASON <= len(reason_of(self.reason)) <= LONGEST_REASON:
            yield "reason"
        if not is_ticket(self.ticket):
            yield "ticket"
        if self.day is None:
            yield "day"
        text = self.minutes
        if not (text.isascii() and text.isdigit() and SHORTEST_MINUTES <= int(text[:4]) <= LONGEST_MINUTES):
            yield "minutes"


def is_ticket(text: str) -> bool:
    """Tell whether a text is the number of a support ticket."""
    has_form = re.fullmatch(settings.MTM_TICKET_PATTERN, text) is not None
    return has_form and text.isprintable() and len(text) <= LONGEST_TICKET


def reason_of(text: str) -> str:
    """Return a reason on one line of printable characters, as it is kept and counted."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def start(request: HttpRequest, user: User, wish: Wish, *, faults: Iterable[str] = ()) -> Grant:
    """Give the operator of this session a grant, on record; `faults` are what the caller found already.

    Raises: GrantRefused, on record too; AuditUnavailable.
    """
    wrong = [*faults, *wish.faults()]
    with serialised(Lock.GRANT):
        if Grant.objects.live().filter(operator=user).exists():
            wrong.append("grant")
        grant = None if wrong or wish.day is None else _begun(request, user, wish, wish.day)
    if grant is None:
        _record(request, user, wish, result=Result.REFUSED, details={"refused": " ".join(wrong)})
        raise GrantRefused(*wrong)
    request.session[GRANT_KEY] = grant.pk
    request.session.cycle_key()
    rotate_token(request)
    return grant


def _begun(request: HttpRequest, user: User, wish: Wish, day: date) -> Grant:
    now = timezone.now()
    # One that ran out by itself ended then.
    for old in Grant.objects.filter(operator=user, ended_at_ms=None):
        Grant.objects.filter(pk=old.pk).update(ended_at_ms=old.expires_at_ms)
    grant = Grant.objects.create(
        operator=user,
        address=wish.account.address,
        variables=dict(wish.account.variables),
        day=day,
        reason=reason_of(wish.reason),
        ticket=wish.ticket,
        begins_at_ms=milliseconds(now),
        expires_at_ms=milliseconds(now + timedelta(minutes=int(wish.minutes))),
    )
    details = {"grant": str(grant.pk), "ticket": grant.ticket, "reason": grant.reason, "minutes": wish.minutes}
    _record(request, user, wish, details=details)
    return grant


def _record(
    request: HttpRequest, user: User, wish: Wish, *, details: dict[str, str], result: Result = Result.OK
) -> None:
    audit.record(
        request,
        Action.GRANT_START,
        actor=Staff(user.username),
        account=wish.account.address,
        day=wish.day,
        result=result,
        details=details,
    )


def end(request: HttpRequest, grant: Grant) -> None:
    """End a grant at once, on record, whoever's it is."""
    with serialised(Lock.GRANT):
        found = Grant.objects.live().filter(pk=grant.pk).first()
        if found is not None:
            details = {"grant": str(grant.pk), "operator": grant.operator.get_username()}
            audit.record(request, Action.GRANT_END, account=grant.address, day=grant.day, details=details)
            Grant.objects.filter(pk=grant.pk).update(ended_at_ms=milliseconds(timezone.now()))
    if request.session.get(GRANT_KEY) == grant.pk:
        del request.session[GRANT_KEY]
        request.session.cycle_key()
        rotate_token(request)


def live_ticket(account: Account) -> str:
    """Return the ticket under which an account's copies are being looked at now, empty where they are not."""
    return Grant.objects.live().filter(address=account.address).values_list("ticket", flat=True).first() or ""


def while_live(operator: Operator, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks as long as the grant lives, which is asked at most once a second.

    Raises: GrantOver, which breaks off what is being sent.
    """
    asked_at = float("-inf")
    for chunk in chunks:
        if time.monotonic() - asked_at >= CHECK_EVERY_SECONDS:
            if not Grant.objects.live().filter(pk=operator.grant_id).exists():
                raise GrantOver
            asked_at = time.monotonic()
        yield chunk
