"""The story of a message: in which folder it lay on which night, in a sentence and as a track of days."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from access.mailboxes import open_history
from snapshots.catalogue import Fate, FateKind
from snapshots.errors import EngineError, MessageNotFound
from snapshots.history import Presence, Story, StoryDay
from snapshots.types import Folder
from webmail import wording

WORDS = {
    Presence.NOT_YET: gettext_noop("not there yet"),
    Presence.GONE: gettext_noop("gone by then"),
    Presence.UNREADABLE: gettext_noop("not readable"),
    Presence.LOCKED: gettext_noop("locked"),
    Presence.ABSENT: gettext_noop("no mailbox"),
    Presence.MISSING: gettext_noop("missing"),
    Presence.PENDING: gettext_noop("being prepared"),
}
KNOWN = {Presence.PRESENT, Presence.GONE, Presence.NOT_YET}


@dataclass(frozen=True, slots=True)
class StoryCell:
    """One day of the track; `url` opens the message there, `presence` is how it looks."""

    label: str
    words: str
    presence: str
    url: str
    is_shown: bool

    @property
    def is_bare(self) -> bool:
        """Whether a dash says it, to those who see the days before and after."""
        return self.presence == Presence.NOT_YET


@dataclass(frozen=True, slots=True)
class Run:
    """Days on which nothing changed, as far as they are known."""

    presence: Presence
    folders: Sequence[Folder]
    first: date
    last: date


def story_context(request: HttpRequest, day: date, folder: Folder, message: str) -> dict[str, Any]:
    """Return a message's story; nothing while the nights are not known."""
    try:
        history = open_history(request)
        if history is None:
            return {}
        with history:
            story = history.story(message, folder)
    except (EngineError, MessageNotFound):
        return {}
    return {"story_sentence": sentence(story), "story": [_cell(each, day) for each in story.days]}


def _cell(each: StoryDay, shown: date) -> StoryCell:
    is_present = each.presence is Presence.PRESENT
    url = reverse("webmail:message", args=[each.day, each.folders[0].id, each.message_id]) if is_present else ""
    return StoryCell(
        label=wording.short_weekday_and_number(each.day),
        words=" + ".join(map(wording.folder_name, each.folders)) if is_present else gettext(WORDS[each.presence]),
        presence=each.presence.value,
        url=url,
        is_shown=each.day == shown,
    )


def sentence(story: Story) -> str:
    """Return where the message was and until when, as one sentence."""
    runs = list(_runs(story.days))
    pieces = [piece for number, run in enumerate(runs) if (piece := _piece(runs, number, run))]
    if story.fate:
        pieces.append(_fate_piece(story.fate, has_gone=bool(runs) and runs[-1].presence is Presence.GONE))
    said = ", ".join(filter(None, pieces))
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _runs(days: Sequence[StoryDay]) -> Iterator[Run]:
    known = (day for day in days if day.presence in KNOWN)
    for (presence, folders), group in groupby(known, key=lambda day: (day.presence, tuple(day.folders))):
        same = list(group)
        yield Run(presence, folders, same[0].day, same[-1].day)


def _piece(runs: Sequence[Run], number: int, run: Run) -> str:
    is_last = number == len(runs) - 1
    if run.presence is Presence.GONE:
        return _absence(run, is_last=is_last)
    if run.presence is not Presence.PRESENT:
        return ""
    where = gettext(" and ").join(map(wording.in_folder, run.folders))
    words = {
        "where": where,
        "first": wording.weekday_and_number(run.first),
        "last": wording.weekday_and_number(run.last),
    }
    if number == 0:
        return gettext("%(where)s on every copy") % words if is_last else gettext("%(where)s until %(last)s") % words
    if is_last:
        return gettext("%(where)s since %(first)s") % words
    if run.first == run.last:
        return gettext("%(where)s on %(first)s") % words
    return gettext("%(where)s from %(first)s to %(last)s") % words


def _absence(run: Run, *, is_last: bool) -> str:
    words = {"first": wording.weekday_and_number(run.first), "last": wording.weekday_and_number(run.last)}
    if is_last:
        return gettext("gone since %(first)s") % words
    if run.first == run.last:
        return gettext("not there on %(first)s") % words
    return gettext("not there from %(first)s to %(last)s") % words


def _fate_piece(fate: Fate, *, has_gone: bool) -> str:
    """Return what happened after the last night, where only the live mailbox shows it."""
    if fate.since is not None or has_gone:
        return ""
    if fate.kind in (FateKind.GONE, FateKind.CLEARED):
        return gettext("gone now")
    return gettext("now %(where)s") % {"where": wording.in_folder(fate.folder)} if fate.folder else ""
