"""The big mailbox the bench reads: made once, kept in `.bench/`, and dated anew when a day has passed."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.generate import Order, generate
from demo.provider import TIME_ZONE, Provider
from snapshots.accounts import PathTemplate, parse_address
from snapshots.archive import Archive
from snapshots.calendar import Calendar, NamePattern
from snapshots.engines.deadline import Guard
from snapshots.engines.imap import ImapEngine, SnapshotServer
from snapshots.engines.maildir import MaildirEngine
from snapshots.engines.volumes import Volume, utc_now
from snapshots.types import Account

HEAVY_ADDRESS = "pesante@grande.example"
HEAVY_BYTES = 20_000_000
LINE_GROWTH = 77 / 57  # Base64 makes 77 bytes with their line end of 57.
CODE = ("generate.py", "plan.py", "sources.py", "words.toml", "mailbox.py")
SNAPSHOT = "nightly.%Y-%m-%d_0000"


@dataclass(frozen=True, slots=True)
class BigMailbox:
    """A made provider with the big mailbox and one that holds a single message of 20 MB."""

    root: Path
    manifest: dict[str, Any]

    @property
    def account(self) -> Account:
        return parse_address(str(self.manifest["address"]))

    @property
    def heavy_account(self) -> Account:
        return parse_address(HEAVY_ADDRESS)

    @property
    def days(self) -> list[date]:
        return [date.fromisoformat(night["day"]) for night in self.manifest["nights"]]

    @property
    def newest_day(self) -> date:
        return self.days[-1]

    @property
    def inbox_total(self) -> int:
        return int(self.manifest["nights"][-1]["folders"]["INBOX"])

    @property
    def inbox_path(self) -> Path:
        return self.maildir_path(self.newest_day)

    def maildir_path(self, day: date) -> Path:
        return _snapshot(self.root, day) / self.account.domain / self.account.user / "Maildir"

    @property
    def settings(self) -> dict[str, str]:
        """The environment that makes the site read these snapshots and offer all their nights."""
        return Provider(self.root).settings() | {"MTM_DAYS": str(max(1, len(self.days) - 1))}

    def archive(self, *, indexes: Path | None = None, over: SnapshotServer | None = None) -> Archive:
        """Return an archive over these snapshots that has read nothing yet; `over` a server that serves them."""
        settings = self.settings
        calendar = Calendar((NamePattern.parse(settings["MTM_SNAPSHOT_NAMES"]),), TIME_ZONE, TIME_ZONE)
        template = PathTemplate.parse(settings["MTM_SNAPSHOT_PATH"])
        volume = Volume(template, calendar, Guard("bench"))
        days = int(settings["MTM_DAYS"])
        engine = ImapEngine(over, calendar, days=days, volumes=[volume]) if over else MaildirEngine([volume])
        return Archive(engine, calendar, days=days, clock=utc_now, indexes=indexes)


def prepared(directory: Path, *, messages: int, nights: int) -> BigMailbox:
    """Return the mailbox below `directory`, its newest night today's; it is made unless it is there and complete."""
    root = directory / f"{messages}x{nights}"
    mark = root / "edition"
    today = datetime.now(TIME_ZONE).date()
    if not (mark.exists() and mark.read_text() == _edition()):
        shutil.rmtree(root, ignore_errors=True)
        generate(Order(root, messages, nights, last_day=today))
        _add_heavy_mailbox(root, today)
        mark.write_text(_edition())
    return BigMailbox(root, dated(root, today))


def _edition() -> str:
    here = Path(__file__).parent
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in CODE)).hexdigest()


def _add_heavy_mailbox(root: Path, day: date) -> None:
    provider = Provider(root)
    provider.names[day] = _snapshot(root, day).name  # made by the generator, unknown to this provider
    content = bytes(range(256)) * int(HEAVY_BYTES / LINE_GROWTH / 256)
    provider.mailbox(HEAVY_ADDRESS).night(day).message(
        "Il filmato della riunione",
        text="In allegato il filmato della riunione di ieri.",
        html="<p>In allegato il <b>filmato</b> della riunione di ieri.</p>",
        attachments=[("riunione.mp4", "video/mp4", content)],
    )


def dated(root: Path, today: date) -> dict[str, Any]:
    """Rename the snapshots so that the newest is today's, and return the manifest that says so."""
    path = root / "manifest.json"
    manifest: dict[str, Any] = json.loads(path.read_text())
    nights = manifest["nights"]
    shift = today - date.fromisoformat(nights[-1]["day"])
    for night in _in_free_order(nights, shift):
        before = date.fromisoformat(night["day"])
        _snapshot(root, before).rename(_snapshot(root, before + shift))
        night["day"] = (before + shift).isoformat()
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
    return manifest


def _in_free_order(nights: list[dict[str, Any]], shift: timedelta) -> Iterator[dict[str, Any]]:
    """Yield the nights so that none is renamed to a name still in use."""
    if shift:
        yield from reversed(nights) if shift > timedelta() else nights


def _snapshot(root: Path, day: date) -> Path:
    return root / "mail" / ".snapshot" / day.strftime(SNAPSHOT)
