"""What is attached to one message, as the entries of an archive."""

from datetime import datetime
from functools import partial
from pathlib import PurePosixPath

from snapshots.mime import Part
from webmail.archives.members import Member, TakenNames
from webmail.opened import Opened, part_name


def members(opened: Opened, received_at: datetime) -> list[Member]:
    """Return one member for each part offered, under its own name; each is decoded once to know its size."""
    taken = TakenNames()
    return [_member(opened, part, taken, received_at) for part in opened.offered]


def _member(opened: Opened, part: Part, taken: TakenNames, received_at: datetime) -> Member:
    name = PurePosixPath(part_name(part))
    size_bytes = sum(map(len, opened.content(part)))
    return Member(_free(name, taken), received_at, size_bytes, partial(opened.content, part))


def _free(name: PurePosixPath, taken: TakenNames) -> str:
    """Take a name, with a number before its ending where another part has it."""
    wanted, number = name.name, 1
    while not taken.take(wanted):
        number += 1
        wanted = f"{name.stem}_{number}{name.suffix}"
    return wanted
