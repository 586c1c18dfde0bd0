"""What the page of a search shows, every value finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from snapshots.calendar import Day, DayState
from snapshots.history import History, Hit, Progress, SearchQuery
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
    in_text: bool = False
    number: int = 1

    @classmethod
    def of(cls, sent: QueryDict) -> "Search":
        """Read it from what the form sent; what makes no sense there is not asked for."""
        text = {name: sent.get(name, "")[:MOST_CHARACTERS].strip() for name in ("q", "from", "folder")}
        number = sent.get("page", "1")
        return cls(
            words=text["q"],
            sender=text["from"],
            first_day=_day(sent.get("first", "")),
            last_day=_day(sent.get("last", "")),
            folder=text["folder"],
            has_attachments=sent.get("attachments") == "1",
            in_text=sent.get("text") == "1",
            number=int(number) if number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS else 1,
        )

    @property
    def filters(self) -> int:
        """How many limits are set besides the words."""
        return sum(map(bool, (self.sender, self.first_day, self.last_day, self.folder, self.has_attachments)))

    @property
    def asks_nothing(self) -> bool:
        return not self.words and not self.filters

    @property
    def fields(self) -> dict[str, str]:
        """The form's fields that are filled in, by name."""
        values = {
            "q": self.words,
            "from": self.sender,
            "first": self.first_day.isoformat() if self.first_day else "",
            "last": self.last_day.isoformat() if self.last_day else "",
            "folder": self.folder,
            "attachments": "1" if self.has_attachments else "",
            "text": "1" if self.in_text else "",
        }
        return {name: value for name, value in values.items() if value}

    def url(self, number: int = 1) -> str:
        page = {"page": str(number)} if number > 1 else {}
        return f"{reverse('webmail:search')}?{urlencode(self.fields | page)}"


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
        return context | {"summary": waiting, "refresh_url": asked.url()}
    progress = history.progress()
    asked = replace(asked, in_text=asked.in_text and progress.text_total is not None)
    context |= {"asked": asked, **_text_context(progress, asked)}
    folders = history.folders()
    context["folders"] = [FolderChoice(each.id, wording.folder_name(each), each.id == asked.folder) for each in folders]
    if asked.asks_nothing:
        return context
    context |= {"done": wording.number(progress.heads_done), "all": wording.number(progress.heads_total)}
    return context | _found(history, asked, offered, {folder.id: folder for folder in folders})


def _text_context(progress: Progress, asked: Search) -> dict[str, Any]:
    """Return whether the text can be searched, whether that can be asked for, and up to where it has come."""
    done, total = progress.text_done, progress.text_total
    if done is None or total is None:
        return {"offers_text": settings.MTM_TEXT_SEARCH == "on-request"}
    is_partial = asked.in_text and done < total
    return {
        "has_text": True,
        "is_text_partial": is_partial,
        "text_done": wording.number(done),
        "text_all": wording.number(total),
    }


def _found(history: History, asked: Search, offered: Sequence[date], folders: Mapping[str, Folder]) -> dict[str, Any]:
    hits = history.search(_query(asked, folders), asked.number)
    total = {"total": wording.number(hits.total)}
    summary = ngettext("%(total)s message found", "%(total)s messages found", hits.total) % total if hits.total else ""
    return {
        "summary": summary,
        "found": [_hit(hit, offered) for hit in hits.hits],
        "nothing": hits.is_complete and not hits.total,
        "is_partial": not hits.is_complete,
        "refresh_url": "" if hits.is_complete else asked.url(hits.number),
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
        in_text=asked.in_text,
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
