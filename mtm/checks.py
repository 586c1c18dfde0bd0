"""What is wrong with a configuration, in words, before anyone logs in. Each check has an id and a hint."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from access.mail import smtp_server
from snapshots.accounts import BadTemplate, LivePath, PathTemplate
from snapshots.calendar import BadPattern, NamePattern
from snapshots.imap import ImapUrl
from webmail.colours import faint_pairs
from webmail.logo import BadLogo, brand_logo

SECRET_LENGTH = 50
NOTIFIED = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+|https://[^\s]+")


@register
def configuration(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check everything that can be told without touching a mount or a server."""
    return [*_site(), *_brand(), *_support(), *_live_server(), *_restores(), *_snapshot_server(), *_snapshots()]


def _site() -> Iterator[CheckMessage]:
    if len(settings.SECRET_KEY) < SECRET_LENGTH:
        yield Error("MTM_SECRET_KEY is missing or short.", hint="Give it 50 random characters.", id="mtm.E001")
    if not settings.ALLOWED_HOSTS:
        yield Error("MTM_ALLOWED_HOSTS is empty.", hint="Name the host of the site.", id="mtm.E002")
    for name in ("MTM_TIME_ZONE", "MTM_SNAPSHOT_TIME_ZONE"):
        zone = getattr(settings, name)
        if zone and _fails(ZoneInfo, zone, ZoneInfoNotFoundError, ValueError):
            yield Error(f"{name} is {zone!r}, which is no time zone.", hint="Europe/Rome, for instance.", id="mtm.E003")


def _brand() -> Iterator[CheckMessage]:
    for pair in faint_pairs():
        yield Error(
            f"{pair.setting}: in the {pair.theme} theme “{pair.front}” on “{pair.back}” has a contrast of "
            f"{pair.ratio:.2f}, and needs {pair.least}.",
            hint="Choose a lighter colour." if pair.setting == "MTM_ACCENT_DARK" else "Choose a darker colour.",
            id="mtm.E030",
        )
    try:
        brand_logo()
    except BadLogo as error:
        yield Error(f"MTM_BRAND_LOGO: {error}.", hint="An SVG or PNG file of up to 256 KB.", id="mtm.E031")


def _support() -> Iterator[CheckMessage]:
    if _fails(re.compile, settings.MTM_TICKET_PATTERN, re.error):
        yield Error("MTM_TICKET_PATTERN is no regular expression.", hint="[0-9]{4,8}, for instance.", id="mtm.E010")
    if _fails(smtp_server, settings.MTM_SMTP_URL, ValueError):
        yield Error("MTM_SMTP_URL is not understood.", hint="smtp://127.0.0.1:25", id="mtm.E011")


def _live_server() -> Iterator[CheckMessage]:
    if not settings.MTM_IMAP_URL:
        yield Error("MTM_IMAP_URL is empty.", hint="imaps://mail.example.com", id="mtm.E004")
    elif _fails(ImapUrl.parse, settings.MTM_IMAP_URL, ValueError):
        yield Error("MTM_IMAP_URL is not understood.", hint="imaps://mail.example.com", id="mtm.E005")


def _snapshot_server() -> Iterator[CheckMessage]:
    if settings.MTM_ENGINE != "imap":
        return
    if _fails(ImapUrl.parse, settings.MTM_SNAPSHOT_IMAP_URL, ValueError):
        yield Error("MTM_SNAPSHOT_IMAP_URL is not understood.", hint="imaps://snapshots.example.com", id="mtm.E013")
    user, _, password = settings.MTM_SNAPSHOT_IMAP_MASTER.partition(":")
    if not user or not password:
        yield Error(
            "MTM_SNAPSHOT_IMAP_MASTER is no user:password.",
            hint="Name it in MTM_SNAPSHOT_IMAP_MASTER_FILE.",
            id="mtm.E014",
        )
    for text in settings.MTM_SNAPSHOT_NAMES:
        if "{n}" in text:
            yield Error(
                f"MTM_SNAPSHOT_NAMES: {text} rotates, and the server of the snapshots knows nights by their date.",
                hint="Give snapshots dated names, or use MTM_ENGINE=maildir.",
                id="mtm.E015",
            )


def _restores() -> Iterator[CheckMessage]:
    told = settings.MTM_RESTORE_NOTIFY
    if told and not NOTIFIED.fullmatch(told):
        yield Error(
            "MTM_RESTORE_NOTIFY is neither a mail address nor a webhook.",
            hint="restores@example.com or https://tickets.example.com/hook",
            id="mtm.E020",
        )
    user, _, password = settings.MTM_IMAP_MASTER.partition(":")
    if settings.MTM_IMAP_MASTER and not (user and password):
        yield Error("MTM_IMAP_MASTER is not understood.", hint="user:password", id="mtm.E021")


def _snapshots() -> Iterator[CheckMessage]:
    if not settings.MTM_SNAPSHOT_PATH and settings.MTM_ENGINE == "maildir":
        yield Error(
            "MTM_SNAPSHOT_PATH is empty.",
            hint="/mnt/mail/.snapshot/{snapshot}/{domain}/{user}/Maildir",
            id="mtm.E006",
        )
    for text in settings.MTM_SNAPSHOT_PATH:
        try:
            PathTemplate.parse(text)
        except BadTemplate as error:
            yield Error(f"MTM_SNAPSHOT_PATH: {text}: {error}.", id="mtm.E007")
    if settings.MTM_LIVE_PATH:
        try:
            LivePath.parse(settings.MTM_LIVE_PATH)
        except BadTemplate as error:
            yield Error(f"MTM_LIVE_PATH: {error}.", hint="/mnt/mail/{domain}/{user}/Maildir", id="mtm.E012")
    for text in settings.MTM_SNAPSHOT_NAMES:
        try:
            pattern = NamePattern.parse(text)
        except BadPattern as error:
            yield Error(f"MTM_SNAPSHOT_NAMES: {error}.", id="mtm.E008")
            continue
        if pattern.rotates and not settings.MTM_SNAPSHOT_STAMP:
            yield Warning(
                f"MTM_SNAPSHOT_NAMES: {text} rotates and no stamp file tells its day.",
                hint="Write `date -Is` to a file before each snapshot and name it in MTM_SNAPSHOT_STAMP.",
                id="mtm.W001",
            )
    roles = {"sent", "drafts", "trash", "junk"}
    for name, role in settings.MTM_FOLDER_ROLES.items():
        if role not in roles:
            yield Error(
                f"MTM_FOLDER_ROLES gives {name} the role {role!r}.", hint=", ".join(sorted(roles)), id="mtm.E009"
            )


def _fails(function: Callable[[str], Any], value: str, *errors: type[Exception]) -> bool:
    try:
        function(value)
    except errors:
        return True
    return False
