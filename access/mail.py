"""Notices by mail, where the provider gave them a sender."""

import logging
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

logger = logging.getLogger("access.notices")

TIMEOUT_SECONDS = 5
SCHEMES = {"smtp": {}, "smtp+starttls": {"use_tls": True}, "smtps": {"use_ssl": True}}
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def smtp_server(url: str) -> dict[str, Any]:
    """Return how Django is to reach the server of an `MTM_SMTP_URL`. Raises: ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError(url)
    return {
        "host": parts.hostname,
        "port": parts.port or PORTS[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        **SCHEMES[parts.scheme],
    }


def send_notice(subject: str, text: str, address: str, *, about: str) -> bool:
    """Send a notice; tell whether it is off. `about` is what the log says where it could not be sent."""
    if not settings.MTM_NOTICE_FROM:
        return True
    server = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", timeout=TIMEOUT_SECONDS, **smtp_server(settings.MTM_SMTP_URL)
    )
    try:
        EmailMessage(subject, text, settings.MTM_NOTICE_FROM, [address], connection=server).send()
    except OSError as error:
        logger.warning("notice of %s was not sent: %s", about, type(error).__name__)
        return False
    return True
