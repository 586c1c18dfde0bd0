"""A port that every name leads to, and that rings at any connection, whatever is spoken over it."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from demo.ports import LOOPBACK, free_port

ANSWER = b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
PATIENCE_SECONDS = 1
MUTE = "(nothing)"
BROWSERS_OWN = (
    "accounts.google.com",
    "clients2.google.com",
    "content-autofill.googleapis.com",
    "start.duckduckgo.com",
    "update.googleapis.com",
)
_TLS = b"\x16\x03"
_NAME = re.compile(rb"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")


@dataclass(slots=True)
class Doorbell:
    """Who rang, by the first line that was spoken."""

    port: int
    callers: list[threading.Thread] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def rings(self) -> list[str]:
        """Return what was said so far, when everyone at the door has spoken or gone; MUTE of who said nothing."""
        for caller in self.callers:
            caller.join()
        return self.heard

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def every_name(self) -> str:
        """The browser's switch that leads all names here but the loopback's address, and what it asks for itself."""
        nowhere = "".join(f"MAP {name} ~NOTFOUND, " for name in BROWSERS_OWN)
        return f"--host-resolver-rules={nowhere}MAP * {LOOPBACK}:{self.port}, EXCLUDE {LOOPBACK}"


@contextmanager
def hung() -> Iterator[Doorbell]:
    bell = Doorbell(free_port())
    with socket.create_server((LOOPBACK, bell.port), backlog=256) as server:
        threading.Thread(target=_open_to_all, args=(bell, server), daemon=True).start()
        yield bell
        server.shutdown(socket.SHUT_RDWR)


def _open_to_all(bell: Doorbell, server: socket.socket) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        bell.callers.append(threading.Thread(target=_answer, args=(bell, caller), daemon=True))
        bell.callers[-1].start()


def _answer(bell: Doorbell, caller: socket.socket) -> None:
    said = b""
    with caller:
        caller.settimeout(PATIENCE_SECONDS)
        try:
            said = caller.recv(2_000)
            caller.sendall(ANSWER)
        except OSError:
            pass
        bell.heard.append(_words(said))


def _words(said: bytes) -> str:
    """Return a request's first line, or of a TLS greeting the name it is for."""
    if not said:
        return MUTE
    if said.startswith(_TLS):
        return "TLS to " + b" ".join(_NAME.findall(said)).decode("ascii")
    return said.split(b"\r\n")[0].decode("latin-1")
