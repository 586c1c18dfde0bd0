"""What programs tell programs, as text that people can read: delivery reports, and what an invitation says."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from django.utils.translation import gettext

from snapshots.body import CALENDAR
from webmail import wording

EVENTS = 20
VALUE_CHARACTERS = 2_000

_FOLD = re.compile(r"\n[ \t]")
_PARAMETERS = r"(?:;[^:;\n\"]{0,200}+(?:\"[^\"\n]{0,200}+\")?){0,10}+"
_PROPERTY = re.compile(rf"^([A-Za-z-]{{1,30}}+){_PARAMETERS}:(.*)$", re.MULTILINE)
_ESCAPE = re.compile(r"\\([nN,;\\])")
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")


def report_text(content_type: str, text: str) -> str:
    """Return a report as text for people; one that says nothing they could read, as it stands."""
    return (_calendar(text) if content_type == CALENDAR else "") or text.strip()


def _calendar(text: str) -> str:
    """Return the events of a calendar, a line for each thing said. Source: RFC 5545."""
    events = list[list[str]]()
    for name, value in _properties(text):
        if name == "BEGIN" and value.upper() in ("VEVENT", "VTODO") and len(events) < EVENTS:
            events.append([])
        elif events and (line := _line(name, value)):
            events[-1].append(line)
    method = _methods().get(next((value.upper() for name, value in _properties(text) if name == "METHOD"), ""), "")
    said = "\n\n".join("\n".join(lines) for lines in events if lines)
    return "\n".join(filter(None, (method, said)))


def _properties(text: str) -> Iterator[tuple[str, str]]:
    for match in _PROPERTY.finditer(_FOLD.sub("", text)):
        yield match[1].upper(), match[2][:VALUE_CHARACTERS].strip()


def _methods() -> dict[str, str]:
    return {
        "REQUEST": gettext("An invitation"),
        "CANCEL": gettext("This event was cancelled"),
        "REPLY": gettext("An answer to an invitation"),
    }


def _line(name: str, value: str) -> str:
    value = _ESCAPE.sub(lambda escape: "\n" if escape[1] in "nN" else escape[1], value)
    match name:
        case "SUMMARY":
            return gettext("What: %(value)s") % {"value": value}
        case "DTSTART":
            return gettext("From: %(value)s") % {"value": _moment(value)}
        case "DTEND" | "DUE":
            return gettext("Until: %(value)s") % {"value": _moment(value)}
        case "LOCATION":
            return gettext("Where: %(value)s") % {"value": value}
        case "ORGANIZER":
            return gettext("Organised by: %(value)s") % {"value": re.sub("^mailto:", "", value, flags=re.IGNORECASE)}
        case "DESCRIPTION":
            return f"\n{value}"
    return ""


def _moment(value: str) -> str:
    """Return when it is: a moment of the service's time zone where the zone is known, else as it was written."""
    found = _MOMENT.fullmatch(value)
    if found is None:
        return value
    year, month, day, hour, minute, zone = found.groups()
    try:
        when = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=UTC)
        if zone:
            return wording.moment(when)
        return f"{wording.full_day(when.date())}, {hour}:{minute}" if hour else wording.full_day(when.date())
    except (ValueError, OverflowError):
        return value
