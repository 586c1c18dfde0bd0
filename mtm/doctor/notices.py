"""The server that takes notices, where any are sent."""

from collections.abc import Iterator
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import get_connection

from access.mail import TIMEOUT_SECONDS, smtp_server
from mtm.doctor.findings import Finding, ok, problem, reason
from snapshots.types import Account


def server(account: Account | None) -> Iterator[Finding]:
    """Look whether the server of notices lets us in; nothing is sent."""
    if not settings.MTM_NOTICE_FROM and "@" in settings.MTM_RESTORE_NOTIFY:
        yield problem(
            f"{settings.MTM_RESTORE_NOTIFY} shall be told of restores, and no mail is sent without a sender",
            "Name one in MTM_NOTICE_FROM.",
        )
    elif not settings.MTM_NOTICE_FROM:
        yield ok("none are sent, by MTM_NOTICE_FROM")
    else:
        yield _tried()


def _tried() -> Finding:
    place = smtp_server(settings.MTM_SMTP_URL)
    words = f"{place['host']}:{place['port']}"
    try:
        connection = get_connection("django.core.mail.backends.smtp.EmailBackend", timeout=TIMEOUT_SECONDS, **place)
        connection.open()
        connection.close()
    except (OSError, SMTPException) as error:
        return problem(f"{words} does not take them: {reason(error)}", "See MTM_SMTP_URL.")
    return ok(f"{words} takes them")
