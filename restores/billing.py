"""What was restored for money, one line a request, for whoever writes the bills."""

import csv
from collections.abc import Iterator
from datetime import date
from typing import TextIO

from django.utils import timezone

from restores.models import RestoreRequest, State, StateChange
from webmail.accesses import plain_cell

COLUMNS = ("reference", "ended", "account", "night", "state", "restored", "net", "vat_percent", "gross", "by", "ticket")
ENDED = (State.DONE, State.PARTLY_DONE)


def write(out: TextIO, *, first: date, last: date) -> int:
    """Write as CSV the paid restores that came to an end on these days; return how many. What failed costs nothing."""
    table = csv.writer(out)
    table.writerow(COLUMNS)
    count = 0
    for row in _rows(first, last):
        table.writerow([plain_cell(cell) for cell in row])
        count += 1
    return count


def _rows(first: date, last: date) -> Iterator[list[str]]:
    paid = RestoreRequest.objects.filter(state__in=ENDED, price__gt=0).order_by("year", "number")
    for restore in paid:
        ended = StateChange.objects.filter(restore=restore, state=restore.state).latest("pk")
        day = timezone.localtime(ended.at).date()
        if first <= day <= last:
            yield _row(restore, day)


def _row(restore: RestoreRequest, ended: date) -> list[str]:
    return [
        restore.reference,
        ended.isoformat(),
        restore.address,
        restore.day.isoformat(),
        restore.state,
        str(restore.restored_count),
        str(restore.price),
        str(restore.vat_percent),
        str(restore.gross),
        restore.operator,
        restore.ticket,
    ]
