"""Who is reading: an owner, or an operator with a grant. One session is one or the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from snapshots.types import Account

SESSION_KEY = "reader"


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
class Operator:
    """Support staff, who reads `account` by a grant and stays an operator."""

    name: str
    account: Account
    grant_id: int
    guids: frozenset[str] | None = None

    role = "operator"


Reader = Owner | Operator


def reader_of(request: HttpRequest) -> Reader | None:
    """Return who is reading, None when nobody is."""
    session = getattr(request, "session", None)
    stored = session.get(SESSION_KEY) if session is not None else None
    return reader_from(stored) if stored else None


def stored_form(reader: Reader) -> dict[str, Any]:
    """Return the reader as the session keeps it."""
    account = reader.account
    form: dict[str, Any] = {
        "role": reader.role,
        "account": {"user": account.user, "domain": account.domain, "variables": dict(account.variables)},
        "guids": None if reader.guids is None else sorted(reader.guids),
    }
    if isinstance(reader, Operator):
        form |= {"name": reader.name, "grant_id": reader.grant_id}
    return form


def reader_from(stored: Mapping[str, Any]) -> Reader:
    """Return the reader of a session; the opposite of `stored_form`."""
    account = Account(**stored["account"])
    guids = None if stored["guids"] is None else frozenset(stored["guids"])
    if stored["role"] == Operator.role:
        return Operator(stored["name"], account, stored["grant_id"], guids)
    return Owner(account, guids)
