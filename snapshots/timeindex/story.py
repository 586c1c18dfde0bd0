"""One message's way through the days."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from snapshots.calendar import Day, DayState
from snapshots.catalogue import Fate
from snapshots.errors import MessageNotFound
from snapshots.history import NightState, Presence, Story, StoryDay
from snapshots.timeindex.fates import fates_of, has_index
from snapshots.timeindex.folders import folder_on
from snapshots.timeindex.nights import counted_days, listed_days
from snapshots.timeindex.schema import NOW
from snapshots.types import Folder, digest_of_token, token_of

_SAID = "(guid = :token AND ordinal = 0) OR twin = :token"
_IN_FOLDER = (
    f"SELECT message.id FROM message JOIN placement ON message = message.id WHERE ({_SAID})"
    " ORDER BY folder = (SELECT id FROM folder WHERE name = :folder) DESC, last DESC LIMIT 1"
)
_STAYS = "SELECT message, id, folder, first, last FROM placement WHERE first < :now AND message IN ({}) ORDER BY first"
_KIN = (
    "SELECT kin.id FROM message JOIN message AS kin ON kin.guid = message.guid WHERE message.id = :message",
    "SELECT kin.id FROM message JOIN message AS kin ON kin.header_id = message.header_id"
    " AND kin.size_bytes = message.size_bytes WHERE message.id = :message AND message.header_id IS NOT NULL",
)


@dataclass(frozen=True, slots=True)
class Stay:
    """One placement of the message, or of what it was renamed to."""

    message: int
    id: int
    folder: int
    first: int
    last: int


def story(
    database: sqlite3.Connection, offered: Sequence[Day], message_id: str, folder: Folder | None, until: int | None
) -> Story:
    """Return a message's story over the offered days, and what became of it until the night `until`.

    Raises: MessageNotFound.
    """
    stays = _stays(database, message_id, folder)
    if not stays:
        raise MessageNotFound
    teller = Teller(database, stays)
    days = [teller.told(day) for day in offered]
    seen = max((each.day.toordinal() for each in days if each.presence is Presence.PRESENT), default=None)
    return Story(days, _fate(database, teller, seen, until))


def _fate(database: sqlite3.Connection, teller: "Teller", seen: int | None, until: int | None) -> Fate | None:
    """Return what became of the message after the last day that shows it: nothing, where one copy stayed."""
    if seen is None or until is None or seen >= until:
        return None
    ids = [stay.id for stay in teller.covering(seen)]
    fates = fates_of(database, seen, until, ids)
    return fates[ids[0]] if len(fates) == len(ids) else None


def _stays(database: sqlite3.Connection, message_id: str, folder: Folder | None) -> list[Stay]:
    """Return where the message lay, and under other names, for as long as it had not two at once."""
    asked = {"token": digest_of_token(message_id), "folder": folder.name if folder else None}
    found = database.execute(_IN_FOLDER, asked).fetchone()
    if found is None:
        return []
    values = {"message": found[0], "now": NOW}
    stays = [Stay(*row) for row in database.execute(_STAYS.format(":message"), values)]
    for kin in _KIN if has_index(database, "by_header_id") else _KIN[:1]:
        by_message: dict[int, list[Stay]] = defaultdict(list)
        for row in database.execute(_STAYS.format(kin), values):
            by_message[row[0]].append(Stay(*row))
        for others in by_message.values():
            if not any(other.first < stay.last and stay.first < other.last for other in others for stay in stays):
                stays += others
    return stays


class Teller:
    """Tells what the index knows of a message on one day after the other."""

    def __init__(self, database: sqlite3.Connection, stays: Sequence[Stay]) -> None:
        self._database = database
        self._stays = stays
        self._states = dict(database.execute("SELECT day, state FROM night"))
        self._counted = set(counted_days(database))
        self._listed = listed_days(database)

    def told(self, day: Day) -> StoryDay:
        """Return one day of the story."""
        ordinal = day.day.toordinal()
        stays = self.covering(ordinal)
        if not stays:
            return StoryDay(day.day, self._absence(day))
        folders = [folder_on(self._database, stay.folder, ordinal) for stay in stays]
        return StoryDay(day.day, Presence.PRESENT, folders, self._id(stays[0]))

    def _id(self, stay: Stay) -> str:
        guid = "SELECT coalesce(twin, guid) FROM message WHERE id = ?"
        return token_of(self._database.execute(guid, (stay.message,)).fetchone()[0])

    def covering(self, day: int) -> list[Stay]:
        return [stay for stay in self._stays if stay.first <= day < stay.last and day in self._listed[stay.folder]]

    def _absence(self, day: Day) -> Presence:
        ordinal = day.day.toordinal()
        state = self._states.get(ordinal)
        if not day.nights:
            return Presence.MISSING if day.state is DayState.MISSING else Presence.PENDING
        if state in (NightState.ABSENT, NightState.LOCKED):
            return Presence(state)
        if ordinal not in self._counted:
            return Presence.PENDING
        first = min(self._stays, key=lambda stay: stay.first)
        if any(stay.first <= ordinal < stay.last for stay in self._stays):
            return Presence.UNREADABLE
        if ordinal >= first.first:
            return Presence.GONE
        return Presence.UNREADABLE if self._is_unreadable(first.folder, ordinal) else Presence.NOT_YET

    def _is_unreadable(self, folder: int, day: int) -> bool:
        """Whether the folder was there and could not be read, so that nobody knows if it held the message."""
        unreadable = "SELECT 1 FROM folder_night WHERE folder = ? AND day = ? AND state = 'unreadable'"
        return self._database.execute(unreadable, (folder, day)).fetchone() is not None
