"""Planning: what a run would do, found out by reading the night and the live mailbox alone."""

from collections.abc import Callable, Sequence
from datetime import date

from django.utils import timezone

from access.models import milliseconds
from restores.matching import by_bytes, by_guid
from restores.models import Line, Outcome, Reason, RestoreRequest, Target
from restores.plan import Plan
from restores.sending import Live
from restores.sources import Sources, Unusable
from restores.survey import Survey
from snapshots.imap import Contents, FolderUnreadable

NEW_FOLDER = {"it": "Ripristino", "en": "Restore"}
"""Part of the name of a folder in the live mailbox: what it is called once, it is called for ever."""

INBOX = "INBOX"
AT_ONCE = 500
JUDGED = ["target", "outcome", "reason", "size_bytes", "digest", "plain_size_bytes", "plain_digest"]
Step = Callable[[], object]


def make(restore: RestoreRequest, sources: Sources, live: Live, *, step: Step) -> Plan:
    """Write a request's lines and its plan; nothing is written to the live mailbox.

    `step` is called before each piece of work. Raises: the engine's errors, ServerUnreachable.
    """
    unreadable: Sequence[str] = (restore.plan or {}).get("unreadable", ())
    if restore.plan is None or (unreadable and not restore.batches.exists()):
        survey = Survey(restore, sources.mailbox)
        restore.line_count, unreadable = survey.write(), survey.unreadable
    _reopen(restore)
    judge(restore, sources, live, step=step)
    plan = _counted(restore, live, unreadable)
    restore.plan = plan.stored_form()
    restore.settled_count = restore.line_count - plan.to_add
    restore.save(update_fields=["plan", "line_count", "settled_count"])
    return plan


def _reopen(restore: RestoreRequest) -> None:
    """Let all be asked anew that may have changed since: what was there then, and what failed."""
    lines = Line.objects.filter(restore=restore, outcome__in=[Outcome.ALREADY_THERE, Outcome.FAILED])
    lines.update(outcome=Outcome.WAITING.value, reason=Reason.NONE.value, answer="")


def judge(restore: RestoreRequest, sources: Sources, live: Live, *, step: Step) -> None:
    """Say of every line that waits where it goes, that it is there already, or why it cannot be restored."""
    lines = list(Line.objects.filter(restore=restore, outcome=Outcome.WAITING))
    for line in lines:
        line.target = target_of(restore, line, live.contents)
    step()
    targets = list(dict.fromkeys(line.target for line in lines))
    there = [name for name in targets if live.contents.has(name)]
    known = by_guid(lines, live.contents, live.contents.names if restore.target == Target.ORIGINAL else there)
    left = [line for line in lines if line.place not in known]
    for start in range(0, len(left), AT_ONCE):
        step()
        for line in left[start : start + AT_ONCE]:
            _measure(line, sources, live.appender.limit_bytes)
    for name in there:
        step()
        waiting = [line for line in left if line.target == name and line.outcome == Outcome.WAITING]
        taken = [uid for folder, uid in known.values() if folder == name] + _restored(restore, name)
        try:
            known |= by_bytes(waiting, live.contents, name, message_ids=sources.message_ids, taken=taken)
        except FolderUnreadable:
            # Nobody knows what is there already, so nothing is added to it.
            for line in waiting:
                line.outcome, line.reason = Outcome.FAILED.value, Reason.UNREADABLE.value
    for line in lines:
        if line.place in known:
            line.outcome, line.target = Outcome.ALREADY_THERE.value, known[line.place][0]
    Line.objects.write(lines, JUDGED)


def _restored(restore: RestoreRequest, folder: str) -> list[int]:
    """Return the UIDs that stand for lines of the request which were restored before."""
    lines = Line.objects.filter(restore=restore, target=folder, outcome=Outcome.RESTORED)
    return [uid for uid in lines.values_list("uid", flat=True) if uid]


def new_folder(language: str, day: date) -> str:
    """Return what the new folder is called that holds what is restored of a night."""
    return f"{NEW_FOLDER.get(language, NEW_FOLDER['en'])} {day.isoformat()}"


def target_of(restore: RestoreRequest, line: Line, contents: Contents) -> str:
    """Return the name of the live folder a line goes to."""
    match restore.target:
        case Target.INBOX:
            return INBOX
        case Target.NEW_FOLDER:
            return contents.name_of([new_folder(restore.language, restore.day), *line.levels])
        case _:
            return contents.name_of(line.levels)


def _measure(line: Line, sources: Sources, limit_bytes: int | None) -> None:
    try:
        if not line.digest:
            measured = sources.measure(line)
            line.size_bytes, line.digest = measured.size_bytes, measured.digest
            if measured.has_more_cr:
                plain = sources.measure_plain(line)
                line.plain_size_bytes, line.plain_digest = plain.size_bytes, plain.digest
        if limit_bytes is not None and (line.size_bytes or 0) > limit_bytes:
            raise Unusable(Reason.TOO_BIG)
    except Unusable as error:
        line.outcome, line.reason = Outcome.REFUSED.value, error.reason.value


def _counted(restore: RestoreRequest, live: Live, unreadable: Sequence[str]) -> Plan:
    lines = Line.objects.filter(restore=restore).only("outcome", "target", "size_bytes")
    to_add = [line for line in lines if line.outcome == Outcome.WAITING]
    quota = live.contents.quota(INBOX)
    return Plan(
        made_at_ms=milliseconds(timezone.now()),
        to_add=len(to_add),
        to_add_bytes=sum(line.size_bytes or 0 for line in to_add),
        already_there=sum(line.outcome == Outcome.ALREADY_THERE for line in lines),
        refused=sum(line.outcome == Outcome.REFUSED for line in lines),
        folders=tuple(missing(live.contents, dict.fromkeys(line.target for line in to_add))),
        unreadable=tuple(unreadable),
        quota_used_bytes=quota.used_bytes if quota else None,
        quota_limit_bytes=quota.limit_bytes if quota else None,
        append_limit_bytes=live.appender.limit_bytes,
    )


def missing(contents: Contents, targets: dict[str, None]) -> list[str]:
    """Return the folders to be made, those above before those below."""
    wanted = dict.fromkeys(each for name in targets for each in contents.above(name))
    return [name for name in wanted if not (contents.has(name) if name in targets else contents.exists(name))]
