"""The one place where a request comes into another state: at a time, by somebody, and in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from access import audit
from access.models import Action, AuditRecord, milliseconds
from access.readers import Actor
from restores.models import Due, RestoreRequest, State, StateChange

_RUN_AGAIN = frozenset({State.RUNNING})
NEXT: Mapping[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.TAKEN_ON, State.RUNNING, State.REFUSED, State.CANCELLED}),
    State.TAKEN_ON: frozenset({State.TAKEN_ON, State.RUNNING, State.REFUSED, State.CANCELLED}),
    State.RUNNING: frozenset({State.DONE, State.PARTLY_DONE, State.FAILED, State.CANCELLED}),
    State.PARTLY_DONE: _RUN_AGAIN,
    State.FAILED: _RUN_AGAIN,
    State.DONE: frozenset(),
    State.REFUSED: frozenset(),
    State.CANCELLED: frozenset(),
}


class NotPossible(Exception):
    """The request is not in a state from which this can be done: somebody else was quicker."""


@dataclass(frozen=True, slots=True)
class By:
    """Who changes something: over HTTP whoever is there, without it a command or the worker of ours.

    `actor` is said where the request's own is not meant.
    """

    http: HttpRequest | None = None
    actor: Actor | None = None


def can_become(restore: RestoreRequest, state: State) -> bool:
    return state in NEXT[State(restore.state)]


def change(
    restore: RestoreRequest,
    state: State,
    by: By,
    *,
    note: str = "",
    operator: str | None = None,
    details: Mapping[str, str] | None = None,
) -> None:
    """Bring a request into a state, on record, whatever the copy in hand says of the present one.

    `note` is for the owner: why it was refused. `operator` is who has it in hand from now on; `details` go into the
    audit log. The copy in hand is brought up to date. Raises: NotPossible; AuditUnavailable.
    """
    with transaction.atomic():
        restore.refresh_from_db(from_queryset=RestoreRequest.objects.select_for_update())
        if not can_become(restore, state):
            raise NotPossible
        _enter(restore, state, by, note, details or {})
        restore.state = state.value
        if operator is not None:
            restore.operator = operator
        if state is State.REFUSED:
            restore.refusal = note
        if not restore.is_open:
            restore.due = Due.NOTHING.value
        restore.save()


def begin(restore: RestoreRequest, by: By) -> None:
    """Write a new request down, on record. Raises: AuditUnavailable."""
    with transaction.atomic():
        restore.save(force_insert=True)
        _enter(restore, State.RECEIVED, by, "", {})


def note_plan(restore: RestoreRequest, by: By) -> None:
    """Write down that a plan is asked for, which is no state. Raises: AuditUnavailable."""
    _record(restore, by, {"step": "plan"})


def _enter(restore: RestoreRequest, state: State, by: By, note: str, details: Mapping[str, str]) -> None:
    said = {"state": state.value, **details} | ({"reason": note} if note else {})
    record = _record(restore, by, said)
    StateChange.objects.create(
        restore=restore,
        state=state.value,
        at_ms=milliseconds(timezone.now()),
        actor=record.actor,
        role=record.role,
        note=note,
    )


def _record(restore: RestoreRequest, by: By, said: Mapping[str, str]) -> AuditRecord:
    return audit.record(
        by.http,
        Action.RESTORE,
        actor=by.actor,
        account=restore.address,
        day=restore.day,
        count=restore.line_count,
        details={"reference": restore.reference, **said},
    )
