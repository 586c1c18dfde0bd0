"""What the page of one request shows: its states, its plan, how far it is, and its report."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, ngettext

from access.mailboxes import today
from restores import wording
from restores.models import Due, Problem, RestoreRequest, State
from restores.plan import Plan
from webmail import wording as words

SOON = timedelta(days=2)
ICONS = {
    State.RECEIVED: "inbox",
    State.TAKEN_ON: "eye",
    State.RUNNING: "hourglass",
    State.DONE: "check",
    State.PARTLY_DONE: "triangle-alert",
    State.FAILED: "x",
    State.REFUSED: "x",
    State.CANCELLED: "x",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A state a request came into, in words."""

    state: str
    icon: str
    moment: str
    who: str
    note: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A request as one line of a list."""

    reference: str
    address: str
    state: str
    icon: str
    is_open: bool
    what: str
    day: str
    asked: str
    price: str
    operator: str
    expires: str
    expires_soon: bool
    problem: str


def listed(restore: RestoreRequest) -> Listed:
    """Return a request as a list shows it."""
    return Listed(
        reference=restore.reference,
        address=restore.address,
        state=words.restore_state(restore.state),
        icon=ICONS[State(restore.state)],
        is_open=restore.is_open,
        what=wording.what(restore),
        day=words.full_day(restore.day),
        asked=words.short_moment(restore.created_at),
        price=wording.price(restore),
        operator=restore.operator,
        expires=words.full_day(restore.last_offered),
        expires_soon=_expires_soon(restore.last_offered),
        problem=wording.problem(restore.problem),
    )


def status_context(restore: RestoreRequest, *, is_owner: bool) -> dict[str, Any]:
    """Return all that is told of a request but its report."""
    with_names = not is_owner or settings.MTM_SUPPORT_NAMES
    plan = Plan.of(restore)
    return {
        "restore": listed(restore),
        "title": restore.reference,
        "where": wording.target(restore),
        "ticket": restore.ticket,
        "changes": [
            Change(
                state=words.restore_state(change.state),
                icon=ICONS[State(change.state)],
                moment=words.short_moment(change.at),
                who=wording.who(change, with_names=with_names, is_owner=is_owner),
                note=change.note,
            )
            for change in restore.changes.all()
        ],
        "is_running": restore.state == State.RUNNING,
        "is_planning": restore.due == Due.PLAN and restore.problem != Problem.NO_MASTER,
        "problem": _problem(restore, is_owner=is_owner),
        "is_stopping": restore.is_cancelling,
        "is_over": not restore.is_open,
        "settled": restore.settled_count,
        "all": restore.line_count,
        "progress": _progress(restore),
        "plan": plan_lines(plan) if plan else [],
        "shortage": _shortage(plan) if plan else "",
        "expires_warning": _expiry(restore),
    }


def _problem(restore: RestoreRequest, *, is_owner: bool) -> str:
    """Return what the last attempt met with; what an owner can do nothing about, and what is over, is not said."""
    is_told = restore.state not in (State.REFUSED, State.CANCELLED)
    if not is_told or (is_owner and restore.problem == Problem.NO_MASTER):
        return ""
    return wording.problem(restore.problem)


def _progress(restore: RestoreRequest) -> str:
    numbers = {"done": words.number(restore.settled_count), "all": words.number(restore.line_count)}
    return gettext("%(done)s of %(all)s messages") % numbers


def plan_lines(plan: Plan) -> list[tuple[str, str]]:
    """Return a plan's numbers with their names."""
    lines = [
        (gettext("To be added"), _weighed(plan.to_add, plan.to_add_bytes)),
        (gettext("Already there"), words.number(plan.already_there)),
    ]
    if plan.refused:
        lines.append((gettext("Cannot be restored"), words.number(plan.refused)))
    if plan.folders:
        lines.append((gettext("Folders to be made"), ", ".join(plan.folders)))
    if plan.unreadable:
        lines.append((gettext("Folders that cannot be read in the copy"), ", ".join(plan.unreadable)))
    if plan.quota_after_bytes is not None and plan.quota_limit_bytes is not None:
        sizes = {"used": words.size(plan.quota_after_bytes), "limit": words.size(plan.quota_limit_bytes)}
        lines.append((gettext("Space used afterwards"), gettext("%(used)s of %(limit)s") % sizes))
    if plan.append_limit_bytes is not None:
        lines.append((gettext("Largest message the server takes"), words.size(plan.append_limit_bytes)))
    return lines


def _weighed(count: int, size_bytes: int) -> str:
    return f"{wording.messages(count)}, {words.size(size_bytes)}" if count else wording.messages(0)


def _shortage(plan: Plan) -> str:
    if not plan.missing_bytes:
        return ""
    words_ = gettext("The mailbox is too full: %(size)s are missing. Free some space first, or less is restored.")
    return words_ % {"size": words.size(plan.missing_bytes)}


def _expires_soon(last: date) -> bool:
    return last - today() <= SOON


def _expiry(restore: RestoreRequest) -> str:
    """Return the warning of a request whose night will go; empty once it is over."""
    if not restore.is_open:
        return ""
    left = (restore.last_offered - today()).days
    said = {"day": words.full_day(restore.last_offered), "left": left}
    if left < 0:
        return gettext("The copy expired on %(day)s.") % said
    sentence = ngettext(
        "The copy expires on %(day)s, in %(left)s day: after that nothing can be restored from it.",
        "The copy expires on %(day)s, in %(left)s days: after that nothing can be restored from it.",
        left,
    )
    return sentence % said
