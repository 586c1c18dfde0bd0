"""How often passwords may be tried: by account and address together, by account, and by address.

An attempt is counted before the mail server is asked and taken out when it succeeds or could not be asked,
so that parallel guesses are counted too. Invented accounts are counted like real ones.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt, AccessLog
from django.db.models import Max, Sum
from django.http import HttpRequest
from django.utils import timezone

from access import audit
from access.client import throttle_address
from access.locks import Lock, serialised
from access.models import Action, LoginAttempt, milliseconds
from access.readers import Staff

TIERS = ((20, timedelta(hours=2)), (10, timedelta(minutes=15)), (5, timedelta(minutes=1)))
ACCOUNT_WINDOW = timedelta(hours=1)
ACCOUNT_FREE_FAILURES = 10
ACCOUNT_LONGEST_DELAY_SECONDS = 60
CLIENT_WINDOW = timedelta(minutes=10)
CLIENT_FAILURES = 30
KNOWN_CLIENT_KEPT = timedelta(days=90)


class LoginThrottled(Exception):
    """Too many passwords were tried; nothing was asked."""

    def __init__(self, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"try again in {retry_after_seconds} s")


class TieredHandler(AxesDatabaseHandler):  # type: ignore[misc]
    """axes with a delay that grows with the failures, where its own is one for all."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Return the failures that still count, 0 once their delay is over."""
        return self.state(request, credentials)[0]

    def state(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> tuple[int, float]:
        """Return the failures that still count, and the seconds of their delay that are left."""
        attempts = self.get_user_attempts(request, credentials)[0]
        found = attempts.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        failures, last = found["failures"] or 0, found["last"]
        delay = next((delay for least, delay in TIERS if failures >= least), None)
        if delay is None:
            return failures, 0.0
        left_seconds = (last + delay - timezone.now()).total_seconds()
        return (failures, left_seconds) if left_seconds > 0 else (0, 0.0)


@dataclass(frozen=True, slots=True)
class Throttle:
    """The three limits for one account ("" where no address could be read) and one client."""

    account: str
    client: str

    @classmethod
    def of(cls, request: HttpRequest, account: str) -> "Throttle":
        return cls(account, throttle_address(request))

    def check(self) -> None:
        """Raises: LoginThrottled with the longest wait of the three."""
        wait_seconds = max(self._pair_wait(), self._account_wait(), self._client_wait())
        if wait_seconds > 0:
            raise LoginThrottled(math.ceil(wait_seconds))

    def reserve(self) -> LoginAttempt:
        """Count an attempt that is about to be made. Raises: LoginThrottled."""
        now_ms = milliseconds(timezone.now())
        with serialised(Lock.LOGIN):
            self.check()
            LoginAttempt.objects.filter(at_ms__lt=now_ms - _ms(ACCOUNT_WINDOW)).delete()
            return LoginAttempt.objects.create(account=self.account, client=self.client, at_ms=now_ms)

    def failed(self) -> None:
        """Let the reserved attempt stand as a failure of this pair."""
        AxesProxyHandler.user_login_failed(Throttle, {"username": self.account}, self._axes_request())

    def succeeded(self) -> None:
        """Forgive this client's failures with the account, and know the client from now on."""
        LoginAttempt.objects.filter(account=self.account, client=self.client).delete()
        AccessLog.objects.filter(attempt_time__lt=timezone.now() - KNOWN_CLIENT_KEPT).delete()
        self._logins().delete()
        request = self._axes_request()
        AxesProxyHandler.update_request(request)
        AxesProxyHandler.user_logged_in(Throttle, request, _Named(self.account))

    def _pair_wait(self) -> float:
        request = self._axes_request()
        AxesProxyHandler.update_request(request)
        wait_seconds: float = AxesProxyHandler.get_implementation().state(request, {"username": self.account})[1]
        return wait_seconds

    def _account_wait(self) -> float:
        now_ms = milliseconds(timezone.now())
        failures = LoginAttempt.objects.filter(account=self.account, at_ms__gte=now_ms - _ms(ACCOUNT_WINDOW))
        found = failures.aggregate(last=Max("at_ms"))
        extra = failures.count() - ACCOUNT_FREE_FAILURES
        # An address the owner came from before is spared, or an attacker could keep the owner out.
        if extra < 0 or not self.account or self._logins().exists():
            return 0.0
        delay_ms = min(ACCOUNT_LONGEST_DELAY_SECONDS, 2 ** min(extra, 10)) * 1000
        return float(found["last"] + delay_ms - now_ms) / 1000

    def _client_wait(self) -> float:
        now_ms = milliseconds(timezone.now())
        failures = LoginAttempt.objects.filter(client=self.client, at_ms__gte=now_ms - _ms(CLIENT_WINDOW))
        times = list(failures.order_by("-at_ms").values_list("at_ms", flat=True)[:CLIENT_FAILURES])
        if len(times) < CLIENT_FAILURES:
            return 0.0
        return (times[-1] + _ms(CLIENT_WINDOW) - now_ms + 1) / 1000

    def _logins(self) -> Any:
        return AccessLog.objects.filter(username=self.account, ip_address=self.client)

    def _axes_request(self) -> HttpRequest:
        """Return a request that tells axes the client and nothing else: it stores what it is told."""
        request = HttpRequest()
        request.method = "POST"
        request.META["REMOTE_ADDR"] = self.client
        return request


@dataclass(frozen=True, slots=True)
class Attempts:
    """Wrong passwords for an account that still count, from all clients."""

    failures: int
    is_delayed: bool


def attempts_on(account: str) -> Attempts:
    """Return how throttled an account's logins are, wherever they come from."""
    since_ms = milliseconds(timezone.now()) - _ms(ACCOUNT_WINDOW)
    failures = LoginAttempt.objects.filter(account=account, at_ms__gte=since_ms).count()
    return Attempts(failures, failures >= min(least for least, _ in TIERS))


def forgive(request: HttpRequest, actor: Staff, account: str) -> None:
    """Forget an account's wrong passwords, on record; what a client did to many accounts still counts."""
    audit.record(request, Action.UNLOCK_LOGIN, actor=actor, account=account)
    LoginAttempt.objects.filter(account=account).delete()
    AccessAttempt.objects.filter(username=account).delete()


@dataclass(frozen=True, slots=True)
class _Named:
    username: str

    def get_username(self) -> str:
        return self.username


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
