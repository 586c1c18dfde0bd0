"""Nights that stayed locked because they were not proved to be the owner's, and that an operator opened for them."""

from datetime import date

from django.http import HttpRequest

from access import audit
from access.models import Action, Unlock
from access.readers import Actor
from snapshots.types import Account


def is_unlocked(account: Account, day: date) -> bool:
    return Unlock.objects.filter(address=account.address, day=day).exists()


def unlock(request: HttpRequest, actor: Actor, account: Account, day: date, *, reason: str) -> None:
    """Open a locked night to the account's owner for as long as the night exists, on record.

    Raises: AuditUnavailable.
    """
    audit.record(request, Action.UNLOCK, actor=actor, account=account.address, day=day, details={"reason": reason})
    Unlock.objects.get_or_create(address=account.address, day=day)
