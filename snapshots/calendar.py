"""Snapshot names ↔ days.

A pattern says when a snapshot was taken: `nightly.%Y-%m-%d_%H%M`, or, for names that rotate, `nightly.{n}`
with 0 the newest. `*` stands for anything; the whole name must match. The day a snapshot stands for is
that moment's date in the service's time zone.
"""

import enum
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from snapshots.errors import EngineUnavailable
from snapshots.types import Night

FIELDS = {
    "%Y": "(?P<Y>[0-9]{4})",
    "%m": "(?P<m>[0-9]{2})",
    "%d": "(?P<d>[0-9]{2})",
    "%H": "(?P<H>[0-9]{2})",
    "%M": "(?P<M>[0-9]{2})",
    "%S": "(?P<S>[0-9]{2})",
    "{n}": "(?P<n>[0-9]{1,4})",
    "*": ".*?",
}
TOKEN = re.compile("|".join(re.escape(field) for field in FIELDS))
ROTATION_MARGIN = timedelta(minutes=10)


class BadPattern(ValueError):
    """A name pattern that cannot tell a day, with the reason in words."""


@dataclass(frozen=True, slots=True)
class NamePattern:
    """One pattern of snapshot names."""

    text: str
    expression: re.Pattern[str]

    @classmethod
    def parse(cls, text: str) -> "NamePattern":
        """Read a pattern. Raises: BadPattern."""
        literals, fields = TOKEN.split(text), TOKEN.findall(text)
        source = re.escape(literals[0])
        for field, literal in zip(fields, literals[1:], strict=True):
            source += FIELDS[field] + re.escape(literal)
        try:
            expression = re.compile(source)
        except re.error as error:
            raise BadPattern(f"{text}: each field may stand only once") from error
        if not {"Y", "m", "d"} <= set(expression.groupindex) and "n" not in expression.groupindex:
            raise BadPattern(f"{text}: needs %Y, %m and %d, or {{n}}")
        return cls(text, expression)

    @property
    def rotates(self) -> bool:
        return "n" in self.expression.groupindex

    def match(self, name: str) -> dict[str, int] | None:
        """Return the numbers in a name, None when it is not of this pattern."""
        found = self.expression.fullmatch(name)
        return {key: int(text) for key, text in found.groupdict().items()} if found else None


StampReader = Callable[[str], datetime | None]
"""Reads the stamp file inside the snapshot of that name: the moment it was taken, None where there is none."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates snapshots by their names.

    `zone` is where names keep their time, `service_zone` where days begin. `rotates_at` is when `{n}` = 0
    is made. With `day_shift` 1 a snapshot taken before midnight stands for the day that follows.
    """

    patterns: tuple[NamePattern, ...]
    zone: tzinfo
    service_zone: tzinfo
    rotates_at: time = time(0, 0)
    day_shift: int = 0

    def today(self, now: datetime) -> date:
        return now.astimezone(self.service_zone).date()

    def nights(self, names: Iterable[str], now: datetime, stamp_of: StampReader, *, volume: int = 0) -> list[Night]:
        """Return one night a day, oldest first: of several, the one nearest to that day's midnight.

        Raises: EngineUnavailable while names without a stamp are rotating, since they could be of either day.
        """
        found = [
            Night(day=self.day(taken_at), taken_at=taken_at, name=name, volume=volume)
            for name in names
            if (taken_at := self.taken_at(name, now, stamp_of))
        ]
        found.sort(key=lambda night: night.taken_at, reverse=not self.day_shift)
        by_day = {night.day: night for night in found}
        return [by_day[day] for day in sorted(by_day)]

    def day(self, taken_at: datetime) -> date:
        return taken_at.astimezone(self.service_zone).date() + timedelta(days=self.day_shift)

    def taken_at(self, name: str, now: datetime, stamp_of: StampReader) -> datetime | None:
        """Return when the snapshot of that name was taken (aware, UTC); None when no pattern knows it."""
        for pattern in self.patterns:
            numbers = pattern.match(name)
            if numbers is None:
                continue
            if pattern.rotates:
                return stamp_of(name) or self._by_index(numbers["n"], now)
            return self._by_name(numbers)
        return None

    def midnight(self, day: date) -> datetime:
        """Return when a day begins."""
        return datetime.combine(day, time(), self.service_zone)

    def rotates(self, name: str) -> bool:
        """Tell whether a name may stand for another night tomorrow."""
        return any(pattern.rotates for pattern in self.patterns if pattern.match(name) is not None)

    def _by_name(self, numbers: dict[str, int]) -> datetime | None:
        fields = [numbers.get(key, 0) for key in "YmdHMS"]
        try:
            return datetime(*fields, tzinfo=self.zone).astimezone(UTC)  # type: ignore[arg-type, misc]
        except ValueError:  # 31 February
            return None

    def _by_index(self, index: int, now: datetime) -> datetime:
        local = now.astimezone(self.zone)
        newest = datetime.combine(local.date(), self.rotates_at, self.zone)
        if any(abs(local - newest - timedelta(days=days)) < ROTATION_MARGIN for days in (-1, 0, 1)):
            raise EngineUnavailable("The snapshots' names are rotating just now")
        if newest > local:
            newest -= timedelta(days=1)
        return (newest - timedelta(days=index)).astimezone(UTC)


class DayState(enum.StrEnum):
    """What can be said of a day before anyone's mailbox is opened."""

    AVAILABLE = "available"
    MISSING = "missing"
    PREPARING = "preparing"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the rail, its nights (two only where two volumes hold the account), and if it is their last."""

    day: date
    state: DayState
    nights: tuple[Night, ...] = ()
    expires_tonight: bool = False


def offered_days(nights: Iterable[Night], today: date, days: int) -> list[Day]:
    """Return today and the `days` days before it, oldest first, each with its state."""
    by_day: dict[date, list[Night]] = {}
    for night in nights:
        by_day.setdefault(night.day, []).append(night)
    oldest = today - timedelta(days=days)
    offered = []
    for day in (oldest + timedelta(days=offset) for offset in range(days + 1)):
        absent = DayState.PREPARING if day == today else DayState.MISSING
        state = DayState.AVAILABLE if day in by_day else absent
        offered.append(Day(day, state, tuple(by_day.get(day, ())), expires_tonight=day == oldest and day in by_day))
    return offered
