"""A proxy before a real IMAP server, on the loopback: it notes every command, and meddles where it is told to.

It knows commands with their literals, so a line can be cut before, within and after one, or answered in the
server's place.
"""

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from demo.ports import LOOPBACK, free_port

WAIT_SECONDS = 20
LITERAL = re.compile(rb"\{(\d+)\+\}\r\n$")


@dataclass(frozen=True, slots=True)
class Command:
    """One command, its literals among it."""

    tag: bytes
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """Let so many bytes of a command through, then break both lines.

    `waits`: the server has answered by then, and nobody hears it.
    """

    size_bytes: int
    waits: bool = False
    then: Callable[[], None] = lambda: None


Meddler = Callable[[Command], Cut | bytes | None]
"""Says what becomes of a command: None to pass it on, a cut, or an answer without its tag."""


@dataclass(slots=True)
class Proxy:
    """A running proxy; `meddle` and `rewrite` may be changed at any time."""

    server_port: int
    listener: socket.socket
    meddle: Meddler = lambda command: None
    rewrite: Callable[[bytes], bytes] = lambda data: data
    commands: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"imap://{LOOPBACK}:{self.listener.getsockname()[1]}"


@contextlib.contextmanager
def before(server_port: int) -> Iterator[Proxy]:
    """Run a proxy until the block ends."""
    with socket.create_server((LOOPBACK, free_port())) as listener:
        proxy = Proxy(server_port, listener)
        accepting = threading.Thread(target=_accept, args=(proxy,))
        accepting.start()
        try:
            yield proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in proxy.threads:
                thread.join(timeout=20)


def _accept(proxy: Proxy) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = proxy.listener.accept()
            thread = threading.Thread(target=_serve, args=(proxy, client))
            proxy.threads.append(thread)
            thread.start()


def _serve(proxy: Proxy, client: socket.socket) -> None:
    with client, contextlib.suppress(OSError), socket.create_connection((LOOPBACK, proxy.server_port)) as server:
        answers = Answers(proxy, client, server)
        answers.start()
        with contextlib.suppress(OSError):
            _commands(proxy, client, server, answers)
        _break(client, server)
        answers.join()


def _commands(proxy: Proxy, client: socket.socket, server: socket.socket, answers: "Answers") -> None:
    with client.makefile("rb") as stream:
        while command := _next(stream.readline, stream.read):
            proxy.commands.append(command.name)
            match proxy.meddle(command):
                case bytes() as answer:
                    client.sendall(command.tag + b" " + answer + b"\r\n")
                case Cut() as cut:
                    answers.are_kept = cut.waits
                    server.sendall(command.data[: cut.size_bytes])
                    if cut.waits:
                        answers.heard.wait(timeout=WAIT_SECONDS)
                    cut.then()
                    return
                case _:
                    server.sendall(command.data)


class Answers(threading.Thread):
    """Passes on what the server says, or keeps it."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        super().__init__()
        self.heard = threading.Event()
        self.are_kept = False
        self._proxy, self._client, self._server = proxy, client, server

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._server.recv(65536):
                if self.are_kept:
                    self.heard.set()
                else:
                    self._client.sendall(self._proxy.rewrite(data))
        self.heard.set()
        _break(self._client, self._server)


def _next(readline: Callable[[], bytes], read: Callable[[int], bytes]) -> Command | None:
    line = data = readline()
    while literal := LITERAL.search(line):
        data += read(int(literal[1]))
        line = readline()
        data += line
    words = data.split(None, 3)
    if not line:
        return None
    name = words[1].decode("ascii", "replace").upper() if len(words) > 1 else ""
    if name == "UID" and len(words) > 2:
        name = f"UID {words[2].decode('ascii', 'replace').upper()}"
    return Command(words[0] if words else b"", name, data)


def _break(*sockets: socket.socket) -> None:
    for sock in sockets:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
