"""What a big mailbox holds on each of its nights, decided before a file is written."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from demo.provider import midnight

YEARS = 6
OUTGOING = {"Posta inviata", "Bozze"}
SHARES = {
    "INBOX": 0.700, "Posta inviata": 0.100, "Bozze": 0.003, "Cestino": 0.020, "Spam": 0.030, "Clienti": 0.040,
    "Clienti/Rossi": 0.040, "Attività 2026": 0.027, "Archivio/2024": 0.040,
}  # fmt: skip
# What happens between two nights in a mailbox of 10,000 messages or more.
ARRIVALS, DELETIONS, MOVES, FLAG_CHANGES, UNSEEN_BY_CLIENTS = 100, 30, 10, 60, 5
FLAGS = ("", "S", "S", "S", "S", "S", "S", "RS", "RS", "FS", "Sa")


@dataclass(frozen=True, slots=True)
class Placed:
    """A message in a folder; without a `uid` it lies in new/, where no client has seen it yet."""

    number: int
    uid: int | None
    flags: str = ""


@dataclass(slots=True)
class Shelf:
    """One folder of one night. Numbers are in order of arrival in it."""

    placed: dict[int, Placed] = field(default_factory=dict)
    next_uid: int = 1

    def add(self, number: int, flags: str) -> None:
        self.placed[number] = Placed(number, self.next_uid, flags)
        self.next_uid += 1

    def copy(self) -> "Shelf":
        return Shelf(dict(self.placed), self.next_uid)


@dataclass(slots=True)
class PlannedNight:
    """A night's folders, and what changed since the night before."""

    day: date
    shelves: dict[str, Shelf]
    arrived: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    moved: list[tuple[int, str, str]] = field(default_factory=list)
    flagged: list[int] = field(default_factory=list)


class Plan:
    """Decides for a mailbox whose newest night holds just so many messages."""

    def __init__(self, seed: str, *, messages: int, nights: int, last_day: date) -> None:
        self.chance = random.Random(f"{seed}:plan")
        scale = min(1.0, messages / 10_000)
        self.arrivals, self.deletions, self.moves, self.flag_changes = (
            max(1, int(count * scale)) for count in (ARRIVALS, DELETIONS, MOVES, FLAG_CHANGES)
        )
        self.days = [last_day - timedelta(days=back) for back in reversed(range(nights))]
        self.received_seconds: list[int] = []
        self.birthplaces: list[str] = []
        first = messages - (nights - 1) * (self.arrivals - self.deletions)
        if first < self.deletions + self.moves:
            raise ValueError(f"{messages} messages are too few for {nights} nights")
        self.nights = list(self._nights(first))

    def _nights(self, first: int) -> Iterator[PlannedNight]:
        night = self._first_night(first)
        yield night
        for day in self.days[1:]:
            night = self._next_night(night, day)
            yield night

    def _first_night(self, count: int) -> PlannedNight:
        night = PlannedNight(self.days[0], {folder: Shelf() for folder in SHARES})
        end = int(midnight(self.days[0]).timestamp())
        moments = sorted(end - 1 - int(YEARS * 365 * 86400 * self.chance.random()) for _ in range(count))
        for moment, folder in zip(moments, self._folders(count), strict=True):
            night.shelves[folder].add(self._born(moment, folder), self.chance.choice(FLAGS))
        return night

    def _next_night(self, before: PlannedNight, day: date) -> PlannedNight:
        night = PlannedNight(day, {folder: shelf.copy() for folder, shelf in before.shelves.items()})
        _take_in(night)
        self._delete(night)
        self._move(night)
        self._flag(night)
        self._arrive(night)
        return night

    def _arrive(self, night: PlannedNight) -> None:
        end = int(midnight(night.day).timestamp())
        moments = sorted(end - 1 - int(86400 * self.chance.random()) for _ in range(self.arrivals))
        folders = self._folders(self.arrivals - UNSEEN_BY_CLIENTS) + ["INBOX"] * UNSEEN_BY_CLIENTS
        for moment, folder in zip(moments, folders[-self.arrivals :], strict=True):
            night.arrived.append(self._born(moment, folder))
            night.shelves[folder].add(night.arrived[-1], "S" if folder in OUTGOING else "")
        for number in night.arrived[-UNSEEN_BY_CLIENTS:]:
            _put_back_to_new(night.shelves["INBOX"], number)

    def _delete(self, night: PlannedNight) -> None:
        for folder, number in self._draw(night, self.deletions, ("INBOX", "INBOX", "Cestino", "Spam")):
            del night.shelves[folder].placed[number]
            night.deleted.append(number)

    def _move(self, night: PlannedNight) -> None:
        for folder, number in self._draw(night, self.moves, ("INBOX",)):
            target = self.chance.choice(("Cestino", "Clienti", "Clienti/Rossi"))
            flags = night.shelves[folder].placed.pop(number).flags
            night.shelves[target].add(number, flags)
            night.moved.append((number, folder, target))

    def _flag(self, night: PlannedNight) -> None:
        for folder, number in self._draw(night, self.flag_changes, ("INBOX", "Clienti")):
            placed = night.shelves[folder].placed
            flags = "".join(sorted({*placed[number].flags} ^ {self.chance.choice("SF")}))
            placed[number] = replace(placed[number], flags=flags)
            night.flagged.append(number)

    def _draw(self, night: PlannedNight, count: int, folders: tuple[str, ...]) -> list[tuple[str, int]]:
        """Pick different messages, from folders that have some left."""
        drawn: dict[int, str] = {}
        numbers = {folder: list(night.shelves[folder].placed) for folder in folders}
        while len(drawn) < count:
            folder = self.chance.choice([folder for folder in folders if numbers[folder]])
            drawn.setdefault(self.chance.choice(numbers[folder]), folder)
        return [(folder, number) for number, folder in drawn.items()]

    def _folders(self, count: int) -> list[str]:
        return self.chance.choices(list(SHARES), list(SHARES.values()), k=max(0, count))

    def _born(self, moment: int, folder: str) -> int:
        self.received_seconds.append(moment)
        self.birthplaces.append(folder)
        return len(self.birthplaces) - 1


def _take_in(night: PlannedNight) -> None:
    """A client saw what lay in new/: it is listed now."""
    shelf = night.shelves["INBOX"]
    for placed in [placed for placed in shelf.placed.values() if placed.uid is None]:
        shelf.add(placed.number, placed.flags)


def _put_back_to_new(shelf: Shelf, number: int) -> None:
    if number in shelf.placed:
        shelf.placed[number] = Placed(number, None)
        shelf.next_uid -= 1
