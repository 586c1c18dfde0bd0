"""A proxy between us and an IMAP server that writes down every command, and can do harm on request.

It understands literals, so what a message holds is never taken for a command.
"""

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field

from demo.ports import LOOPBACK, free_port

_LITERAL = re.compile(rb"~?\{(\d+)\+?\}\r\n\Z")
PIECE_BYTES = 64 * 1024
READING = {
    "STARTTLS", "AUTHENTICATE", "ID", "CAPABILITY", "NAMESPACE", "LIST", "STATUS", "EXAMINE", "UID FETCH", "FETCH",
    "SEARCH", "SORT", "NOOP", "LOGOUT",
}  # fmt: skip
"""What whoever only reads may ask. Each FETCH must keep to PEEK besides (`unsafe`)."""
ADDING = {"GETQUOTAROOT", "SELECT", "CREATE", "SUBSCRIBE", "APPEND"}
"""What the application may ask a live server besides: nothing that takes away or alters."""


@dataclass(slots=True)
class Proxy:
    """A running proxy; `lines` are the commands as they were sent, without their literals.

    `answering` yields what the client gets in place of what the server sent. `sent` are the bytes of each connection,
    literals and all, for those who ask for them (`keeps_bytes`).
    """

    target: int
    listener: socket.socket
    keeps_bytes: bool = False
    lines: list[bytes] = field(default_factory=list)
    sent: list[bytearray] = field(default_factory=list)
    before_forwarding: Callable[[bytes], None] = lambda data: None
    answering: Callable[[bytes], Iterable[bytes]] = lambda data: (data,)
    sockets: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"imap://{LOOPBACK}:{self.listener.getsockname()[1]}"

    @property
    def commands(self) -> list[str]:
        """The commands by name, UID ones with what they do."""
        words = [line.split(b" ") for line in self.lines]
        names = [b" ".join(each[1 : 3 if each[1].upper() == b"UID" else 2]) for each in words if len(each) > 1]
        return [name.decode("ascii", "replace").strip().upper() for name in names]

    def unsafe(self, *, allowed: Collection[str] = ()) -> list[bytes]:
        """Return the lines that one who only reads must not send, but for commands that are allowed."""
        named = zip(self.lines, self.commands, strict=True)
        return [line for line, name in named if name not in allowed and not _only_reads(line, name)]

    def cut(self) -> None:
        """Break every connection there is now, and none that is opened meanwhile."""
        for each in tuple(self.sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _only_reads(line: bytes, name: str) -> bool:
    is_fetch = name.endswith("FETCH")
    return name in READING and not (is_fetch and re.search(rb"BODY\[|RFC822(?!\.SIZE)|BINARY\[", line))


@contextlib.contextmanager
def recording(target: int, *, keeps_bytes: bool = False) -> Iterator[Proxy]:
    """Stand before the server at `target` (a port of the loopback) until the block ends."""
    with socket.create_server((LOOPBACK, free_port())) as listener:
        proxy = Proxy(target, listener, keeps_bytes)
        conversations: list[threading.Thread] = []
        accepting = threading.Thread(target=_accept, args=(proxy, conversations))
        accepting.start()
        try:
            yield proxy
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            proxy.cut()
            for each in conversations:
                each.join()


def _accept(proxy: Proxy, conversations: list[threading.Thread]) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = proxy.listener.accept()
            try:
                server = socket.create_connection((LOOPBACK, proxy.target))
            except OSError:
                client.close()
                continue
            proxy.sockets += [client, server]
            conversations.append(threading.Thread(target=_converse, args=(proxy, client, server)))
            conversations[-1].start()


def _converse(proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
    back = threading.Thread(target=_from_server, args=(proxy, client, server))
    with client, server:
        back.start()
        _from_client(proxy, client, server)
        back.join()


def _from_client(proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
    """Forward commands line by line; a literal's bytes, and what answers a continuation, are no commands."""
    is_going_on = False
    sent = bytearray()
    proxy.sent.append(sent)
    with contextlib.suppress(OSError), client.makefile("rb") as file:
        while line := file.readline():
            if not is_going_on and b" " in line:
                proxy.lines.append(line.rstrip(b"\r\n"))
            _forward(proxy, line, sent, server)
            is_going_on = bool(literal := _LITERAL.search(line)) or b" AUTHENTICATE " in line.upper()
            left = int(literal[1]) if literal else 0
            while left and (data := file.read(min(left, PIECE_BYTES))):
                _forward(proxy, data, sent, server)
                left -= len(data)
    _close(client, server)


def _forward(proxy: Proxy, data: bytes, sent: bytearray, server: socket.socket) -> None:
    if proxy.keeps_bytes:
        sent += data
    proxy.before_forwarding(data)
    server.sendall(data)


def _from_server(proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := server.recv(PIECE_BYTES):
            for piece in proxy.answering(data):
                client.sendall(piece)
    _close(client, server)


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
