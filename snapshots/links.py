"""Links by day to the snapshots, for a server that finds a night by its date alone (deploy/dovecot)."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from snapshots.accounts import PathTemplate
from snapshots.types import Night


@dataclass(slots=True)
class Links:
    """What became of a directory's links; `taken` are days whose name something of another's has."""

    made: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)


def link_nights(directory: Path, template: PathTemplate, nights: Iterable[Night]) -> Links:
    """Make `directory` hold a link for each night, named by its day, to where accounts begin in its snapshot.

    Links of nights that are gone are removed, and nothing else is. Names of nights must not rotate. Raises: OSError.
    """
    done = Links()
    places = {night.day.isoformat(): _place(template, night) for night in nights}
    for name, place in places.items():
        link = directory / name
        if link.is_symlink() and link.readlink() == place:
            continue
        if os.path.lexists(link) and not _is_ours(link, template.root):
            done.taken.append(name)
            continue
        _point(link, place)
        done.made.append(name)
    for link in directory.iterdir():
        if link.name not in places and _is_ours(link, template.root) and not link.exists():
            link.unlink()
            done.removed.append(link.name)
    return done


def _place(template: PathTemplate, night: Night) -> Path:
    literal = next((place for place, each in enumerate(template.after) if "{" in each), len(template.after))
    return template.root.joinpath(night.name, *template.after[:literal])


def _is_ours(link: Path, root: Path) -> bool:
    """Say whether this is a link by day into these snapshots."""
    try:
        date.fromisoformat(link.name)
        return link.readlink().is_relative_to(root)
    except (ValueError, OSError):
        return False


def _point(link: Path, place: Path) -> None:
    """Let a link point there from one moment to the next, so that nobody finds none."""
    new = link.with_name(f".{link.name}.{os.getpid()}")
    new.symlink_to(place)
    new.replace(link)
