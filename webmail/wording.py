"""Dates, sizes and names as people read them, in the language of the page."""

import re
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django.conf import settings
from django.utils.translation import get_language, gettext

from snapshots.types import Folder, Role

UNITS = ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB"))


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


def locale() -> Locale:
    """Return the page's locale for Babel."""
    return _locale(get_language() or settings.MTM_LANGUAGE)


@cache
def zone() -> ZoneInfo:
    """Return the service's time zone."""
    return ZoneInfo(settings.MTM_TIME_ZONE)


def short_day(day: date) -> str:
    """Return "gio 19 nov"."""
    return format_date(day, gettext("EEE d MMM"), locale=locale())


def weekday(day: date) -> str:
    """Return "gio"."""
    return format_date(day, "EEE", locale=locale())


def month(day: date) -> str:
    """Return "novembre"."""
    return format_date(day, "MMMM", locale=locale())


def long_day(day: date) -> str:
    """Return "giovedì 19 novembre"."""
    return format_date(day, gettext("EEEE d MMMM"), locale=locale())


def full_day(day: date) -> str:
    """Return "giovedì 19 novembre 2026"."""
    return format_date(day, gettext("EEEE d MMMM y"), locale=locale())


def clock_time(moment: datetime) -> str:
    return format_datetime(moment, "HH:mm", tzinfo=zone(), locale=locale())


def moment(when: datetime) -> str:
    """Return "giovedì 19 novembre 2026, 17:42" in the service's time zone."""
    return f"{full_day(when.astimezone(zone()).date())}, {clock_time(when)}"


def short_moment(when: datetime) -> str:
    """Return "mar 17 nov 2026, 17:42" in the service's time zone."""
    return f"{format_date(when.astimezone(zone()).date(), gettext('EEE d MMM y'), locale=locale())}, {clock_time(when)}"


def list_date(when: datetime, day: date) -> str:
    """Return a row's date, shorter the nearer it is to the day looked at: "17:42", "17 nov", "17/11/25"."""
    local = when.astimezone(zone()).date()
    if local == day:
        return clock_time(when)
    pattern = gettext("d MMM") if local.year == day.year else gettext("dd/MM/yy")
    return format_date(local, pattern, locale=locale())


def number(value: int) -> str:
    return format_decimal(value, locale=locale())


def size(size_bytes: int | None) -> str:
    """Return "1,2 MB"; empty when it is not known."""
    if size_bytes is None:
        return ""
    for unit, name in UNITS:
        if size_bytes >= unit:
            decimals = "0.#" if size_bytes < 10 * unit else "0"
            return f"{format_decimal(size_bytes / unit, format=decimals, locale=locale())} {name}"
    return gettext("%(count)s bytes") % {"count": size_bytes}


def initials(name: str) -> str:
    """Return up to two letters that stand for a person: "MB" for Marta Bellini, "GI" for giulia@."""
    words = [word for word in re.split(r"[\s._@-]+", name) if word[:1].isalnum()]
    letters = words[0][0] + words[1][0] if len(words) > 1 and "@" not in name else "".join(words[:1])[:2]
    return letters.upper()


def folder_name(folder: Folder) -> str:
    """Return what a folder is called on the page: its role's name, whatever the server says."""
    names = {
        Role.INBOX: gettext("Inbox"),
        Role.SENT: gettext("Sent"),
        Role.DRAFTS: gettext("Drafts"),
        Role.TRASH: gettext("Trash"),
        Role.JUNK: gettext("Spam"),
    }
    return names[folder.role] if folder.role else folder.levels[-1]
