"""Days for error pages, which are rendered below the app that words them."""

from datetime import date

from django import template

from access.mailboxes import today
from snapshots.calendar import Day
from webmail import wording
from webmail.rail import DayTab, Rail
from webmail.rail import day_rail as rail_of

register = template.Library()


@register.filter
def long_day(day: date | None) -> str:
    """Print "giovedì 19 novembre"."""
    return wording.long_day(day) if day else ""


@register.simple_tag
def day_rail(days: list[Day]) -> Rail:
    """Return the rail, no day of it chosen."""
    return rail_of(days, None, today=today())


@register.simple_tag
def nearest_tabs(days: list[Day], day: date | None) -> list[DayTab]:
    """Return the available days on either side of one that is not."""
    rail = rail_of(days, day, today=today())
    return [tab for tab in (rail.previous, rail.next) if tab]
