"""What is known across the nights when a page is made: gone mail, the state of each night, how far the index is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from access.mailboxes import open_history, required_reader
from access.readers import Owner
from snapshots.errors import EngineError
from snapshots.history import History, NightSummary, Reference, Stage
from webmail import wording


@dataclass(frozen=True, slots=True)
class Past:
    """All of it at one moment; empty while there is no index. What is not known is not there, never 0.

    `percent` is how far the index is: None when it is complete, and for an operator, whose grant is for one night.

    `gone_counts` is empty where a program collects the mail by POP3: what leaves then is no loss.
    """

    gone_counts: Mapping[date, int] = field(default_factory=dict)
    reference: Reference | None = None
    percent: int | None = 0
    nights: Mapping[date, NightSummary] = field(default_factory=dict)


def past_of(request: HttpRequest) -> Past:
    """Return what the index knows; nothing where it cannot be asked, for the pages stand without it."""
    try:
        history = open_history(request)
        if history is None:
            return Past(percent=_percent_of_none(request))
        with history:
            return Past(
                gone_counts={} if history.is_pop3_pattern() else history.gone_counts(),
                reference=history.reference(),
                percent=_percent(history),
                nights={night.day: night for night in history.nights()},
            )
    except EngineError:
        return Past()


def percent_of(request: HttpRequest) -> int | None:
    """Return how far an owner's index is; None when it is complete. Raises: EngineTimeout, EngineUnavailable."""
    history = open_history(request)
    if history is None:
        return _percent_of_none(request)
    with history:
        return _percent(history)


def _percent_of_none(request: HttpRequest) -> int | None:
    return 0 if isinstance(required_reader(request), Owner) else None


def _percent(history: History) -> int | None:
    stage = history.stage()
    if stage is not Stage.HEADS:
        return 0 if stage is Stage.NAMES else None
    progress = history.progress()
    return 100 * progress.heads_done // max(1, progress.heads_total)


def progress_context(percent: int | None, *, is_silent: bool = False) -> dict[str, Any]:
    """Return what the band says of an index that is being made, and where its page asks again.

    `is_silent`: the storage did not answer, and `percent` is how far the index was before.
    """
    silence = gettext(
        "The storage that holds the copies does not answer just now: they are prepared as soon as it does."
    )
    done = gettext("Counts and search are complete now.")
    going_on = gettext("Copies being prepared: %(percent)s%%.") % {"percent": percent}
    asked_again = f"?before={percent}{'&silent' if is_silent else ''}"
    return {
        "percent": percent,
        "sentence": done if percent is None else silence if is_silent else going_on,
        "refresh_url": "" if percent is None else reverse("webmail:progress") + asked_again,
    }


def compared_with(reference: Reference) -> str:
    """Return "compared with Saturday 21", or with now."""
    if reference.day:
        return gettext("compared with %(day)s") % {"day": wording.weekday_and_number(reference.day)}
    if reference.moment:
        return gettext("compared with now, %(time)s") % {"time": wording.clock_time(reference.moment)}
    return ""


def gone_since(past: Past, day: date) -> str:
    """Return "6 messages gone since"; empty while that is not known, and for the night that is compared with."""
    count = past.gone_counts.get(day)
    if count is None or past.reference is None or past.reference.day == day:
        return ""
    if count == 0:
        return gettext("Nothing is gone since")
    return ngettext("%(count)s message gone since", "%(count)s messages gone since", count) % {
        "count": wording.number(count)
    }


def band_context(past: Past, day: date) -> dict[str, Any]:
    """Return what the band says of the night shown, beside its date."""
    night = past.nights.get(day)
    return {
        "gone_sentence": gone_since(past, day),
        "gone_url": reverse("webmail:gone", args=[day]),
        "compared": compared_with(past.reference) if past.reference else "",
        "progress": None if past.percent is None else progress_context(past.percent),
        "about": night_lines(night) if night else [],
    }


def night_lines(night: NightSummary) -> list[tuple[str, str]]:
    """Return label and value of what is known of one night."""
    lines = [
        (gettext("Taken"), wording.moment(night.taken_at) if night.taken_at else ""),
        (gettext("Messages"), wording.number(night.messages) if night.messages is not None else ""),
        (gettext("Size"), wording.size(night.size_bytes)),
        (gettext("Since the night before"), _change(night)),
        (gettext("Folders that could not be read"), ", ".join(map(wording.folder_name, night.unreadable))),
        (gettext("Kept until"), wording.long_day(night.last_offered)),
    ]
    return [(label, value) for label, value in lines if value]


def _change(night: NightSummary) -> str:
    if night.added is None or night.removed is None:
        return ""
    counts = {"added": wording.number(night.added), "removed": wording.number(night.removed)}
    return gettext("%(added)s came, %(removed)s left") % counts
