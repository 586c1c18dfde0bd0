"""Who is there: an owner, an operator, or an operator who reads by a grant. One session is one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from access.models import Grant
from snapshots.types import Account

SESSION_KEY, GRANT_KEY = "reader", "grant"
HELP, DOWNLOAD, RESTORE = "support.help", "support.download", "support.restore"
AUDIT, ADMIN = "support.audit", "support.admin"


@dataclass(frozen=True, slots=True)
class Owner:
    """A customer who proved the mailbox's password.

    `guids` are the INBOX GUIDs proved to be this person's mailbox; None where the live server tells none.
    """

    account: Account
    guids: frozenset[str] | None = None

    role = "owner"

    @property
    def name(self) -> str:
        return self.account.address


@dataclass(frozen=True, slots=True)
class Staff:
    """An operator, who as such reads nobody's mail."""

    name: str

    role = "operator"


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator with a live grant, who reads one night of `account` by it and stays an operator."""

    name: str
    account: Account
    grant_id: int
    day: date
    ticket: str
    expires_at: datetime
    may_download: bool = False

    role = "operator"


Reader = Owner | Operator
Actor = Reader | Staff


def reader_of(request: HttpRequest) -> Reader | None:
    """Return who is reading, None when nobody is. A grant is looked at in the database each time."""
    session = getattr(request, "session", None)
    if session is None:
        return None
    stored = session.get(SESSION_KEY)
    return reader_from(stored) if stored else _operator(request)


def actor_of(request: HttpRequest) -> Actor | None:
    """Return who is there, reading or not, None when nobody is."""
    reader = reader_of(request)
    if reader is not None:
        return reader
    user = verified_user(request)
    return Staff(user.username) if user else None


def verified_user(request: HttpRequest) -> User | None:
    """Return the Django user of an operator who proved a second factor in this session."""
    user = getattr(request, "user", None)
    if user is None or not user.is_active or getattr(user, "otp_device", None) is None:
        return None
    return user if user.has_perm(HELP) else None


def _operator(request: HttpRequest) -> Operator | None:
    grant_id: int | None = request.session.get(GRANT_KEY)
    user = verified_user(request) if grant_id else None
    if grant_id is None or user is None:
        return None
    grant = Grant.objects.live().filter(pk=grant_id, operator=user).first()
    if grant is None:
        return None
    return Operator(
        user.username,
        grant.account,
        grant.pk,
        grant.day,
        grant.ticket,
        grant.expires_at,
        may_download=user.has_perm(DOWNLOAD),
    )


def stored_form(owner: Owner) -> dict[str, Any]:
    """Return the owner as the session keeps it."""
    account = owner.account
    return {
        "account": {"user": account.user, "domain": account.domain, "variables": dict(account.variables)},
        "guids": None if owner.guids is None else sorted(owner.guids),
    }


def reader_from(stored: Mapping[str, Any]) -> Owner:
    """Return the owner of a session; the opposite of `stored_form`."""
    guids = None if stored["guids"] is None else frozenset(stored["guids"])
    return Owner(Account(**stored["account"]), guids)
