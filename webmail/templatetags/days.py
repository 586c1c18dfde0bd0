"""Days for error pages, which are rendered below the app that words them."""

from datetime import date

from django import template

from snapshots.calendar import Day, DayState
from webmail import wording
from webmail.context import DayTab
from webmail.context import day_tabs as tabs

register = template.Library()


@register.filter
def long_day(day: date | None) -> str:
    """Print "giovedì 19 novembre"."""
    return wording.long_day(day) if day else ""


@register.simple_tag
def day_tabs(days: list[Day]) -> list[DayTab]:
    """Return the rail's tabs, none of them chosen."""
    return tabs(days, None)


@register.simple_tag
def nearest_tabs(days: list[Day], day: date | None) -> list[DayTab]:
    """Return the available days on either side of one that is not."""
    available = [each for each in days if each.state is DayState.AVAILABLE]
    before = [each for each in available if day and each.day < day][-1:]
    after = [each for each in available if day and each.day > day][:1]
    newest = max((each.day for each in available), default=None)
    return tabs(before + after, None, newest=newest)
