"""The folders of a night as the index knows them."""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from snapshots.timeindex.packing import unpacked
from snapshots.types import Folder, FolderState, Role

_COLUMNS = "folder, name, delimiter, role, subscribed, state, handle"


def folders_on(database: sqlite3.Connection, day: int) -> dict[int, Folder]:
    """Return a night's folders by the index's own id, in the order the night lists them."""
    found = database.execute(
        f"SELECT {_COLUMNS} FROM folder_night JOIN folder ON id = folder WHERE day = ? ORDER BY place",
        (day,),
    )
    return {id_: _folder(values) for id_, *values in found}


def unreadable_folders(database: sqlite3.Connection) -> dict[int, list[Folder]]:
    """Return for each night that has any the folders that could not be read, in the order it lists them."""
    found = database.execute(
        f"SELECT day, {_COLUMNS} FROM folder_night JOIN folder ON id = folder WHERE state = ? ORDER BY day, place",
        (FolderState.UNREADABLE,),
    )
    unreadable: dict[int, list[Folder]] = defaultdict(list)
    for day, _, *values in found:
        unreadable[day].append(_folder(values))
    return unreadable


def all_folders(database: sqlite3.Connection) -> list[Folder]:
    """Return every folder of any night, those of the newest night first, in the order it lists them."""
    found = database.execute(
        f"SELECT {_COLUMNS} FROM folder_night AS at JOIN folder ON id = folder"
        " WHERE day = (SELECT max(day) FROM folder_night WHERE folder = at.folder) ORDER BY day DESC, place"
    )
    return [_folder(values) for _, *values in found]


def folder_on(database: sqlite3.Connection, folder: int, day: int) -> Folder:
    """Return one folder as it was that night, or else on the last night that held it."""
    _, *values = database.execute(
        f"SELECT {_COLUMNS} FROM folder_night JOIN folder ON id = folder"
        " WHERE folder = ? ORDER BY day <= ? DESC, abs(day - ?) LIMIT 1",
        (folder, day, day),
    ).fetchone()
    return _folder(values)


def _folder(values: Sequence[object]) -> Folder:
    name, delimiter, role, subscribed, state, handle = values
    return Folder(
        name=str(name),
        delimiter=str(delimiter),
        role=Role(str(role)) if role else None,
        subscribed=bool(subscribed),
        state=FolderState(str(state)),
        handle=unpacked(bytes(handle)),  # type: ignore[call-overload]
    )
