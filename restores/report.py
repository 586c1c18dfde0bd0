"""The report of a restore: one line for every message, for the page and as a file."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext

from restores import wording
from restores.models import Line, Outcome, RestoreRequest
from restores.run import GOOD
from snapshots.archive import Mailbox
from webmail import wording as words
from webmail.accesses import plain_cell

LINES_SHOWN = 50
LINES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the report in words. `subject` is empty where nobody may or can look it up."""

    folder: str
    moment: str
    size: str
    outcome: str
    explanation: str
    answer: str
    subject: str
    is_good: bool


def report_context(restore: RestoreRequest, query: QueryDict, *, night: Mailbox | None = None) -> dict[str, Any]:
    """Return a page of the report, and how many messages came to what; `night` tells their subjects."""
    only_problems = query.get("only") == "problems"
    lines = Line.objects.filter(restore=restore)
    shown = lines.exclude(outcome__in=GOOD) if only_problems else lines
    of_page = Paginator(shown, LINES_SHOWN).get_page(query.get("page", ""))
    subjects = _subjects(night, list(of_page)) if night else {}
    return {
        "lines": [_told(line, subjects.get(line.place, "")) for line in of_page],
        "page": of_page,
        "only_problems": only_problems,
        "counts": list(_counts(lines)),
        "has_problems": lines.exclude(outcome__in=GOOD).exists(),
    }


def _counts(lines: QuerySet[Line]) -> Iterator[tuple[str, str]]:
    groups = lines.order_by().values_list("outcome").annotate(count=Count("pk"))
    counts: dict[str, int] = dict(groups)
    for outcome in Outcome:
        if outcome in counts:
            yield wording.outcome(outcome), words.number(counts[outcome])


def _subjects(night: Mailbox, lines: list[Line]) -> dict[int, str]:
    found = night.catalogue.find_all([line.message_id for line in lines])
    there = [line for line in lines if line.message_id in found]
    rows = night.catalogue.rows([found[line.message_id] for line in there])
    return {line.place: row.envelope.subject for line, row in zip(there, rows, strict=True)}


def _told(line: Line, subject: str = "") -> Told:
    return Told(
        folder=_folder(line),
        moment=words.short_moment(line.internal_date) if line.internal_date else "",
        size=words.size(line.size_bytes),
        outcome=wording.outcome(Outcome(line.outcome)),
        explanation=wording.explanation(line),
        answer=line.answer,
        subject=subject,
        is_good=line.outcome in GOOD,
    )


def _folder(line: Line) -> str:
    """Return the name of a line's folder in the copy; a vanished one is known by its id alone."""
    if not line.levels:
        return line.folder_id
    return gettext("Inbox") if line.folder_id == "inbox" else "/".join(line.levels)


def csv_lines(restore: RestoreRequest) -> Iterator[str]:
    """Yield the whole report as a file a spreadsheet opens."""
    # With this mark Excel reads UTF-8.
    yield "\ufeff" + _row(
        [
            gettext("No."),
            gettext("Folder"),
            gettext("Received"),
            gettext("Size"),
            gettext("What became of it"),
            gettext("Explanation"),
            gettext("The server’s answer"),
            gettext("Folder now"),
            gettext("Message"),
        ]
    )
    for line in Line.objects.filter(restore=restore).iterator(LINES_AT_ONCE):
        told = _told(line)
        moment = line.internal_date.isoformat() if line.internal_date else ""
        size = "" if line.size_bytes is None else str(line.size_bytes)
        cells = [told.folder, moment, size, told.outcome, told.explanation, told.answer, line.target, line.message_id]
        yield _row([str(line.place), *cells])


def _row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([plain_cell(cell) for cell in cells])
    return out.getvalue()
