"""A line to a server that can be taken down, left hanging or cut, while its ends stay what they are."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from demo.ports import LOOPBACK, free_port

PIECE_BYTES = 64 * 1024


@dataclass
class Line:
    """A port of the loopback that leads to another one."""

    target: int
    port: int
    is_flowing: threading.Event = field(default_factory=threading.Event)
    _is_refused: bool = False
    _is_cut: bool = False
    _sockets: list[socket.socket] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"imap://{LOOPBACK}:{self.port}"

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Let nobody through, and break what is under way, until the block ends."""
        self._is_refused = True
        self.cut()
        try:
            yield
        finally:
            self._is_refused = False

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """Accept everybody and answer nothing until the block ends."""
        self.is_flowing.clear()
        try:
            yield
        finally:
            self.is_flowing.set()

    @contextlib.contextmanager
    def cutting(self) -> Iterator[None]:
        """Break each connection at its client's next word until the block ends."""
        self._is_cut = True
        try:
            yield
        finally:
            self._is_cut = False

    def cut(self) -> None:
        """Break every connection now."""
        sockets, self._sockets = self._sockets, []
        for each in sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def lead(self, client: socket.socket) -> None:
        """Carry what one client and the server say to each other, until one of them hangs up."""
        with client, contextlib.suppress(ConnectionRefusedError):
            if self._is_refused:
                return
            with socket.create_connection((LOOPBACK, self.target)) as server:
                self._sockets += [client, server]
                back = threading.Thread(target=self._carry, args=(server, client))
                back.start()
                self._carry(client, server, from_client=True)
                back.join()

    def _carry(self, source: socket.socket, sink: socket.socket, *, from_client: bool = False) -> None:
        with contextlib.suppress(OSError):
            while (data := source.recv(PIECE_BYTES)) and not (from_client and self._is_cut):
                self.is_flowing.wait()
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def to(target: int) -> Iterator[Line]:
    """Lay a line to a port of the loopback, and take it away when the block ends."""
    with socket.create_server((LOOPBACK, free_port())) as listener:
        line = Line(target, listener.getsockname()[1])
        line.is_flowing.set()
        conversations: list[threading.Thread] = []
        accepting = threading.Thread(target=_accept, args=(line, listener, conversations))
        accepting.start()
        try:
            yield line
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            line.is_flowing.set()
            line.cut()
            for each in conversations:
                each.join()


def _accept(line: Line, listener: socket.socket, conversations: list[threading.Thread]) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = listener.accept()
            conversations.append(threading.Thread(target=line.lead, args=(client,)))
            conversations[-1].start()
