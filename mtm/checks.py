"""What is wrong with a configuration, in words, before anyone logs in. Each check has an id and a hint."""

import re
import ssl
from collections.abc import Callable, Iterator
from datetime import time
from email.utils import parseaddr
from functools import partial
from ipaddress import ip_network
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string

from access.mail import smtp_server
from mtm.environment import closest
from mtm.product_settings import env
from snapshots.accounts import BadTemplate, LivePath, PathTemplate
from snapshots.calendar import BadPattern, NamePattern
from snapshots.imap import ImapUrl
from webmail.colours import faint_pairs
from webmail.logo import BadLogo, brand_logo

SECRET_LENGTH = 50
ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")
NOTIFIED = re.compile(rf"{ADDRESS.pattern}|https://[^\s]+")
HOST = re.compile(r"\*|\.?[a-z0-9-]+(\.[a-z0-9-]+)*\.?|\[[0-9a-f:.]+\]", re.IGNORECASE)


@register
def configuration(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Check everything that can be told without touching a mount or a server."""
    return [
        *_site(),
        *_brand(),
        *_support(),
        *_live_server(),
        *_restores(),
        *_snapshot_server(),
        *_snapshots(),
        *_nights(),
    ]


def _site() -> Iterator[CheckMessage]:
    if len(settings.MTM_SECRET_KEY) < SECRET_LENGTH:
        yield Error("MTM_SECRET_KEY is missing or short.", hint="Give it 50 random characters.", id="mtm.E001")
    if not settings.ALLOWED_HOSTS:
        yield Error("MTM_ALLOWED_HOSTS is empty.", hint="Name the host of the site.", id="mtm.E002")
    for host in settings.ALLOWED_HOSTS:
        if not HOST.fullmatch(host):
            yield Error(f"MTM_ALLOWED_HOSTS: {host!r} is no host name.", hint="nights.example.com", id="mtm.E003")
    for proxy in settings.MTM_TRUSTED_PROXIES:
        if proxy != "unix" and _fails(partial(ip_network, strict=False), proxy, ValueError):
            hint = "192.0.2.7, 192.0.2.0/24 or unix"
            yield Error(f"MTM_TRUSTED_PROXIES: {proxy!r} is neither address nor network.", hint=hint, id="mtm.E040")
    for name in env.unknown():
        yield Warning(f"{name} is no setting.", hint=closest(name) or "The README has a table of all.", id="mtm.W002")


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
    sender = parseaddr(settings.MTM_NOTICE_FROM)[1]
    if settings.MTM_NOTICE_FROM and not ADDRESS.fullmatch(sender):
        yield Error("MTM_NOTICE_FROM is no mail address.", hint="notices@example.com", id="mtm.E041")
    if _fails(smtp_server, settings.MTM_SMTP_URL, ValueError):
        yield Error("MTM_SMTP_URL is not understood.", hint="smtp://127.0.0.1:25", id="mtm.E011")


def _live_server() -> Iterator[CheckMessage]:
    if not settings.MTM_IMAP_URL:
        yield Error("MTM_IMAP_URL is empty.", hint="imaps://mail.example.com", id="mtm.E004")
    elif _fails(ImapUrl.parse, settings.MTM_IMAP_URL, ValueError):
        yield Error("MTM_IMAP_URL is not understood.", hint="imaps://mail.example.com", id="mtm.E005")
    if settings.MTM_IMAP_CA and _fails(_certificates, settings.MTM_IMAP_CA, OSError):
        hint = "A file that may be read, with certificates in PEM form."
        yield Error(f"MTM_IMAP_CA: there are no certificates in {settings.MTM_IMAP_CA}.", hint=hint, id="mtm.E042")
    if settings.MTM_ACCOUNT_LOOKUP and _fails(import_string, settings.MTM_ACCOUNT_LOOKUP, ImportError):
        yield Error("MTM_ACCOUNT_LOOKUP cannot be imported.", hint="provider.accounts.look_up", id="mtm.E043")


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
    roles = {"sent", "drafts", "trash", "junk"}
    for name, role in settings.MTM_FOLDER_ROLES.items():
        if role not in roles:
            yield Error(
                f"MTM_FOLDER_ROLES gives {name} the role {role!r}.", hint=", ".join(sorted(roles)), id="mtm.E009"
            )


def _nights() -> Iterator[CheckMessage]:
    if _fails(time.fromisoformat, settings.MTM_SNAPSHOT_ROTATES_AT, ValueError):
        yield Error("MTM_SNAPSHOT_ROTATES_AT is no time of day.", hint="00:00", id="mtm.E044")
    stamp = PurePosixPath(settings.MTM_SNAPSHOT_STAMP)
    if stamp.is_absolute() or ".." in stamp.parts:
        hint = ".mtm-stamp, for instance."
        yield Error("MTM_SNAPSHOT_STAMP leaves the snapshot: it is a path below its root.", hint=hint, id="mtm.E045")
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


def _certificates(file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file)


def _fails(function: Callable[[str], Any], value: str, *errors: type[Exception]) -> bool:
    try:
        function(value)
    except errors:
        return True
    return False
