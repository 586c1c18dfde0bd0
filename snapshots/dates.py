"""The Date header → an aware UTC datetime, or None where it is not plain."""

import email.utils
import re
from datetime import UTC, datetime, timedelta, timezone

_PLAIN = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d\d?):(\d\d)(?::(\d\d))?"
    r"\s+(?:([+-])(\d\d)(\d\d)|GMT|UTC?|Z)(?:\s*\(.*)?"
)
_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split(), start=1)}
_HALF_DAY = re.compile(r"\b(1[0-2]|0?[1-9])(:\d\d(?::\d\d)?) ?([AP])M\b", re.IGNORECASE)
_LONGEST = 200
_FIRST_YEAR = 1970
# The calendar's first and last year may end within another time zone, where the moment is to be shown.
_SHOWN_YEARS = range(2, 9999)


def parse(text: str) -> datetime | None:
    """Return the moment a Date header means; one without a zone counts as UTC."""
    if not text or len(text) > _LONGEST:
        return None
    plain = _PLAIN.fullmatch(text)
    try:
        moment = _plain(plain) if plain else _lenient(text)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return moment if moment and moment.year in _SHOWN_YEARS else None


def _plain(match: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    day_of_year = int(year), _MONTHS.get(month.lower(), 0), int(day)
    moment = datetime(*day_of_year, int(hour), int(minute), min(int(second or 0), 59), tzinfo=UTC)
    if not sign:
        return moment
    ahead = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    return moment - ahead if sign == "+" else moment + ahead


def _lenient(text: str) -> datetime | None:
    parsed = email.utils.parsedate_tz(_HALF_DAY.sub(_whole_day, text))
    if parsed is None:
        return _iso(text)
    year, month, day, hour, minute, second = parsed[:6]
    if year < _FIRST_YEAR:
        return _iso(text)
    zone = timezone(timedelta(seconds=parsed[9] or 0))
    local = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
    return local.astimezone(UTC)


def _whole_day(clock: re.Match[str]) -> str:
    """Return the time on a clock of twelve hours as one of twenty-four."""
    hour = int(clock[1]) % 12 + 12 * (clock[3] in "pP")
    return f"{hour:02}{clock[2]}"


def _iso(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
