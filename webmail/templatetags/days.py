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
def day_rail(days: list[Day], day: date | None) -> Rail:
    """Return the rail around a day that cannot be shown."""
    return rail_of(days, day, today=today())


@register.filter
def nearest(rail: Rail) -> list[DayTab]:
    """Return the available days on either side of one that cannot be shown."""
    return [tab for tab in (rail.previous, rail.next) if tab]
