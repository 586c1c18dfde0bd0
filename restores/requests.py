"""Asking for a restore, and what owner and operators may do with a request. Who may is for the caller to know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from access.grants import LONGEST_REASON, reason_of
from access.locks import Lock, serialised
from access.models import milliseconds
from access.readers import Operator, Owner, Staff, actor_of
from restores import states
from restores.models import OPEN, Due, Problem, RestoreRequest, State, Target, What
from restores.states import By, NotPossible
from restores.tasks import look
from snapshots.errors import NotFound
from snapshots.types import Account

MEGABYTE = 1 << 20
ASKED_FROM = {
    Due.PLAN: {State.RECEIVED, State.TAKEN_ON},
    Due.RUN: {State.TAKEN_ON, State.PARTLY_DONE, State.FAILED},
}
FREE_BYTES = 50 * MEGABYTE
"""How much an owner may restore without anybody's help; how many is a setting."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants back, and where. `messages` are pairs of the ids of a folder and of a message."""

    day: date
    taken_at: datetime
    what: What
    target: Target
    language: str
    messages: tuple[tuple[str, str], ...] = ()
    folders: tuple[str, ...] = ()
    with_trash: bool = False
    is_self_service: bool = False


def is_small(*, count: int, size_bytes: int) -> bool:
    """Tell whether owners may restore so much at once, free, where self-service is offered."""
    offered = settings.MTM_RESTORE == "self-service"
    return offered and 0 < count <= settings.MTM_RESTORE_FREE_LIMIT and size_bytes <= FREE_BYTES


def create(
    http: HttpRequest, wish: Wish, *, account: Account, guids: frozenset[str] | None, ticket: str = ""
) -> RestoreRequest:
    """Write down a request of whoever is there: the owner, or an operator for a customer on the phone.

    `guids` are the INBOX GUIDs proved to be the owner's. Raises: NotFound for an operator who reads by a grant, and
    while restores are off; AuditUnavailable.
    """
    actor = actor_of(http)
    if actor is None or isinstance(actor, Operator) or settings.MTM_RESTORE == "off":
        raise NotFound
    restore = RestoreRequest(
        address=account.address,
        variables=dict(account.variables),
        guids=None if guids is None else sorted(guids),
        day=wish.day,
        taken_at_ms=milliseconds(wish.taken_at),
        what=wish.what.value,
        target=wish.target.value,
        folders=list(wish.folders),
        messages=[list(pair) for pair in wish.messages],
        with_trash=wish.with_trash,
        language=wish.language,
        price=Decimal(0) if wish.is_self_service else settings.MTM_RESTORE_PRICE,
        vat_percent=settings.MTM_RESTORE_VAT,
        is_self_service=wish.is_self_service,
        requester=actor.name,
        requester_role=actor.role,
        ticket=ticket,
        created_at_ms=milliseconds(timezone.now()),
    )
    with serialised(Lock.RESTORE):
        _give_number(restore)
        states.begin(restore, By(http))
    return restore


def _give_number(restore: RestoreRequest) -> None:
    restore.year = timezone.localdate().year
    last = RestoreRequest.objects.filter(year=restore.year).first()
    restore.number = last.number + 1 if last else 1
    restore.reference = f"R-{restore.year}-{restore.number:04}"


def wishes(restore: RestoreRequest, wish: Wish) -> bool:
    """Tell whether a request is of the very same wish."""
    return wish == Wish(
        day=restore.day,
        taken_at=wish.taken_at,
        what=What(restore.what),
        target=Target(restore.target),
        language=restore.language,
        messages=tuple((folder, message) for folder, message in restore.messages),
        folders=tuple(restore.folders),
        with_trash=restore.with_trash,
        is_self_service=restore.is_self_service,
    )


def of_owner(owner: Owner) -> list[RestoreRequest]:
    """Return an owner's requests, the newest first; never those of whose mailbox the address was before."""
    return [each for each in RestoreRequest.objects.filter(address=owner.account.address) if _is_of(each, owner)]


