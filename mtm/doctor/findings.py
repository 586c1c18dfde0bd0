"""What a look at one subject found: its state, in words, and what would mend it."""

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.db import connections

from snapshots.engines.deadline import Guard
from snapshots.errors import EngineTimeout
from snapshots.types import Account


class State(enum.StrEnum):
    """How bad it is. A PROBLEM keeps somebody from their mail, or a promise from being kept."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found."""

    state: State
    words: str
    fix: str = ""


def ok(words: str) -> Finding:
    return Finding(State.OK, words)


def warning(words: str, fix: str) -> Finding:
    return Finding(State.WARNING, words, fix)


def problem(words: str, fix: str) -> Finding:
    return Finding(State.PROBLEM, words, fix)


@dataclass(frozen=True, slots=True)
class Check:
    """One subject. `look` yields what it finds, for one account where somebody names one."""

    subject: str
    look: Callable[[Account | None], Iterable[Finding]]
    seconds: float = 30.0


def examine(check: Check, account: Account | None) -> Sequence[Finding]:
    """Return what one look finds, in bounded time; whatever goes wrong in it is a finding too."""
    found: list[Finding] = []

    def look() -> None:
        try:
            found.extend(check.look(account))
        finally:
            connections.close_all()

    try:
        Guard(check.subject, deadline_seconds=check.seconds).call(look)
    except EngineTimeout:
        late = problem(
            f"no answer within {check.seconds:g} s", "See what hangs: the mount, the server or the database."
        )
        return [*found, late]
    except Exception as error:  # noqa: BLE001 - one look that fails must not keep the others from theirs
        return [*found, problem(f"could not be looked at: {reason(error)}", "Mend what is said above and look again.")]
    return found


def reason(error: BaseException) -> str:
    """Return why something failed: the words of the error that began it, for an administrator."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join((str(error) or type(error).__doc__ or type(error).__name__).split())
