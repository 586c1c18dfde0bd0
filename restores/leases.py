"""Leases: one process at a time is at work on a request, and a request whose worker ended is taken up by another."""

import platform
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from access.models import milliseconds
from restores.models import RestoreRequest

STEP_SECONDS = 60.0
"""How long a lease holds when it is taken; each step says anew how long it may take at most."""

TOKEN_BYTES = 6
HOST_CHARACTERS = 16


class LeaseLost(Exception):
    """Somebody else is at work on the request."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one request until a moment."""

    restore: RestoreRequest
    token: str

    def renew(self, seconds: float = STEP_SECONDS) -> bool:
        """Hold on for a step of so many seconds at most; say whether to stop before it. Raises: LeaseLost."""
        rows = RestoreRequest.objects.filter(pk=self.restore.pk, lease=self.token)
        if not rows.update(leased_until_ms=_until_ms(seconds)):
            raise LeaseLost
        return bool(rows.values_list("is_cancelling", flat=True)[0])

    def release(self) -> None:
        RestoreRequest.objects.filter(pk=self.restore.pk, lease=self.token).update(lease="", leased_until_ms=0)


def claim(restore: RestoreRequest, *, holder: str = "") -> Lease:
    """Take the lease of a request nobody is at work on. Raises: LeaseLost where somebody is."""
    lease = Lease(restore, f"{holder}:{secrets.token_hex(TOKEN_BYTES)}")
    free = Q(lease="") | Q(leased_until_ms__lte=milliseconds(timezone.now()))
    rows = RestoreRequest.objects.filter(free, pk=restore.pk)
    if not rows.update(lease=lease.token, leased_until_ms=_until_ms(STEP_SECONDS)):
        raise LeaseLost
    restore.refresh_from_db()
    return lease


def worker_of_this_host() -> str:
    """Return how the leases of this host's worker begin."""
    return platform.node()[:HOST_CHARACTERS]


def release_left_over() -> None:
    """Free what this host's worker held when it ended; for the next one, which is alone."""
    left = RestoreRequest.objects.filter(lease__startswith=f"{worker_of_this_host()}:")
    left.update(lease="", leased_until_ms=0)


def _until_ms(seconds: float) -> int:
    return milliseconds(timezone.now() + timedelta(seconds=seconds))
