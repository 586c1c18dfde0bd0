"""The product over a made provider: an archive of its own, or the whole site, at one fixed moment."""

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from django.test import Client
from django.utils import timezone

from access import sessions
from access.readers import Owner
from demo.provider import STAMP, Provider
from snapshots.accounts import PathTemplate, parse_address
from snapshots.archive import Archive
from snapshots.calendar import Calendar, NamePattern
from snapshots.engines.deadline import Guard
from snapshots.engines.maildir import MaildirEngine, ReaderOptions
from snapshots.engines.volumes import Volume

NOW = datetime(2026, 11, 22, 9, 44, tzinfo=UTC)
TODAY = "2026-11-22"
ROME = ZoneInfo("Europe/Rome")
ALICE = "alice@example.com"
CHARLIE = "charlie@example.com"


def calendar_of(*patterns: str, rotates_at: time = time(0, 0)) -> Calendar:
    return Calendar(tuple(NamePattern.parse(text) for text in patterns), ROME, ROME, rotates_at)


def volume_over(provider: Provider, *, number: int = 0, now: datetime = NOW, guard: Guard | None = None) -> Volume:
    """Return a provider's snapshots as one volume of the product."""
    return Volume(
        PathTemplate.parse(provider.settings()["MTM_SNAPSHOT_PATH"]),
        calendar_of(provider.snapshot_pattern),
        guard or Guard("test", deadline_seconds=5),
        number=number,
        stamp=STAMP if provider.rotates else "",
        clock=lambda: now,
    )


def archive_over(
    *providers: Provider,
    now: datetime = NOW,
    days: int = 7,
    options: ReaderOptions | None = None,
    indexes: Path | None = None,
    offers_text: bool = True,
) -> Archive:
    """Return an archive over one or more volumes."""
    volumes = [volume_over(provider, number=number, now=now) for number, provider in enumerate(providers)]
    calendar = calendar_of(providers[0].snapshot_pattern)
    engine = MaildirEngine(volumes, options)
    return Archive(engine, calendar, days=days, clock=lambda: now, indexes=indexes, offers_text=offers_text)


def sign_in(client: Client, address: str = ALICE, *, guids: frozenset[str] | None = None) -> Client:
    """Give a test client the session a right password would have given it."""

    class Request:
        session = client.session
        META: dict[str, str] = {}

    sessions.begin(Request(), Owner(parse_address(address), guids), began_at=timezone.now())  # type: ignore[arg-type]
    Request.session.save()
    client.cookies["session"] = str(Request.session.session_key)
    return client
