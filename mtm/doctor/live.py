"""The live server: who it is, what it can do, what a wrong password costs, and the worker's way in."""

import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from django.conf import settings

from mtm.doctor.findings import Finding, ok, problem, reason, warning
from snapshots import configured
from snapshots.imap import (
    ImapUrl,
    LiveMailbox,
    ServerUnreachable,
    Timeouts,
    TlsFailure,
    WrongPassword,
    check_login,
    greet,
)
from snapshots.types import Account

CERTIFICATE_DAYS = 14
EXTRA_SECONDS = 1.5
PENALTY_SECONDS = 15.0
PATIENCE = Timeouts(login_seconds=20.0)
# Of RFC 5737: addresses that nobody has, so nobody's real one is held to have been wrong.
STRANGERS = ("192.0.2.1", "198.51.100.1")
WANTED = {
    "MULTIAPPEND": "messages are put back one by one, about four times slower",
    "UIDPLUS": "a restore that was cut off looks for its messages by their content",
    "QUOTA": "a plan cannot say whether there is room",
    "SPECIAL-USE": "folders' roles are told by their names alone",
}


def server(account: Account | None) -> Iterator[Finding]:
    """Look whether the live server is there, proves who it is, and takes a password."""
    yield from greeted(configured.live_server(), settings.MTM_IMAP_URL)


def greeted(url: ImapUrl, written: str) -> Iterator[Finding]:
    """Look at any mail server's greeting; `written` is how the settings have it."""
    try:
        greeting = greet(url, tls=configured.trusted())
    except TlsFailure as error:
        yield problem(
            f"{written} does not prove who it is: {reason(error)}; no password is sent",
            "Renew its certificate, write its name as the certificate has it, or name its authority in MTM_IMAP_CA.",
        )
        return
    except ServerUnreachable as error:
        yield problem(
            f"{written} is not reachable: {reason(error)}", "See that it runs and that no firewall is between."
        )
        return
    words = f"{written} answers in {greeting.took_seconds * 1000:.0f} ms"
    if greeting.certificate_ends_at is None:
        yield ok(f"{words}, unprotected, on this machine")
    else:
        days = (greeting.certificate_ends_at - datetime.now(UTC)).days
        words += f", certificate valid {days} days"
        yield ok(words) if days >= CERTIFICATE_DAYS else warning(words, "Renew it: without it nobody can log in.")
    if "AUTH=PLAIN" not in greeting.capabilities:
        yield problem(f"{written} offers no AUTH=PLAIN", "Let it have auth_mechanisms = plain, over TLS.")


def patience(account: Account | None) -> Iterator[Finding]:
    """Look whether one reader's wrong passwords make all others wait: two strangers are wrong, one after the other."""
    url = configured.live_server()
    try:
        if "ID" not in greet(url, tls=configured.trusted()).capabilities:
            yield warning(
                "the server takes no ID, so it cannot tell one reader from another",
                "See that it does not slow or block this host for readers' wrong passwords.",
            )
            return
        first, second = (_seconds_of_refusal(url, stranger) for stranger in STRANGERS)
    except ServerUnreachable as error:
        yield warning(f"could not be tried: {reason(error)}", "See what is said of the live server.")
        return
    words = f"a wrong password took {first:.1f} s, another reader's right after it {second:.1f} s"
    if second - first > EXTRA_SECONDS or second > PENALTY_SECONDS:
        yield warning(
            f"{words}: whoever is wrong makes everybody wait",
            "On the live server put this host's address into login_trusted_networks.",
        )
    else:
        yield ok(words)


def _seconds_of_refusal(url: ImapUrl, client_address: str) -> float:
    began_at = time.monotonic()
    with suppress(WrongPassword):
        check_login(
            url,
            user="no-such-mailbox@night.invalid",
            password=secrets.token_urlsafe(),
            client_address=client_address,
            timeouts=PATIENCE,
            tls=configured.trusted(),
        ).close()
    return time.monotonic() - began_at


def worker(account: Account | None) -> Iterator[Finding]:
    """Look whether the worker can log in for an account, and what the server then says it can do."""
    user, _, password = settings.MTM_IMAP_MASTER.partition(":")
    if settings.MTM_RESTORE == "off":
        yield ok("no restores, by MTM_RESTORE")
    elif not user:
        yield ok("not looked at: this process has no MTM_IMAP_MASTER, as the web must not; look again as the worker")
    elif account is None:
        yield ok(f"not looked at: name a mailbox with --account, for which {user} logs in")
    else:
        yield from _as_worker(account, user, password)


def _as_worker(account: Account, user: str, password: str) -> Iterator[Finding]:
    try:
        live = check_login(
            configured.live_server(),
            user=user,
            password=password,
            on_behalf_of=account.address,
            tls=configured.trusted(),
        )
    except (WrongPassword, ServerUnreachable) as error:
        yield problem(
            f"the live server does not let {user} in for {account.address}: {reason(error)}",
            "See MTM_IMAP_MASTER, the server's master passdb, and that the mailbox exists.",
        )
        return
    with live:
        yield ok(f"{user} is let in for {account.address}")
        yield from _abilities(live)


def _abilities(live: LiveMailbox) -> Iterator[Finding]:
    for name, without in WANTED.items():
        if not live.client.has_capability(name):
            yield warning(f"the live server has no {name}: {without}", f"Switch {name} on, if the server has it.")
    guid = live.inbox_guid()
    if guid:
        yield ok(f"the live INBOX tells its GUID, {guid}")
    else:
        yield warning(
            "the live server tells no X-GUID: a night is not proved to be the same mailbox",
            "See that addresses are never given to somebody else while their predecessor's nights are kept.",
        )
