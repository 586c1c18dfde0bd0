"""What an owner does alone: a small restore at once, in the very request that carries the password."""

from django.conf import settings
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from access.live import open_live
from access.login import prove_again
from restores import states, work
from restores.journal import Cancelled
from restores.leases import claim
from restores.models import RestoreRequest, State
from restores.requests import is_small
from restores.run import Run
from restores.states import By, NotPossible
from restores.work import Failed
from snapshots.imap import LiveMailbox

PAUSES_SECONDS = (0.2, 1.0)
UNFINISHED = {State.RECEIVED, State.RUNNING, State.PARTLY_DONE, State.FAILED}


class NotSmall(Exception):
    """It is more than an owner may restore alone; nothing was restored."""


@sensitive_variables("password")
def restore_alone(http: HttpRequest, restore: RestoreRequest, password: str) -> None:
    """Restore a request of its owner's at once. Safe to press again: what is done stays done, and is not done twice.

    Raises: what `access.login.log_in` raises for the password; LeaseLost while another press is at work;
    NotPossible where self-service is not offered; NotSmall; Failed, whose problem the request tells too.
    """
    if settings.MTM_RESTORE != "self-service" or not restore.is_self_service:
        raise NotPossible
    proved = [prove_again(http, restore.account, password)]

    def connect() -> LiveMailbox:
        return proved.pop() if proved else open_live(restore.account, password, http=http)

    try:
        _restore(Run(claim(restore), connect, pauses_seconds=PAUSES_SECONDS), By(http))
    finally:
        for unused in proved:
            unused.close()


def _restore(run: Run, by: By) -> None:
    if run.restore.state not in UNFINISHED:
        run.lease.release()
        return
    try:
        with work.handled(run):
            plan = run.plan()
            if plan.to_add and not is_small(count=plan.to_add, size_bytes=plan.to_add_bytes):
                raise NotSmall
            if run.restore.state != State.RUNNING:
                states.change(run.restore, State.RUNNING, by)
            work.restore(run, by)
    except Cancelled:
        work.let_be(run.restore, by)
    except Failed as failure:
        if run.restore.state == State.RUNNING:
            work.give_up(run.restore, failure.problem, by)
        raise
