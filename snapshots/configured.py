"""The one factory that knows Django's settings: everything else in `snapshots` is told what it needs."""

import ssl
from datetime import datetime, time
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import import_string

from snapshots.accounts import AddressBook, LivePath, PathTemplate
from snapshots.archive import Archive
from snapshots.calendar import Calendar, NamePattern
from snapshots.engines.deadline import Guard
from snapshots.engines.imap import ImapEngine, SnapshotServer
from snapshots.engines.maildir import Encoding, LiveMaildirs, MaildirEngine, ReaderOptions
from snapshots.engines.volumes import Volume, utc_now
from snapshots.imap import ImapUrl
from snapshots.types import Role


@cache
def archive() -> Archive:
    """Return the process's one archive; it is shared by threads."""
    return Archive(
        maildir_engine() if settings.MTM_ENGINE == "maildir" else imap_engine(),
        calendar(),
        days=settings.MTM_DAYS,
        clock=utc_now,
        indexes=settings.MTM_STATE_DIR / "timeindex",
        offers_text=settings.MTM_TEXT_SEARCH == "on-request",
        live=LiveMaildirs(LivePath.parse(settings.MTM_LIVE_PATH), _options()).open if settings.MTM_LIVE_PATH else None,
    )


def maildir_engine() -> MaildirEngine:
    """Return an engine of its own that reads the mounted snapshots."""
    return MaildirEngine(volumes(), _options())


def imap_engine() -> ImapEngine:
    """Return an engine of its own that reads what the snapshots' server serves."""
    return ImapEngine(
        snapshot_server(),
        calendar(),
        days=settings.MTM_DAYS,
        volumes=volumes(),
        roles=_options().roles,
        clock=utc_now,
    )


def snapshot_server() -> SnapshotServer:
    """Return the server of the snapshots, with the service's login."""
    user, _, password = settings.MTM_SNAPSHOT_IMAP_MASTER.partition(":")
    return SnapshotServer(ImapUrl.parse(settings.MTM_SNAPSHOT_IMAP_URL), user, password, tls=trusted())


def calendar() -> Calendar:
    """Return what dates the snapshots' names."""
    return Calendar(
        patterns=tuple(NamePattern.parse(text) for text in settings.MTM_SNAPSHOT_NAMES),
        zone=ZoneInfo(settings.MTM_SNAPSHOT_TIME_ZONE or settings.MTM_TIME_ZONE),
        service_zone=ZoneInfo(settings.MTM_TIME_ZONE),
        rotates_at=time.fromisoformat(settings.MTM_SNAPSHOT_ROTATES_AT),
        day_shift=settings.MTM_SNAPSHOT_DAY_SHIFT,
    )


def now() -> datetime:
    """Return this moment, by the clock that the archive goes by."""
    return utc_now()


def volumes() -> list[Volume]:
    """Return the volumes of `MTM_SNAPSHOT_PATH`."""
    return [_volume(number, text) for number, text in enumerate(settings.MTM_SNAPSHOT_PATH)]


@cache
def _options() -> ReaderOptions:
    return ReaderOptions(
        encoding=Encoding(settings.MTM_FOLDER_ENCODING),
        roles={name: Role(role) for name, role in settings.MTM_FOLDER_ROLES.items()},
        threads=settings.MTM_READER_THREADS,
    )


def _volume(number: int, text: str) -> Volume:
    """Return one volume with a guard of its own."""
    template = PathTemplate.parse(text)
    guard = Guard(str(template.root))
    return Volume(template, calendar(), guard, number=number, stamp=settings.MTM_SNAPSHOT_STAMP, clock=utc_now)


def forget() -> None:
    """Let the next call read the settings again: for tests, which change them."""
    for made in (archive, address_book, live_server, trusted, _options):
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


@cache
def trusted() -> ssl.SSLContext:
    """Return what proves a mail server: the system's authorities, and those the settings add, as they were at first.

    Reading them takes 50 ms, a third of a login.
    """
    context = ssl.create_default_context()
    if settings.MTM_IMAP_CA:
        context.load_verify_locations(cafile=settings.MTM_IMAP_CA)
    return context
