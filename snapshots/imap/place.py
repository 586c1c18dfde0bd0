"""Where an IMAP server is, how its connection is protected, and how long it may take."""

import ipaddress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

_PORTS = {"imaps": 993, "imap+starttls": 143, "imap": 143}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """`login_seconds` bounds connecting, TLS, greeting and password check together."""

    connect_seconds: float = 5.0
    read_seconds: float = 60.0
    login_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class ImapUrl:
    """An IMAP server's address. `scheme` is imaps, imap+starttls or imap."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `imaps://host[:port]`, `imap+starttls://…`, or `imap://…` where the host is loopback.

        Raises: ValueError saying what is wrong.
        """
        parts = urlsplit(text.strip())
        host = parts.hostname or ""
        if parts.scheme not in _PORTS:
            raise ValueError("an IMAP server is written imaps://, imap+starttls:// or imap:// and its host")
        if not host or "@" in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("an IMAP server is scheme://host[:port] and nothing more")
        if parts.scheme == "imap" and not _is_loopback(host):
            raise ValueError("imap:// sends passwords in clear, so it goes to this machine itself only")
        return cls(parts.scheme, host, parts.port or _PORTS[parts.scheme])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
