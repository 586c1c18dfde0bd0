"""What the page of a search shows, every value finished."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from snapshots.calendar import Day, DayState
from snapshots.history import Hit, History, SearchQuery
from webmail import wording
from webmail.rows import ListRow, list_row

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
    """One offered day, and the message on it where that night holds it."""

    label: str
    url: str


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
    }
    if history is None:
        waiting = gettext("The copies are still being prepared. Search works in a few minutes.")
        return context | {"summary": waiting, "is_waiting": True}
    folders = history.folders()
    context["folders"] = [FolderChoice(each.id, wording.folder_name(each), each.id == asked.folder) for each in folders]
    if asked.asks_nothing:
        return context
    return context | _found(history, asked, offered, {folder.id: folder for folder in folders})
