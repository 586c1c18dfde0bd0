"""The way to a live mailbox: with its owner's password, or as a master user who acts for them."""

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from access.audit import REQUEST_ID
from access.client import client_address
from snapshots import configured
from snapshots.imap import IllegalText, LiveMailbox, WrongPassword, check_login
from snapshots.types import Account


@sensitive_variables("password")
def open_live(account: Account, password: str, *, http: HttpRequest | None = None, master: str = "") -> LiveMailbox:
    """Log in and return the open mailbox, to be closed by the caller.

    `master` is whose password it is, where not the owner's. Raises: WrongPassword, ServerUnreachable.
    """
    try:
        return check_login(
            configured.live_server(),
            user=master or account.address,
            password=password,
            on_behalf_of=account.address if master else "",
            client_address=client_address(http) if http else "",
            session_id=http.META.get(REQUEST_ID, "") if http else "",
            tls=configured.trusted(),
        )
    except (IllegalText, UnicodeEncodeError):
        raise WrongPassword from None
