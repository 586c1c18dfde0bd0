"""What a server tells before anyone logs in: that it is there, what it can do, and how long its certificate holds."""

import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from snapshots.imap.client import Client, hang_up
from snapshots.imap.failures import translated
from snapshots.imap.place import ImapUrl, Timeouts


@dataclass(frozen=True, slots=True)
class Greeting:
    """A server's first words. `certificate_ends_at` is None where nothing protects the connection."""

    capabilities: frozenset[str]
    took_seconds: float
    certificate_ends_at: datetime | None


def greet(url: ImapUrl, *, timeouts: Timeouts | None = None, tls: ssl.SSLContext | None = None) -> Greeting:
    """Connect, listen and hang up; nobody logs in. Raises: ServerUnreachable, TlsFailure."""
    began_at = time.monotonic()
    with translated():
        client = Client(url, timeouts=timeouts or Timeouts(), tls=tls or ssl.create_default_context())
    took_seconds = time.monotonic() - began_at
    try:
        sock = client.connection.sock
        certificate = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
        return Greeting(frozenset(client.connection.capabilities), took_seconds, _end_of(certificate))
    finally:
        hang_up(client)


def _end_of(certificate: object) -> datetime | None:
    ends = certificate.get("notAfter") if isinstance(certificate, dict) else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC) if isinstance(ends, str) else None
