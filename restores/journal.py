"""The journal: what is about to be sent is written down first, and what came of it after.

So whoever goes on after a broken line looks only at what came into the folder since, and never sends a message twice.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from access.models import milliseconds
from restores.leases import Lease
from restores.matching import by_bytes
from restores.models import Batch, Line, Outcome, Reason, RestoreRequest
from snapshots.imap import Appender, Contents, NotStored, Standing

ANSWER_CHARACTERS = 200


class Cancelled(Exception):
    """Somebody wants the restore to stop."""


def begin(lease: Lease, target: str, standing: Standing, lines: Sequence[Line], *, seconds: float) -> Batch:
    """Write down what is sent next, which takes so many seconds at most. Raises: Cancelled, LeaseLost."""
    with transaction.atomic():
        if lease.renew(seconds):
            raise Cancelled
        batch = Batch.objects.create(
            restore=lease.restore,
            target=target,
            uidvalidity=standing.uidvalidity,
            uidnext=standing.uidnext,
            sent_at_ms=milliseconds(timezone.now()),
        )
        Line.objects.filter(pk__in=[line.pk for line in lines]).update(batch=batch)
    return batch


def settle(batch: Batch, lines: Sequence[Line], uids: dict[int, int]) -> None:
    """Write down which lines, those of the batch, are stored, by their place: under which UID; the others are not."""
    with transaction.atomic():
        for line in lines:
            line.uid = uids.get(line.place)
            line.outcome = (Outcome.WAITING if line.uid is None else Outcome.RESTORED).value
            line.batch = None if line.uid is None else batch
        Line.objects.write(lines, ["uid", "outcome", "batch"])
        Batch.objects.filter(pk=batch.pk).update(is_settled=True)
        count(batch.restore)


def recover(restore: RestoreRequest, appender: Appender, contents: Contents) -> bool:
    """Find out what became of batches whose answer nobody heard; say whether there were any.

    Raises: ServerUnreachable.
    """
    batches = list(Batch.objects.filter(restore=restore, is_settled=False))
    for batch in batches:
        lines = list(Line.objects.filter(batch=batch))
        settle(batch, lines, stored(batch, lines, appender, contents))
    return bool(batches)


def stored(batch: Batch, lines: Sequence[Line], appender: Appender, contents: Contents) -> dict[int, int]:
    """Return the UIDs of those messages of a batch that the server has, by the place of their lines."""
    try:
        is_renumbered = appender.standing(batch.target).uidvalidity != batch.uidvalidity
    except NotStored:
        return {}
    others = Line.objects.filter(restore=batch.restore, batch__target=batch.target, uid__isnull=False)
    taken = [] if is_renumbered else [uid for uid in others.values_list("uid", flat=True) if uid]
    found = by_bytes(
        lines,
        contents,
        batch.target,
        from_uid=1 if is_renumbered else batch.uidnext,
        taken=taken,
    )
    return {place: uid for place, (_, uid) in found.items()}


def close(line: Line, outcome: Outcome, reason: Reason, answer: str = "") -> None:
    """Write down why a message is not restored."""
    line.outcome, line.reason, line.answer = outcome.value, reason.value, answer[:ANSWER_CHARACTERS]
    line.save(update_fields=["outcome", "reason", "answer"])


def count(restore: RestoreRequest) -> None:
    """Say how far the restore is."""
    settled = Line.objects.filter(restore=restore).exclude(outcome=Outcome.WAITING).count()
    RestoreRequest.objects.filter(pk=restore.pk).update(settled_count=settled)
