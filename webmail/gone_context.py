"""What the page of gone mail shows, every value finished."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from snapshots.catalogue import FateKind
from snapshots.errors import SnapshotNotFound
from snapshots.history import Gone, GoneGroup, History, NightState
from webmail import wording
from webmail.past import compared_with
from webmail.rows import ListRow, list_rows

NOW: Final = "now"
FULLY_KNOWN = {NightState.LISTED, NightState.PARTLY}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the URL asks for: compared with which day (None: with the reference), and which kind."""

    against: date | None = None
    is_now: bool = False
    kind: FateKind = FateKind.GONE

    @classmethod
    def of(cls, request: HttpRequest) -> "Wanted":
        """Read it from the URL; what makes no sense there is the default."""
        text = request.GET.get("against", "")
        try:
            against = date.fromisoformat(text)
        except ValueError:
            against = None
        kinds = {kind.value: kind for kind in FateKind}
        return cls(against, text == NOW, kinds.get(request.GET.get("show", ""), FateKind.GONE))


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind of what became of messages, and how many there are of it."""

    id: str
    label: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """One folder's share; `more_url` leads to the rest where not all of it is shown."""

    name: str
    title: str
    rows: list[ListRow]
    count_sentence: str
    is_vanished: bool
    more_url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One day to compare with."""

    value: str
    label: str
    is_chosen: bool


def waiting_context(day: date) -> dict[str, Any]:
    """Return what is said while the nights are not known yet."""
    sentence = gettext("The copies are still being compared. Come back in a few minutes.")
    return {"title": _title(day), "summary": sentence, "is_waiting": True}


def _title(day: date) -> str:
    return gettext("Messages gone since %(day)s") % {"day": wording.full_day(day)}


def gone_context(history: History, day: date, wanted: Wanted) -> dict[str, Any]:
    """Return what became of a night's mail; where that cannot be compared, a sentence that says so."""
    try:
        found = history.gone(day, NOW if wanted.is_now else wanted.against, kind=wanted.kind)
    except SnapshotNotFound:
        return waiting_context(day)
    url = reverse("webmail:gone", args=[day])
    is_pop3 = history.is_pop3_pattern()
    return {
        "title": _title(day),
        "summary": _summary(found, day, wanted.kind),
        "compared": compared_with(found.reference),
        "choices": _choices(history, day, found),
        "tabs": [_tab(kind, found, url, wanted) for kind in FateKind],
        "kind": wanted.kind.value,
        "groups": [_group(group, day, wanted.kind) for group in found.groups],
        "is_pop3": is_pop3,
        "is_alarm": wanted.kind is FateKind.GONE and not is_pop3,
        "download_url": reverse("webmail:download", args=[day]),
        "download_limit": settings.MTM_DOWNLOAD_LIMIT,
    }


def _summary(found: Gone, day: date, kind: FateKind) -> str:
    count = found.counts.get(kind, 0)
    if not count and kind is FateKind.GONE:
        return gettext("Nothing has gone missing since %(day)s.") % {"day": wording.long_day(day)}
    return f"{_kind_words(kind, count)}."


def _kind_words(kind: FateKind, count: int) -> str:
    words = {
        FateKind.GONE: ngettext("%(count)s gone", "%(count)s gone", count),
        FateKind.TRASHED: ngettext("%(count)s in Trash", "%(count)s in Trash", count),
        FateKind.MOVED: ngettext("%(count)s moved", "%(count)s moved", count),
        FateKind.CLEARED: ngettext(
            "%(count)s cleared from Trash or Spam", "%(count)s cleared from Trash or Spam", count
        ),
    }
    return words[kind] % {"count": wording.number(count)}


def _tab(kind: FateKind, found: Gone, url: str, wanted: Wanted) -> Tab:
    against = NOW if wanted.is_now else wanted.against.isoformat() if wanted.against else ""
    query = urlencode({name: value for name, value in {"against": against, "show": kind.value}.items() if value})
    return Tab(
        f"show-{kind.value}", _kind_words(kind, found.counts.get(kind, 0)), f"{url}?{query}", kind is wanted.kind
    )


def _choices(history: History, day: date, found: Gone) -> list[Choice]:
    """Return what the night can be compared with: now, where that is known, and every later night that is."""
    reference = history.reference()
    nights = [night.day for night in history.nights() if night.day > day and night.state in FULLY_KNOWN]
    choices = [Choice(each.isoformat(), wording.short_day(each), each == found.reference.day) for each in nights]
    if reference and reference.moment:
        choices.append(Choice(NOW, gettext("now"), found.reference.moment is not None))
    return choices


def _group(group: GoneGroup, day: date, kind: FateKind) -> Group:
    total = group.total
    has_more = total > len(group.rows)
    folder_url = reverse("webmail:folder", args=[day, group.folder.id])
    return Group(
        name=wording.folder_name(group.folder),
        title=" / ".join(group.folder.levels),
        rows=list_rows(group.rows, group.folder, day),
        count_sentence=ngettext("%(count)s message", "%(count)s messages", total) % {"count": wording.number(total)},
        is_vanished=group.is_vanished,
        more_url=f"{folder_url}?filter=gone" if has_more and kind is FateKind.GONE else folder_url if has_more else "",
    )