def find_of_owner(owner: Owner, reference: str) -> RestoreRequest:
    """Return one of an owner's requests. Raises: NotFound."""
    found = RestoreRequest.objects.filter(address=owner.account.address, reference=reference).first()
    if found is None or not _is_of(found, owner):
        raise NotFound
    return found


def _is_of(restore: RestoreRequest, owner: Owner) -> bool:
    if restore.guids is None or owner.guids is None:
        return True
    return not owner.guids.isdisjoint(restore.guids)


def find(reference: str) -> RestoreRequest:
    """Return a request, for an operator. Raises: NotFound."""
    found = RestoreRequest.objects.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def open_requests() -> QuerySet[RestoreRequest]:
    """Return what support has to do, the night that expires first before the others."""
    waiting = RestoreRequest.objects.filter(state__in=OPEN, is_self_service=False)
    return waiting.order_by("day", "year", "number")


def of_address(address: str) -> Iterable[RestoreRequest]:
    """Return all requests for an address, the newest first, for an operator."""
    return RestoreRequest.objects.filter(address=address)


def over(number: int) -> Iterable[RestoreRequest]:
    """Return so many of the newest requests that are over, for an operator."""
    return RestoreRequest.objects.exclude(state__in=OPEN)[:number]


def can_be_asked(restore: RestoreRequest, due: Due) -> bool:
    """Tell whether the worker can be asked for this in the request's present state."""
    return restore.state in ASKED_FROM[due] and not restore.is_leased


def take_on(restore: RestoreRequest, by: By) -> None:
    """Let an operator have the request in hand, in another's place too. Raises: NotPossible; AuditUnavailable."""
    states.change(restore, State.TAKEN_ON, by, operator=_name(by))


def refuse(restore: RestoreRequest, by: By, *, reason: str) -> None:
    """Turn a request down, in words the owner reads. Raises: NotPossible, without words too; AuditUnavailable."""
    said = reason_of(reason)[:LONGEST_REASON]
    if not said:
        raise NotPossible
    states.change(restore, State.REFUSED, by, note=said)


def cancel(restore: RestoreRequest, by: By) -> None:
    """Let a request be: an owner until it is taken on, an operator at any time until it is over.

    One that is being run stops before its next step; what is restored by then stays.
    Raises: NotPossible; AuditUnavailable.
    """
    with transaction.atomic():
        restore.refresh_from_db(from_queryset=RestoreRequest.objects.select_for_update())
        is_owner = by.http is not None and isinstance(by.actor or actor_of(by.http), Owner)
        if is_owner and restore.state != State.RECEIVED:
            raise NotPossible
        if restore.is_leased:
            RestoreRequest.objects.filter(pk=restore.pk).update(is_cancelling=True)
            restore.is_cancelling = True
            return
        states.change(restore, State.CANCELLED, by)


def ask_for_plan(restore: RestoreRequest, by: By) -> None:
    """Let the worker make the plan anew, on record: it looks into the live mailbox. Raises: NotPossible."""
    with transaction.atomic():
        _ask(restore, Due.PLAN)
        states.note_plan(restore, by)


def ask_to_run(restore: RestoreRequest, by: By) -> None:
    """Let the worker restore, or go on with what failed. Raises: NotPossible; AuditUnavailable."""
    with transaction.atomic():
        _ask(restore, Due.RUN)
        states.change(restore, State.RUNNING, by)


def _ask(restore: RestoreRequest, due: Due) -> None:
    with transaction.atomic():
        restore.refresh_from_db(from_queryset=RestoreRequest.objects.select_for_update())
        if not can_be_asked(restore, due):
            raise NotPossible
        restore.due = due.value
        restore.due_from_ms, restore.attempts, restore.problem = 0, 0, Problem.NONE.value
        restore.save()
        transaction.on_commit(look.enqueue, robust=True)


def _name(by: By) -> str:
    actor = by.actor or (actor_of(by.http) if by.http else None)
    return actor.name if isinstance(actor, Staff | Operator) else ""
