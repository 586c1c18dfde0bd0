"""The days as they are shown: rail tabs, login cards, neighbours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from access.mailboxes import newest_day
from snapshots.calendar import Day, DayState
from webmail import wording


@dataclass(frozen=True, slots=True)
class DayTab:
    """One day, every word of it finished."""

    day: date
    url: str
    number: str
    weekday: str
    label: str
    long: str
    month: str
    status: str
    says: str
    card_status: str
    submit: str
    loading: str
    icon: str
    is_counted: bool
    is_available: bool
    is_chosen: bool

    @property
    def iso(self) -> str:
        return self.day.isoformat()


@dataclass(frozen=True, slots=True)
class Rail:
    """The rail: all days, and the available ones on either side of the chosen one."""

    tabs: list[DayTab]
    previous: DayTab | None
    next: DayTab | None


def day_rail(
    days: list[Day], chosen: date | None, *, today: date, tail: str = "", gone: Mapping[date, int] | None = None
) -> Rail:
    """Return the rail of a page; `tail` follows the day in each link, so that folder and message stay open.

    `gone` counts, for the days it is known of, the messages that are gone since.
    """
    tabs = day_tabs(days, chosen, today=today, tail=tail, gone=gone)
    available = [tab for tab in tabs if tab.is_available]
    before = [tab for tab in available if chosen and tab.day < chosen]
    after = [tab for tab in available if chosen and tab.day > chosen]
    return Rail(tabs, before[-1] if before else None, after[0] if after else None)


def day_tabs(
    days: list[Day], chosen: date | None, *, today: date, tail: str = "", gone: Mapping[date, int] | None = None
) -> list[DayTab]:
    newest = newest_day(days)
    counts = gone or {}
    return [
        _tab(day, tail, today=today, newest=newest, is_chosen=day.day == chosen, gone=counts.get(day.day, 0))
        for day in days
    ]


def _tab(day: Day, tail: str, *, today: date, newest: date | None, is_chosen: bool, gone: int) -> DayTab:
    status, icon = day_status(day, newest)
    is_counted = bool(gone) and day.state is DayState.AVAILABLE and day.day != newest
    long = wording.long_day(day.day)
    relative = {0: gettext("today"), 1: gettext("yesterday")}.get((today - day.day).days, "")
    short = wording.short_day(day.day)
    return DayTab(
        day=day.day,
        url=reverse("webmail:mailbox", args=[day.day]) + tail,
        number=str(day.day.day),
        weekday=gettext("today") if day.day == today else wording.weekday(day.day),
        label=f"{relative}, {short}" if relative else short,
        long=long,
        month=wording.month(day.day),
        status=_gone_words(gone) if is_counted else status,
        says=_sentence(gone, status) if is_counted else "",
        card_status=status or gettext("Available"),
        submit=gettext("Open the copy of %(day)s") % {"day": short},
        loading=gettext("Loading the copy of %(day)s…") % {"day": wording.weekday_and_number(day.day)},
        icon="mail-x" if is_counted else icon,
        is_counted=is_counted,
        is_available=day.state is DayState.AVAILABLE,
        is_chosen=is_chosen,
    )


def _gone_words(gone: int) -> str:
    return ngettext("%(count)s gone", "%(count)s gone", gone) % {"count": wording.number(gone)}


def _sentence(gone: int, status: str) -> str:
    """Return what the count means, and the state of the day that it stands in place of."""
    words = ngettext("%(count)s message gone since", "%(count)s messages gone since", gone)
    return ", ".join(filter(None, (words % {"count": wording.number(gone)}, status)))


def day_status(day: Day, newest: date | None) -> tuple[str, str]:
    """Return a day's word of state, and the icon beside it."""
    if day.state is DayState.MISSING:
        return gettext("Missing"), "calendar-x"
    if day.state is DayState.PREPARING:
        return gettext("Not ready yet"), "hourglass"
    if day.day == newest:
        return gettext("Latest copy"), "check"
    return (gettext("Expires tonight"), "clock-alert") if day.expires_tonight else ("", "")
