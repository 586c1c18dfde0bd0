"""The one factory that knows Django's settings: everything else in `snapshots` is told what it needs."""

import ssl
from datetime import time
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import import_string

from snapshots.accounts import AddressBook, LivePath, PathTemplate
from snapshots.archive import Archive
from snapshots.calendar import Calendar, NamePattern
from snapshots.engines.base import Engine
from snapshots.engines.deadline import Guard
from snapshots.engines.imap import ImapEngine, SnapshotServer
from snapshots.engines.maildir import Encoding, LiveMaildirs, MaildirEngine, ReaderOptions
from snapshots.engines.volumes import Volume, utc_now
from snapshots.imap import ImapUrl
from snapshots.types import Role


@cache
def archive() -> Archive:
    """Return the process's one archive; it is shared by threads."""
    calendar = Calendar(
        patterns=tuple(NamePattern.parse(text) for text in settings.MTM_SNAPSHOT_NAMES),
        zone=ZoneInfo(settings.MTM_SNAPSHOT_TIME_ZONE or settings.MTM_TIME_ZONE),
        service_zone=ZoneInfo(settings.MTM_TIME_ZONE),
        rotates_at=time.fromisoformat(settings.MTM_SNAPSHOT_ROTATES_AT),
        day_shift=settings.MTM_SNAPSHOT_DAY_SHIFT,
    )
    options = ReaderOptions(
        encoding=Encoding(settings.MTM_FOLDER_ENCODING),
        roles={name: Role(role) for name, role in settings.MTM_FOLDER_ROLES.items()},
        threads=settings.MTM_READER_THREADS,
    )
    return Archive(
        _engine(calendar, options),
        calendar,
        days=settings.MTM_DAYS,
        clock=utc_now,
        indexes=settings.MTM_STATE_DIR / "timeindex",
        offers_text=settings.MTM_TEXT_SEARCH == "on-request",
        live=LiveMaildirs(LivePath.parse(settings.MTM_LIVE_PATH), options).open if settings.MTM_LIVE_PATH else None,
    )


def _engine(calendar: Calendar, options: ReaderOptions) -> Engine:
    volumes = [volume(number, text, calendar) for number, text in enumerate(settings.MTM_SNAPSHOT_PATH)]
    if settings.MTM_ENGINE == "maildir":
        return MaildirEngine(volumes, options)
    user, _, password = settings.MTM_SNAPSHOT_IMAP_MASTER.partition(":")
    server = SnapshotServer(ImapUrl.parse(settings.MTM_SNAPSHOT_IMAP_URL), user, password, tls=trusted())
    return ImapEngine(server, calendar, days=settings.MTM_DAYS, volumes=volumes, roles=options.roles, clock=utc_now)


def volume(number: int, text: str, calendar: Calendar) -> Volume:
    """Return one volume of `MTM_SNAPSHOT_PATH` with a guard of its own."""
    template = PathTemplate.parse(text)
    guard = Guard(str(template.root))
    return Volume(template, calendar, guard, number=number, stamp=settings.MTM_SNAPSHOT_STAMP, clock=utc_now)


def forget() -> None:
    """Let the next call read the settings again: for tests, which change them."""
    for made in (archive, address_book, live_server):
        made.cache_clear()


@cache
def address_book() -> AddressBook:
    """Return what turns typed addresses into accounts."""
    lookup = settings.MTM_ACCOUNT_LOOKUP
    return AddressBook(import_string(lookup) if lookup else None)


@cache
def live_server() -> ImapUrl:
    """Return the address of the live server."""
    return ImapUrl.parse(settings.MTM_IMAP_URL)


def trusted() -> ssl.SSLContext:
    """Return what proves a mail server: the system's authorities, and those the settings add."""
    context = ssl.create_default_context()
    if settings.MTM_IMAP_CA:
        context.load_verify_locations(cafile=settings.MTM_IMAP_CA)
    return context
