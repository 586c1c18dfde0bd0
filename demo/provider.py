"""A mail provider with nightly snapshots, made to order: for tests, the demo and the bench alike.

    provider = Provider(tmp_path)
    mailbox = provider.mailbox("giulia@studiorossi.example")
    night = mailbox.night("2026-11-19")
    contract = night.message("Contratto firmato", attachments=[("contratto.pdf", "application/pdf", pdf)])
    mailbox.night("2026-11-20").move(contract, "Cestino")

A night begins as a copy of the mailbox's night before. Everything is written at once, and the same
calls write the same bytes and names.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from demo.fingerprint import fingerprint
from demo.maildir import Message, write_private
from demo.tree import Encoding, Layout, Manner, Tree

__all__ = ["Mailbox", "Message", "Night", "Provider", "Tree", "fingerprint"]

TIME_ZONE = ZoneInfo("Europe/Rome")
STAMP = ".mtm-stamp"
ROTATION = "{n}"


def as_day(day: date | str) -> date:
    return date.fromisoformat(day) if isinstance(day, str) else day


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), TIME_ZONE)


class Night(Tree):
    """A mailbox as one night's snapshot holds it."""

    def __init__(self, path: Path, manner: Manner, *, day: date) -> None:
        super().__init__(path, manner, until=midnight(day))
        self.day = day


class Mailbox:
    """One account: its nights, and its live Maildir."""

    def __init__(self, provider: Provider, manner: Manner) -> None:
        self.provider = provider
        self.manner = manner
        self.by_day: dict[date, Night] = {}
        self._live: Tree | None = None

    @property
    def address(self) -> str:
        return self.manner.address

    def night(self, day: date | str, *, empty: bool = False) -> Night:
        """Return that night, made from the newest night before it unless it exists.

        `empty` begins a new mailbox under the same address, with other GUIDs.
        """
        day = as_day(day)
        if day not in self.by_day:
            self.provider.admit(day)
            night = Night(self.provider.mailbox_path(self.address, day), self.manner, day=day)
            self._fill(night, empty=empty)
            self.by_day[day] = night
        return self.by_day[day]

    def nights(self, first: date | str, last: date | str) -> Iterator[Night]:
        """Yield each night in turn, made when its turn comes: what is done to one is in the next."""
        first, last = as_day(first), as_day(last)
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            yield self.night(date.fromordinal(ordinal))

    def live(self, *, empty: bool = False) -> Tree:
        """Return the live Maildir, made from the newest night unless it exists."""
        if self._live is None:
            newest = max(self.by_day, default=None)
            until = midnight(newest + timedelta(days=1)) if newest else datetime.now(TIME_ZONE)
            self._live = Tree(self.provider.live_path(self.address), self.manner, until=until)
            before = None if empty or newest is None else self.by_day[newest]
            self._begin(self._live, before)
        return self._live

    def _fill(self, night: Night, *, empty: bool) -> None:
        earlier = [day for day in self.by_day if day < night.day]
        self._begin(night, None if empty or not earlier else self.by_day[max(earlier)])

    def _begin(self, tree: Tree, before: Tree | None) -> None:
        if before is None:
            tree.begin()
        else:
            tree.derive(before)


class Provider:
    """A volume of mail below `root`, live under mail/, its snapshots under mail/.snapshot/.

    `snapshot_pattern` is one of MTM_SNAPSHOT_NAMES; with `{n}` nights rotate: the newest is 0, and
    each holds a stamp file, since the name does not tell the day.
    """

    def __init__(self, root: Path, snapshot_pattern: str = "nightly.%Y-%m-%d_0000") -> None:
        self.volume = root / "mail"
        self.snapshot_pattern = snapshot_pattern
        self.mailboxes: dict[str, Mailbox] = {}
        self.names: dict[date, str] = {}
        (self.volume / ".snapshot").mkdir(parents=True, exist_ok=True)

    def mailbox(self, address: str, *, layout: Layout = "maildir++", encoding: Encoding = "mutf7") -> Mailbox:
        """Return the account's mailbox; how it is written is settled the first time."""
        if address not in self.mailboxes:
            self.mailboxes[address] = Mailbox(self, Manner(address, layout, encoding))
        return self.mailboxes[address]

    def settings(self) -> dict[str, str]:
        """Return the environment that makes Mail Time Machine read these snapshots."""
        settings = {
            "MTM_SNAPSHOT_PATH": f"{self.volume}/.snapshot/{{snapshot}}/{{domain}}/{{user}}/Maildir",
            "MTM_SNAPSHOT_NAMES": self.snapshot_pattern,
            "MTM_TIME_ZONE": TIME_ZONE.key,
        }
        return settings | ({"MTM_SNAPSHOT_STAMP": STAMP} if self.rotates else {})

    def live_setting(self) -> dict[str, str]:
        """Return the environment that lets Mail Time Machine list the live mailboxes."""
        return {"MTM_LIVE_PATH": f"{self.volume}/{{domain}}/{{user}}/Maildir"}

    @property
    def rotates(self) -> bool:
        return ROTATION in self.snapshot_pattern

    def snapshot(self, day: date | str) -> Path:
        """Return where that night lies now."""
        return self.volume / ".snapshot" / self.names[as_day(day)]

    def mailbox_path(self, address: str, day: date) -> Path:
        return _maildir(self.snapshot(day), address)

    def live_path(self, address: str) -> Path:
        return _maildir(self.volume, address)

    def rotate(self, *, keep: int = 8) -> date:
        """Let midnight pass: every mailbox of the newest night gets the next one, older than `keep` expire.

        Returns the new night's day.
        """
        newest = max(self.names)
        tonight = newest + timedelta(days=1)
        for mailbox in self.mailboxes.values():
            if newest in mailbox.by_day:
                mailbox.night(tonight)
        for day in [day for day in self.names if (tonight - day).days >= keep]:
            self.lose(day)
        return tonight

    def lose(self, day: date | str) -> None:
        """Remove a night: the backup failed, or it expired."""
        day = as_day(day)
        shutil.rmtree(self.snapshot(day))
        del self.names[day]
        for mailbox in self.mailboxes.values():
            mailbox.by_day.pop(day, None)

    def admit(self, day: date) -> None:
        """Make room for a night; rotating ones move up by one."""
        if day in self.names:
            return
        if self.rotates:
            self._move_up(day)
        self.names[day] = midnight(day).strftime(self.snapshot_pattern).replace(ROTATION, "0")
        self.snapshot(day).mkdir()
        if self.rotates:
            write_private(self.snapshot(day) / STAMP, f"{midnight(day).isoformat()}\n".encode(), mode=0o644)

    def _move_up(self, day: date) -> None:
        if any(day < other for other in self.names):
            raise ValueError(f"{day} cannot go below newer nights: their names rotate")
        prefix, suffix = self.snapshot_pattern.split(ROTATION)
        for other in sorted(self.names):
            index = int(self.names[other].removeprefix(prefix).removesuffix(suffix)) + 1
            self.snapshot(other).rename(self.snapshot(other).with_name(f"{prefix}{index}{suffix}"))
            self.names[other] = f"{prefix}{index}{suffix}"
            self._rebase(other)

    def _rebase(self, day: date) -> None:
        for mailbox in self.mailboxes.values():
            if day in mailbox.by_day:
                mailbox.by_day[day].rebase(self.mailbox_path(mailbox.address, day))


def _maildir(root: Path, address: str) -> Path:
    user, _, domain = address.rpartition("@")
    return root / domain / user / "Maildir"
