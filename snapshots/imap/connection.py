"""imaplib's protocol over a socket whose every read is bounded in time and in bytes."""

import binascii
import contextlib
import imaplib
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Any

from snapshots.imap.failures import TlsFailure, TooMuch, refuse_controls
from snapshots.imap.place import ImapUrl, Timeouts

LOGIN_BYTES = 256 * 1024
LINE_BYTES = 8 * 1024 * 1024
_RECEIVE_BYTES = 64 * 1024


class Connection(imaplib.IMAP4):
    """A connection that has been greeted, and protected as its URL asks, before its caller gets it."""

    sock: socket.socket

    def __init__(self, url: ImapUrl, timeouts: Timeouts, tls: ssl.SSLContext) -> None:
        self._url = url
        self._timeouts = timeouts
        self._tls = tls
        self._received = bytearray()
        self.bound(seconds=timeouts.login_seconds, size_bytes=LOGIN_BYTES)
        super().__init__(url.host, url.port)

    def bound(self, *, seconds: float | None, size_bytes: int | None) -> None:
        """Give all that follows so many seconds and bytes together; None lifts that bound."""
        self._ends_at = None if seconds is None else time.monotonic() + seconds
        self._bytes_left = size_bytes

    @property
    def is_out_of_time(self) -> bool:
        return self._ends_at is not None and time.monotonic() >= self._ends_at

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock = self._reach(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        if self._url.scheme == "imaps":
            self._protect()

    def readline(self) -> bytes:
        searched = 0
        while (end := self._received.find(b"\n", searched)) < 0:
            searched = len(self._received)
            if searched > LINE_BYTES:
                raise TooMuch("the server sent an endless line")
            self._receive()
        return self._take(end + 1)

    def read(self, size: int) -> bytes:
        if self._bytes_left is not None and size > self._bytes_left + len(self._received):
            raise TooMuch("the server announced too much")
        while len(self._received) < size:
            self._receive()
        return self._take(size)

    def send(self, data: Any) -> None:
        self.sock.settimeout(self._remaining(self._timeouts.read_seconds))
        self.sock.sendall(data)

    def shutdown(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def authenticate_plain(self, response: bytes) -> tuple[str, bytes]:
        """Answer AUTHENTICATE PLAIN with `response` and return the kind and text of the server's verdict."""
        self.literal = _Answer(response).next  # type: ignore[assignment]
        kind, data = self._simple_command("AUTHENTICATE", "PLAIN")
        if kind == "OK":
            self.state = "AUTH"
        return kind, data[-1] or b""

    def _remaining(self, limit_seconds: float) -> float:
        if self._ends_at is None:
            return limit_seconds
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline passed")
        return min(limit_seconds, left)

    def _reach(self, places: Sequence[Any]) -> socket.socket:
        failure = OSError("the host has no address")
        for family, kind, protocol, _, place in places:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self._remaining(self._timeouts.connect_seconds))
                sock.connect(place)
            except OSError as error:
                sock.close()
                failure = error
            else:
                return sock
        raise failure

    def _protect(self) -> None:
        self.sock.settimeout(self._remaining(self._timeouts.login_seconds))
        self.sock = self._tls.wrap_socket(self.sock, server_hostname=self.host)

    def _connect(self) -> None:
        super()._connect()  # type: ignore[misc]
        if self.state != "NONAUTH":
            raise TlsFailure("The mail server says it knows already who is asking")
        if self._url.scheme == "imap+starttls":
            self._start_tls()

    def _start_tls(self) -> None:
        if "STARTTLS" not in self.capabilities or self._simple_command("STARTTLS")[0] != "OK":
            raise TlsFailure("The mail server offers no STARTTLS")
        if self._received:
            raise TlsFailure("The mail server went on in clear after STARTTLS")
        self._protect()
        self.untagged_responses.clear()
        self._get_capabilities()

    def _command(self, name: str, *args: Any) -> Any:
        refuse_controls(*(arg for arg in args if arg is not None))
        return super()._command(name, *args)  # type: ignore[misc]

    def _receive(self) -> None:
        self.sock.settimeout(self._remaining(self._timeouts.read_seconds))
        data = self.sock.recv(_RECEIVE_BYTES)
        if not data:
            raise ConnectionResetError("the server hung up")
        if self._bytes_left is not None:
            self._bytes_left -= len(data)
            if self._bytes_left < 0:
                raise TooMuch("the server sent too much")
        self._received += data

    def _take(self, size: int) -> bytes:
        data = bytes(self._received[:size])
        del self._received[:size]
        return data


class _Answer:
    """One SASL response; a server that asks again gets the cancelling asterisk, not the password again."""

    def __init__(self, response: bytes) -> None:
        self._lines = iter([binascii.b2a_base64(response, newline=False)])

    def next(self, challenge: bytes) -> bytes:
        return next(self._lines, b"*")
