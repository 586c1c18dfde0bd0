"""`manage.py snapshots [ACCOUNT]`: which nights there are, and what an account's mailbox holds on each."""

import math
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from snapshots import configured
from snapshots.accounts import BadAddress
from snapshots.engines.imap.engine import NOBODY
from snapshots.engines.volumes import Volume
from snapshots.errors import SnapshotError
from snapshots.history import NightSummary
from snapshots.links import link_nights
from snapshots.timeindex.builder import build
from snapshots.timeindex.past import open_history
from snapshots.timeindex.store import IndexFile
from snapshots.types import Account

Line = Sequence[str]
MEBIBYTE = 1 << 20


class Command(BaseCommand):
    help = "List the nights and their state; with an account, what its mailbox holds on each, read anew; or link them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", nargs="?", help="the mailbox's address")
        parser.add_argument(
            "--link",
            type=Path,
            metavar="DIRECTORY",
            help="keep a link by day to each night there, for a Dovecot that serves snapshots; for a timer",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["link"]:
            self._link(options["link"].absolute())
            return
        try:
            text = options["account"]
            lines = _of_account(configured.address_book().account(text)) if text else _of_platform()
        except BadAddress as error:
            raise CommandError(f"{text} is no account's address") from error
        except SnapshotError as error:
            raise CommandError(str(error)) from error
        for line in _aligned(lines):
            self.stdout.write(line)

    def _link(self, directory: Path) -> None:
        volume = _linkable_volume(directory)
        try:
            done = link_nights(directory, volume.template, volume.nights(NOBODY))
        except (OSError, SnapshotError) as error:
            raise CommandError(str(error)) from error
        for verb, names in (("linked", done.made), ("removed", done.removed)):
            for name in sorted(names):
                self.stdout.write(f"{verb} {name}")
        if done.taken:
            raise CommandError(f"not made, for something else has that name: {', '.join(sorted(done.taken))}")


def _linkable_volume(directory: Path) -> Volume:
    """Return the volume whose nights have one place and one name for ever. Raises: CommandError."""
    volumes = configured.volumes()
    if len(volumes) != 1 or not volumes[0].is_shared:
        raise CommandError("links by day need one MTM_SNAPSHOT_PATH, in which all accounts' snapshots lie together")
    if any("{n}" in text for text in settings.MTM_SNAPSHOT_NAMES):
        raise CommandError("names with {n} rotate: a link to one would show another night tomorrow")
    if directory.resolve().is_relative_to(volumes[0].template.root.resolve()):
        raise CommandError("nothing is ever written in the snapshots: name a directory outside them")
    return volumes[0]


def _of_platform() -> list[Line]:
    lines: list[Line] = [("day", "state", "taken", "snapshot")]
    for day in configured.archive().days():
        nights = [(_moment(night.taken_at), night.name) for night in day.nights] or [("-", "-")]
        state = "expires tonight" if day.expires_tonight else day.state.value
        lines += [(day.day.isoformat(), state, taken, name) for taken, name in nights]
    return lines


def _of_account(account: Account) -> list[Line]:
    """Return what an index made for the occasion tells: of every night, whoever may open it."""
    archive = configured.archive()
    with tempfile.TemporaryDirectory() as directory:
        build(account, None, archive, Path(directory), budget_seconds=math.inf)
        file, days = IndexFile.of(Path(directory), account, None), archive.days(account)
        history = open_history(file, days, offered_days=settings.MTM_DAYS, offers_text=False)
        if history is None:
            raise CommandError("The nights could not be read")
        with history:
            nights = [_night(night) for night in history.nights()]
    return [("day", "state", "taken", "messages", "MiB", "came", "left", "offered until", "unreadable"), *nights]


def _night(night: NightSummary) -> Line:
    return (
        night.day.isoformat(),
        night.state.value,
        _moment(night.taken_at) if night.taken_at else "-",
        _number(night.messages),
        "-" if night.size_bytes is None else f"{night.size_bytes / MEBIBYTE:.1f}",
        _number(night.added),
        _number(night.removed),
        night.last_offered.isoformat(),
        ", ".join(folder.name for folder in night.unreadable) or "-",
    )


def _number(number: int | None) -> str:
    return "-" if number is None else str(number)


def _moment(moment: datetime) -> str:
    return timezone.localtime(moment).isoformat(sep=" ", timespec="minutes")


def _aligned(lines: Sequence[Line]) -> Iterable[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
