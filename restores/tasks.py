"""What the worker's process does: it takes requests up that are due, and looks every half minute for any left over.

A task's row is a wake-up and nothing more: what is due stands in the request, who is at work on it is a lease, and how
far it is stands in its journal.
"""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from access.live import open_live
from access.models import milliseconds
from restores import notices, work
from restores.leases import LeaseLost, claim, release_left_over, worker_of_this_host
from restores.models import OPEN, Due, Problem, RestoreRequest, State
from restores.run import Run
from restores.states import By
from restores.work import Failed

logger = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=30)
LEFT_ALONE = timedelta(minutes=10)
"""How long after its lease a restore whose owner was at work on it counts as left."""


@task(queue_name=settings.RESTORE_QUEUE)
def look() -> None:
    """Take up whatever is due and nobody is at work on, and tell those who wait for it."""
    notices.send_all()
    for restore in _due():
        take_up(restore)
        notices.send_all()


@task(queue_name=settings.RESTORE_QUEUE)
def sweep() -> None:
    """Look now and every half minute, and let go what is over."""
    sweep.using(run_after=timezone.now() + SWEEP_EVERY).enqueue()
    DBTaskResult.objects.finished().filter(queue_name=settings.RESTORE_QUEUE).delete()
    look.func()
    end_what_was_left()
    forget_old_reports()


def begin_anew() -> None:
    """Begin as this host's only worker: free what one held that ended, and sweep."""
    release_left_over()
    rows = DBTaskResult.objects.filter(queue_name=settings.RESTORE_QUEUE)
    (rows.finished() | rows.running() | rows.filter(task_path=sweep.module_path)).delete()
    sweep.enqueue()


@sensitive_variables("user", "password")
def take_up(restore: RestoreRequest) -> None:
    """Do what is due of a request, unless somebody is at it; what fails is tried again later."""
    user, _, password = settings.MTM_IMAP_MASTER.partition(":")
    if not password:
        RestoreRequest.objects.filter(pk=restore.pk).update(problem=Problem.NO_MASTER.value)
        return
    try:
        lease = claim(restore, holder=worker_of_this_host())
    except LeaseLost:
        return
    _work(Run(lease, lambda: open_live(restore.account, password, master=user)))


def _work(run: Run) -> None:
    restore = run.restore
    try:
        with work.handled(run):
            if restore.due == Due.PLAN:
                work.plan(run)
            elif restore.state == State.RUNNING:
                work.restore(run, By())
    except Failed as failure:
        work.postpone(restore, failure.problem, By())
    except LeaseLost:
        logger.warning("%s is in other hands", restore.reference)
    except DatabaseError:
        raise
    except Exception:
        # A fault of ours in one request must not keep the others waiting.
        logger.exception("%s could not be worked on", restore.reference)
        work.postpone(restore, Problem.FAULT, By())


def end_what_was_left() -> None:
    """End restores whose owner, or whose operator at a shell, went away in the middle: they can be run again."""
    until_ms = milliseconds(timezone.now() - LEFT_ALONE)
    left = RestoreRequest.objects.filter(state=State.RUNNING, due=Due.NOTHING, leased_until_ms__lt=until_ms)
    for restore in left:
        work.give_up(restore, Problem.UNREACHABLE, By())


def forget_old_reports() -> None:
    """Let the lines and the journal go of what is over for long; the request itself stays, for its bill."""
    until_ms = milliseconds(timezone.now() - timedelta(days=settings.MTM_RESTORE_DAYS))
    over = RestoreRequest.objects.exclude(state__in=OPEN).exclude(changes__at_ms__gte=until_ms)
    for restore in over.filter(lines__isnull=False).distinct():
        restore.lines.all().delete()
        restore.batches.all().delete()


def _due() -> QuerySet[RestoreRequest]:
    now_ms = milliseconds(timezone.now())
    return RestoreRequest.objects.exclude(due=Due.NOTHING).filter(due_from_ms__lte=now_ms, leased_until_ms__lte=now_ms)
