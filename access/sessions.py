"""How a session begins, how long it lasts, and what ends it early."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone

from access.models import CLOCK_SKEW_MS, Revocation, milliseconds
from access.readers import SESSION_KEY, Actor, Owner, stored_form

IDLE, OPERATOR_IDLE = timedelta(minutes=30), timedelta(minutes=10)
ABSOLUTE = timedelta(hours=8)
TOUCH_EVERY = timedelta(minutes=1)
EVERYBODY = "*"
BEGAN, SEEN = "began_at_ms", "seen_at_ms"
REVOKED = "SELECT 1 FROM access_revocation WHERE subject IN (%s, %s, %s) AND revoked_at_ms >= %s LIMIT 1"


def begin(request: HttpRequest, owner: Owner, *, began_at: datetime) -> None:
    """Begin an owner's session under a new key, with nothing of the old one.

    `began_at` is when the proof was asked for, so that a revocation meanwhile ends this session too.
    """
    request.session.flush()
    request.session[SESSION_KEY] = stored_form(owner)
    mark_begun(request.session, began_at)
    request.session.cycle_key()
    rotate_token(request)


def mark_begun(session: SessionBase, began_at: datetime) -> None:
    """Note when a session began, from which its end is reckoned."""
    session[BEGAN] = milliseconds(began_at)
    session[SEEN] = milliseconds(timezone.now())


def log_out(request: HttpRequest) -> None:
    """End this session; the caller answers with Clear-Site-Data."""
    request.session.flush()
    # Django keeps whom it found in the session for the rest of the request.
    request.user = AnonymousUser()


def revoke(subject: str) -> None:
    """End all sessions of an account's address, of a domain, or of EVERYBODY, that began until now."""
    now = timezone.now()
    Revocation.objects.filter(revoked_at_ms__lt=milliseconds(now - 2 * ABSOLUTE)).delete()
    Revocation.objects.create(subject=subject, revoked_at_ms=milliseconds(now))


def is_over(session: SessionBase, actor: Actor) -> bool:
    """Say whether the session was idle or lasted too long, the clock went back, or it was revoked."""
    now_ms = milliseconds(timezone.now())
    began_ms, seen_ms = session.get(BEGAN, 0), session.get(SEEN, 0)
    if now_ms - seen_ms >= _ms(idle_time(actor)) or now_ms - began_ms >= _ms(ABSOLUTE):
        return True
    # A clock that was set back must not lengthen a session.
    if max(began_ms, seen_ms) > now_ms + CLOCK_SKEW_MS:
        return True
    return _is_revoked(actor, since_ms=began_ms)


def _is_revoked(actor: Actor, *, since_ms: int) -> bool:
    """Say whether all sessions of this reader were ended; every request asks, hence in words that are ready."""
    address, domain = (actor.account.address, actor.account.domain) if isinstance(actor, Owner) else (EVERYBODY,) * 2
    with connection.cursor() as cursor:
        cursor.execute(REVOKED, [EVERYBODY, address, domain, since_ms])
        return cursor.fetchone() is not None


def idle_time(actor: Actor) -> timedelta:
    """Return how long a session lasts without a request."""
    return IDLE if isinstance(actor, Owner) else OPERATOR_IDLE


def touch(session: SessionBase) -> None:
    """Note that the reader is there; at most once a minute, since it is a write. Where it fails they read on."""
    now_ms = milliseconds(timezone.now())
    if now_ms - session.get(SEEN, 0) >= _ms(TOUCH_EVERY):
        session[SEEN] = now_ms
        with suppress(UpdateError, OperationalError):
            session.save()
        session.modified = False


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
