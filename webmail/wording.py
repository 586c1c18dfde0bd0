"""Dates, sizes and names as people read them, in the language of the page."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache, wraps
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_decimal_symbol
from django.conf import settings
from django.utils.translation import get_language, gettext, gettext_noop

from snapshots.types import Folder, Role

ROLE_NAMES = {
    Role.INBOX: gettext_noop("Inbox"),
    Role.SENT: gettext_noop("Sent"),
    Role.DRAFTS: gettext_noop("Drafts"),
    Role.TRASH: gettext_noop("Trash"),
    Role.JUNK: gettext_noop("Spam"),
}
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


def _written_once(write: Callable[[date], str]) -> Callable[[date], str]:
    """Keep what is written of a day, for each language: a list says few days many times."""
    kept = lru_cache(maxsize=4096)(lambda day, language: write(day))

    @wraps(write)
    def written(day: date) -> str:
        return kept(day, get_language())

    return written


@_written_once
def short_day(day: date) -> str:
    """Return "gio 19 nov"."""
    return format_date(day, gettext("EEE d MMM"), locale=locale())


@_written_once
def weekday(day: date) -> str:
    """Return "gio"."""
    return format_date(day, "EEE", locale=locale())


@_written_once
def month(day: date) -> str:
    """Return "novembre"."""
    return format_date(day, "MMMM", locale=locale())


@_written_once
def long_day(day: date) -> str:
    """Return "giovedì 19 novembre"."""
    return format_date(day, gettext("EEEE d MMMM"), locale=locale())


@_written_once
def short_weekday_and_number(day: date) -> str:
    """Return "gio 19"."""
    return format_date(day, "EEE d", locale=locale())


@_written_once
def weekday_and_number(day: date) -> str:
    """Return "giovedì 19"."""
    return format_date(day, "EEEE d", locale=locale())


@_written_once
def full_day(day: date) -> str:
    """Return "giovedì 19 novembre 2026"."""
    return format_date(day, gettext("EEEE d MMMM y"), locale=locale())


def clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(zone()):%H:%M}"


def moment(when: datetime) -> str:
    """Return "giovedì 19 novembre 2026, 17:42" in the service's time zone."""
    return f"{full_day(when.astimezone(zone()).date())}, {clock_time(when)}"


def short_moment(when: datetime) -> str:
    """Return "mar 17 nov 2026, 17:42" in the service's time zone."""
    return f"{short_day_of_year(when.astimezone(zone()).date())}, {clock_time(when)}"


@_written_once
def short_day_of_year(day: date) -> str:
    return format_date(day, gettext("EEE d MMM y"), locale=locale())


def list_date(when: datetime, day: date) -> str:
    """Return a row's date, shorter the nearer it is to the day looked at: "17:42", "17 nov", "17/11/25"."""
    local = when.astimezone(zone()).date()
    if local == day:
        return clock_time(when)
    return day_and_month(local) if local.year == day.year else _day_of_another_year(local)


@_written_once
def day_and_month(day: date) -> str:
    """Return "19 nov"."""
    return format_date(day, gettext("d MMM"), locale=locale())


@_written_once
def _day_of_another_year(day: date) -> str:
    return format_date(day, gettext("dd/MM/yy"), locale=locale())


def number(value: int) -> str:
    return _number(value, locale())


@lru_cache(maxsize=4096)
def _number(value: int, locale: Locale) -> str:
    return format_decimal(value, locale=locale)


@cache
def _decimal_point(locale: Locale) -> str:
    return get_decimal_symbol(locale)


def size(size_bytes: int | None) -> str:
    """Return "1,2 MB"; empty when it is not known."""
    if size_bytes is None:
        return ""
    for unit, name in UNITS:
        if size_bytes >= unit:
            digits = f"{size_bytes / unit:.{int(size_bytes < 10 * unit)}f}".removesuffix(".0")
            return f"{digits.replace('.', _decimal_point(locale()))} {name}"
    return gettext("%(count)s bytes") % {"count": size_bytes}


def money(amount: Decimal) -> str:
    """Return "80,00 €"."""
    return format_currency(amount, "EUR", locale=locale())


def initials(name: str) -> str:
    """Return up to two letters that stand for a person: "MB" for Marta Bellini, "GI" for giulia@."""
    words = [word for word in re.split(r"[\s._@-]+", name) if word[:1].isalnum()]
    letters = words[0][0] + words[1][0] if len(words) > 1 and "@" not in name else "".join(words[:1])[:2]
    return letters.upper()


def folder_name(folder: Folder) -> str:
    """Return what a folder is called on the page: its role's name, whatever the server says."""
    return gettext(ROLE_NAMES[folder.role]) if folder.role else folder.levels[-1]


def in_folder(folder: Folder) -> str:
    """Return where something lies: "in Ricevuti", "nel Cestino"."""
    places = {
        Role.INBOX: gettext("in Inbox"),
        Role.SENT: gettext("in Sent"),
        Role.DRAFTS: gettext("in Drafts"),
        Role.TRASH: gettext("in Trash"),
        Role.JUNK: gettext("in Spam"),
    }
    return places[folder.role] if folder.role else gettext("in “%(folder)s”") % {"folder": folder.levels[-1]}


def restore_state(state: str) -> str:
    """Return what a state of a restore is called."""
    names = {
        "received": gettext("Request received"),
        "taken-on": gettext("Taken on"),
        "running": gettext("Under way"),
        "done": gettext("Completed"),
        "done-in-part": gettext("Completed in part"),
        "failed": gettext("Not done"),
        "refused": gettext("Refused"),
        "cancelled": gettext("Cancelled"),
    }
    return names[state]
