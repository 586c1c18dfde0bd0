"""Working on a request to its end or to its next attempt, whoever brings the way into the live mailbox."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from access.models import milliseconds
from restores import states
from restores.journal import Cancelled
from restores.models import Due, Line, Outcome, Problem, Reason, RestoreRequest, State
from restores.run import Run, outcome_of
from restores.states import By
from snapshots.errors import EngineError, MailboxLocked, NotFound, SnapshotError, SnapshotGone
from snapshots.imap import ServerUnreachable, WrongPassword

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(minutes=15)
PROBLEMS: dict[type[Exception], Problem] = {
    WrongPassword: Problem.LOGIN_REFUSED,
    ServerUnreachable: Problem.UNREACHABLE,
    MailboxLocked: Problem.LOCKED,
    SnapshotGone: Problem.NIGHT_GONE,
    NotFound: Problem.NIGHT_GONE,
    EngineError: Problem.STORAGE,
}
FOR_GOOD = {Problem.LOCKED, Problem.NIGHT_GONE}


class Failed(Exception):
    """The attempt did not come to its end; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.value)


@contextmanager
def handled(run: Run) -> Iterator[None]:
    """Let the block work under the run's lease, which goes at its end. Raises: Failed for what it could not do."""
    try:
        yield
    except (SnapshotError, WrongPassword) as error:
        problem = next(problem for kind, problem in PROBLEMS.items() if isinstance(error, kind))
        logger.warning("%s: %s: %s", run.restore.reference, type(error).__name__, error)
        _set(run.restore, problem=problem.value)
        raise Failed(problem) from error
    finally:
        run.lease.release()


def plan(run: Run) -> None:
    """Make the plan of a request; to be done while its lease is held."""
    try:
        run.plan()
    except Cancelled:
        let_be(run.restore, By())
    _set(run.restore, due=Due.NOTHING.value, problem=Problem.NONE.value)


def let_be(restore: RestoreRequest, by: By) -> None:
    """End a request that was cancelled while it was being planned, on record."""
    _set(restore, is_cancelling=False)
    states.change(restore, State.CANCELLED, by)


def restore(run: Run, by: By) -> None:
    """Restore what a running request wants; it comes to its end on record. To be done while its lease is held."""
    state = run.run()
    end(run.restore, state, by)


def end(restore: RestoreRequest, state: State, by: By, *, problem: Problem = Problem.NONE) -> None:
    """Bring a running request to its end, on record: how many were restored. Raises: NotPossible."""
    count = Line.objects.filter(restore=restore, outcome=Outcome.RESTORED).count()
    _set(restore, restored_count=count, due=Due.NOTHING.value, problem=problem.value, is_cancelling=False)
    states.change(restore, state, by, details={"restored": str(count)})


def postpone(restore: RestoreRequest, problem: Problem, by: By) -> None:
    """Let the worker try again later; what failed for good, or too often, comes to its end."""
    restore.refresh_from_db()
    if problem in FOR_GOOD or restore.attempts + 1 >= MOST_ATTEMPTS:
        give_up(restore, problem, by)
        return
    pause = min(FIRST_PAUSE * 2**restore.attempts, LONGEST_PAUSE)
    due_from_ms = milliseconds(timezone.now() + pause)
    _set(restore, attempts=restore.attempts + 1, due_from_ms=due_from_ms, problem=problem.value)


def give_up(restore: RestoreRequest, problem: Problem, by: By) -> None:
    """End what gets no further: a running request by what was restored; a plan may be asked for again."""
    if restore.state != State.RUNNING:
        _set(restore, due=Due.NOTHING.value, problem=problem.value)
        return
    reason = Reason.VANISHED if problem is Problem.NIGHT_GONE else Reason.SERVER_TROUBLE
    waiting = Line.objects.filter(restore=restore, outcome=Outcome.WAITING)
    waiting.update(outcome=Outcome.FAILED.value, reason=reason.value)
    end(restore, outcome_of(restore, is_complete=restore.plan is not None), by, problem=problem)


def _set(restore: RestoreRequest, **fields: object) -> None:
    """Change what is said of a request, and nothing that somebody else changes meanwhile."""
    RestoreRequest.objects.filter(pk=restore.pk).update(**fields)
    for name, value in fields.items():
        setattr(restore, name, value)
