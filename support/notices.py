"""The notice an owner gets by mail when support opens their copies, where the provider wants it."""

import logging
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, override

from access.models import Grant
from webmail import wording

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


def tell_owner(request: HttpRequest, grant: Grant) -> None:
    """Send the notice; where that fails it is logged, for the owner sees the access on their page anyway."""
    if not settings.MTM_NOTICE_FROM:
        return
    with override(settings.MTM_LANGUAGE):
        subject, text = gettext("Support has opened a copy of your mailbox"), _text(request, grant)
    server = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", timeout=TIMEOUT_SECONDS, **smtp_server(settings.MTM_SMTP_URL)
    )
    try:
        EmailMessage(subject, text, settings.MTM_NOTICE_FROM, [grant.address], connection=server).send()
    except OSError as error:
        logger.warning("notice of grant %s was not sent: %s", grant.pk, type(error).__name__)


def _text(request: HttpRequest, grant: Grant) -> str:
    words = {
        "day": wording.full_day(grant.day),
        "expires": wording.moment(grant.expires_at),
        "ticket": grant.ticket,
        "reason": grant.reason,
        "url": request.build_absolute_uri(reverse("webmail:accesses")),
    }
    return (
        gettext(
            "Support has opened the copy of your mailbox of %(day)s, to help you.\n\n"
            "Reason: %(reason)s\nTicket: %(ticket)s\nIt ends by itself: %(expires)s\n\n"
            "What was looked at you can see here, with the password of your mailbox:\n%(url)s\n\n"
            "If you asked for no help, tell us."
        )
        % words
    )
