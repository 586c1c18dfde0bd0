"""Logging in: the live mail server's word, within limits, written down before it counts."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from access import audit, grants, sessions
from access.evidence import proved_guids
from access.live import open_live
from access.metrics import ACTIONS
from access.models import Action, Grant, Result
from access.presence import note_presence
from access.readers import Operator, Owner, reader_of
from access.slots import LoginBusy, login_slot
from access.throttle import LoginThrottled, Throttle
from snapshots import configured
from snapshots.accounts import BadAddress
from snapshots.imap import LiveMailbox, ServerUnreachable, WrongPassword
from snapshots.types import Account

__all__ = ["LoginBusy", "LoginThrottled", "ServerUnreachable", "WrongPassword", "log_in", "prove_again"]

PASSWORD_BYTES = 1024


@sensitive_variables("password")
def log_in(request: HttpRequest, *, address: str, password: str) -> Owner:
    """Prove the password to the live server and begin the owner's session.

    Raises: WrongPassword, the same for an unknown or malformed address; LoginThrottled; LoginBusy;
    ServerUnreachable, which never counts as a failure; AuditUnavailable.
    """
    began_at = timezone.now()
    account = _account_of(address)
    throttle = Throttle.of(request, account.address if account else "")
    with _counted(request, throttle):
        owner = _proved_owner(request, account, password)
    # Which mailbox the address was then: it can pass to another person.
    audit.record(request, Action.LOGIN, actor=owner, objects=sorted(owner.guids or ()))
    throttle.succeeded()
    sessions.begin(request, owner, began_at=began_at)
    return owner


@sensitive_variables("password")
def prove_again(request: HttpRequest, account: Account, password: str) -> LiveMailbox:
    """Prove the password of an owner who is there already, and return their open mailbox, to be closed by the caller.

    Raises: what `log_in` raises.
    """
    throttle = Throttle.of(request, account.address)
    with _counted(request, throttle):
        _refuse_no_password(password)
        live = open_live(account, password, http=request)
    throttle.succeeded()
    return live


@contextmanager
def _counted(request: HttpRequest, throttle: Throttle) -> Iterator[None]:
    """Let the block check a password, within the limits of checks; a wrong one is counted and on record."""
    throttle.check()
    with login_slot(settings.MTM_STATE_DIR):
        attempt = throttle.reserve()
        try:
            yield
        except ServerUnreachable:
            attempt.delete()
            ACTIONS.labels(Action.LOGIN.value, Result.UNAVAILABLE.value).inc()
            raise
        except WrongPassword:
            throttle.failed()
            audit.record(request, Action.LOGIN, account=throttle.account, result=Result.REFUSED)
            raise
        except BaseException:
            attempt.delete()
            raise


def log_out(request: HttpRequest) -> None:
    """End the session of whoever is there, on record; an operator's grant ends with it."""
    reader = reader_of(request)
    if isinstance(reader, Operator):
        grants.end(request, Grant.objects.get(pk=reader.grant_id))
    audit.record(request, Action.LOGOUT)
    sessions.log_out(request)


def _account_of(address: str) -> Account | None:
    try:
        return configured.address_book().account(address)
    except BadAddress:
        return None


@sensitive_variables("password")
def _proved_owner(request: HttpRequest, account: Account | None, password: str) -> Owner:
    if account is None:
        raise WrongPassword
    _refuse_no_password(password)
    with open_live(account, password, http=request) as live:
        owner = Owner(account, proved_guids(live, configured.archive(), account))
        note_presence(live, configured.archive(), owner)
        return owner


@sensitive_variables("password")
def _refuse_no_password(password: str) -> None:
    # Some directories take an empty password for an anonymous bind, which succeeds.
    if not password or len(password.encode("utf-8", "replace")) > PASSWORD_BYTES:
        raise WrongPassword
