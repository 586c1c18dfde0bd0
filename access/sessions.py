"""How a reader's session begins, how long it lasts, and what ends it early."""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from access.models import Revocation, milliseconds
from access.readers import SESSION_KEY, Reader, stored_form

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
TOUCH_EVERY = timedelta(minutes=1)
# A clock that was set back must not lengthen a session; hosts may differ by so much.
CLOCK_SKEW = timedelta(minutes=1)
EVERYBODY = "*"
BEGAN, SEEN = "began_at_ms", "seen_at_ms"


def begin(request: HttpRequest, reader: Reader, *, began_at: datetime) -> None:
    """Begin a session under a new key, with nothing of the old one.

    `began_at` is when the proof was asked for, so that a revocation meanwhile ends this session too.
    """
    request.session.flush()
    request.session[SESSION_KEY] = stored_form(reader)
    request.session[BEGAN] = milliseconds(began_at)
    request.session[SEEN] = milliseconds(timezone.now())
    request.session.cycle_key()
    rotate_token(request)


def log_out(request: HttpRequest) -> None:
    """End this session; the caller answers with Clear-Site-Data."""
    request.session.flush()


def revoke(subject: str) -> None:
    """End all sessions of an account's address, of a domain, or of EVERYBODY, that began until now."""
    now = timezone.now()
    Revocation.objects.filter(revoked_at_ms__lt=milliseconds(now - 2 * ABSOLUTE)).delete()
    Revocation.objects.create(subject=subject, revoked_at_ms=milliseconds(now))


def is_over(session: SessionBase, reader: Reader) -> bool:
    """Say whether the session was idle or lasted too long, the clock went back, or it was revoked."""
    now_ms = milliseconds(timezone.now())
    began_ms, seen_ms = session.get(BEGAN, 0), session.get(SEEN, 0)
    if now_ms - seen_ms >= _ms(IDLE) or now_ms - began_ms >= _ms(ABSOLUTE):
        return True
    if max(began_ms, seen_ms) > now_ms + _ms(CLOCK_SKEW):
        return True
    subjects = [reader.account.address, reader.account.domain, EVERYBODY]
    return Revocation.objects.filter(subject__in=subjects, revoked_at_ms__gte=began_ms).exists()


def touch(session: SessionBase) -> None:
    """Note that the reader is there; at most once a minute, since it is a write."""
    now_ms = milliseconds(timezone.now())
    if now_ms - session.get(SEEN, 0) >= _ms(TOUCH_EVERY):
        session[SEEN] = now_ms


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
