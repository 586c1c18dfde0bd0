"""What the page of a search shows, every value finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from snapshots.calendar import Day, DayState
from snapshots.history import History, Hit, SearchQuery
from snapshots.types import Folder
from webmail import wording
from webmail.rows import OUTGOING, ListRow, list_row

MOST_CHARACTERS = 200
MOST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked for, as the form and the URL tell it."""

    words: str = ""
    sender: str = ""
    first_day: date | None = None
    last_day: date | None = None
    folder: str = ""
    has_attachments: bool = False
    number: int = 1

    @classmethod
    def of(cls, request: HttpRequest) -> "Search":
        """Read it from the URL; what makes no sense there is not asked for."""
        text = {name: request.GET.get(name, "")[:MOST_CHARACTERS].strip() for name in ("q", "from", "folder")}
        number = request.GET.get("page", "1")
        return cls(
            words=text["q"],
            sender=text["from"],
            first_day=_day(request.GET.get("first", "")),
            last_day=_day(request.GET.get("last", "")),
            folder=text["folder"],
            has_attachments=request.GET.get("attachments") == "1",
            number=int(number) if number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS else 1,
        )

    @property
    def filters(self) -> int:
        """How many limits are set besides the words."""
        return sum(map(bool, (self.sender, self.first_day, self.last_day, self.folder, self.has_attachments)))

    @property
    def asks_nothing(self) -> bool:
        return not self.words and not self.filters

    def url(self, number: int) -> str:
        values = {
            "q": self.words,
            "from": self.sender,
            "first": self.first_day.isoformat() if self.first_day else "",
            "last": self.last_day.isoformat() if self.last_day else "",
            "folder": self.folder,
            "attachments": "1" if self.has_attachments else "",
            "page": str(number) if number > 1 else "",
        }
        return f"{reverse('webmail:search')}?{urlencode({name: value for name, value in values.items() if value})}"


@dataclass(frozen=True, slots=True)
class Pip:
    """One offered day, and whether that night holds the message."""

    label: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One message found, and the nights that hold it."""

    row: ListRow
    folder: str
    presence: str
    open_label: str
    pips: list[Pip]


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """One folder to look in."""

    id: str
    name: str
    is_chosen: bool


def search_context(history: History | None, asked: Search, days: Sequence[Day]) -> dict[str, Any]:
    """Return the form as it was filled in and what was found; without a history, that it has to wait."""
    offered = [day.day for day in days if day.state is DayState.AVAILABLE]
    context: dict[str, Any] = {
        "asked": asked,
        "title": gettext("Search all days"),
        "summary": "",
        "offered": [(day.isoformat(), wording.short_day(day)) for day in offered],
        "folders": [],
        "found": [],
        "first_iso": asked.first_day.isoformat() if asked.first_day else "",
        "last_iso": asked.last_day.isoformat() if asked.last_day else "",
    }
    if history is None:
        waiting = gettext("The copies are still being prepared. Search works in a few minutes.")
        return context | {"summary": waiting, "is_waiting": True}
    folders = history.folders()
    context["folders"] = [FolderChoice(each.id, wording.folder_name(each), each.id == asked.folder) for each in folders]
    if asked.asks_nothing:
        return context
    return context | _found(history, asked, offered, {folder.id: folder for folder in folders})


def _found(history: History, asked: Search, offered: Sequence[date], folders: Mapping[str, Folder]) -> dict[str, Any]:
    hits = history.search(_query(asked, folders), asked.number)
    total = {"total": wording.number(hits.total)}
    summary = ngettext("%(total)s message found", "%(total)s messages found", hits.total) % total if hits.total else ""
    percent = history.progress()
    return {
        "summary": summary,
        "found": [_hit(hit, offered) for hit in hits.hits],
        "nothing": not hits.total,
        "is_partial": not hits.is_complete,
        "done": wording.number(percent.heads_done),
        "all": wording.number(percent.heads_total),
        "newer_url": asked.url(hits.number - 1) if hits.number > 1 else "",
        "older_url": asked.url(hits.number + 1) if hits.number < hits.last_number else "",
    }


def _query(asked: Search, folders: Mapping[str, Folder]) -> SearchQuery:
    return SearchQuery(
        words=asked.words,
        sender=asked.sender,
        folder=folders.get(asked.folder),
        first_day=asked.first_day,
        last_day=asked.last_day,
        has_attachments=asked.has_attachments,
    )


def _hit(hit: Hit, offered: Sequence[date]) -> Found:
    day = hit.last_day
    url = reverse("webmail:folder", args=[day, hit.folder.id])
    return Found(
        row=list_row(hit.row, day, url, outgoing=hit.folder.role in OUTGOING),
        folder=wording.folder_name(hit.folder),
        presence=_presence(hit.days, offered),
        open_label=gettext("Open it in %(day)s") % {"day": wording.short_day(day)},
        pips=[Pip(wording.short_weekday_and_number(each), each in hit.days) for each in offered],
    )


def _presence(days: Sequence[date], offered: Sequence[date]) -> str:
    """Return on which nights a message is there: "in every copy", or their names."""
    if len(days) == len(offered):
        return gettext("in every copy")
    return gettext("in %(days)s") % {"days": ", ".join(map(wording.short_weekday_and_number, days))}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
