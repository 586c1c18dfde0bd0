"""An IMAP server that misbehaves as told, on the loopback: for what no real server does on demand.

A script holds one conversation. It may send anything, never answer, drip or flood; it ends when the
client hangs up or the test is over.
"""

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from demo.ports import LOOPBACK, free_port

GREETING = b"* OK ready\r\n"
DRIP_SECONDS = 0.05
FLOOD = b"* OK still here\r\n" * 4096


@dataclass(slots=True)
class Conversation:
    """The server's side of one connection; `heard` is shared by all of a server's conversations."""

    sock: socket.socket
    heard: list[bytes]
    over: threading.Event
    _pending: bytes = b""

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hear(self) -> bytes:
        """Return the client's next line, b"" once it has hung up."""
        while b"\n" not in self._pending:
            data = self.sock.recv(65536)
            if not data:
                return b""
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        self.heard.append(line.rstrip(b"\r"))
        return self.heard[-1]

    def start_tls(self, context: ssl.SSLContext) -> None:
        self.sock = context.wrap_socket(self.sock, server_side=True)


Script = Callable[[Conversation], None]


@dataclass(slots=True)
class FaultyServer:
    listener: socket.socket
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0

    def url(self, scheme: str = "imap", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.listener.getsockname()[1]}"

    @property
    def commands(self) -> list[str]:
        """The commands heard, without their tags and arguments."""
        words = [line.split() for line in self.heard]
        return [line[1].decode() if len(line) > 1 else "" for line in words]


@contextlib.contextmanager
def serving(script: Script, *, tls: ssl.SSLContext | None = None) -> Iterator[FaultyServer]:
    """Serve each connection by `script` until the block ends."""
    over = threading.Event()
    with socket.create_server((LOOPBACK, free_port())) as listener:
        server = FaultyServer(listener)
        thread = threading.Thread(target=_accept, args=(server, script, tls, over))
        thread.start()
        try:
            yield server
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _accept(server: FaultyServer, script: Script, tls: ssl.SSLContext | None, over: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while not over.is_set():
            sock, _ = server.listener.accept()
            server.connections += 1
            with sock:
                _converse(Conversation(sock, server.heard, over), script, tls)


def _converse(conversation: Conversation, script: Script, tls: ssl.SSLContext | None) -> None:
    conversation.sock.settimeout(20)
    with contextlib.suppress(OSError):
        if tls is not None:
            conversation.start_tls(tls)
        script(conversation)
    conversation.sock.close()


def silent(conversation: Conversation) -> None:
    conversation.hear()


def dripping(conversation: Conversation) -> None:
    """Send a greeting of one byte at a time that never ends."""
    while not conversation.over.wait(DRIP_SECONDS):
        conversation.say(b"x")


def endless_greeting(conversation: Conversation) -> None:
    while not conversation.over.is_set():
        conversation.say(b"x" * 65536)


def endless_lines(conversation: Conversation) -> None:
    conversation.say(GREETING)
    while not conversation.over.is_set():
        conversation.say(FLOOD)


def goodbye(conversation: Conversation) -> None:
    conversation.say(b"* BYE no time for you\r\n")


def preauthenticated(conversation: Conversation) -> None:
    conversation.say(b"* PREAUTH you are the administrator\r\n")
    answering(conversation)


def announcing_a_gigabyte(conversation: Conversation) -> None:
    conversation.say(GREETING)
    conversation.hear()
    conversation.say(b"* CAPABILITY {1073741824}\r\n")
    conversation.hear()


def answering(
    conversation: Conversation,
    *,
    verdict: bytes = b"OK logged in",
    status: bytes = b"BAD what",
    capabilities: bytes = b"IMAP4rev1 ID AUTH=PLAIN",
    tls: ssl.SSLContext | None = None,
    after_starttls: bytes = b"",
) -> None:
    """Hold an ordinary conversation that gives `verdict` on any password."""
    while line := conversation.hear():
        tag, command = line.split()[:2]
        if command == b"CAPABILITY":
            conversation.say(b"* CAPABILITY " + capabilities + b"\r\n" + tag + b" OK done\r\n")
        elif command == b"AUTHENTICATE":
            conversation.say(b"+ \r\n")
            conversation.hear()
            conversation.say((verdict if verdict.startswith(b"*") else tag + b" " + verdict) + b"\r\n")
        elif command == b"STARTTLS" and tls is not None:
            conversation.say(tag + b" OK begin\r\n" + after_starttls)
            conversation.start_tls(tls)
        elif command in (b"ID", b"STATUS", b"NOOP"):
            conversation.say(tag + b" " + (status if command == b"STATUS" else b"OK done") + b"\r\n")
        elif command == b"LOGOUT":
            conversation.say(b"* BYE\r\n" + tag + b" OK done\r\n")


def greeting_then(
    *,
    verdict: bytes = b"OK logged in",
    status: bytes = b"BAD what",
    capabilities: bytes = b"IMAP4rev1 ID AUTH=PLAIN",
    tls: ssl.SSLContext | None = None,
    after_starttls: bytes = b"",
) -> Script:
    """Return a script that greets and then answers."""
    answer = partial(
        answering, verdict=verdict, status=status, capabilities=capabilities, tls=tls, after_starttls=after_starttls
    )

    def script(conversation: Conversation) -> None:
        conversation.say(GREETING)
        answer(conversation)

    return script


@dataclass(frozen=True, slots=True)
class Certificates:
    """Server contexts, the client's context that trusts them both, and the file of the one of another name."""

    wrong_name_file: Path
    right: ssl.SSLContext
    wrong_name: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: run `make deps` as root")
    directory = tmp_path_factory.mktemp("certificates")
    right, wrong = _certificate(directory, "localhost"), _certificate(directory, "elsewhere.example")
    client = ssl.create_default_context(cafile=str(right))
    client.load_verify_locations(cafile=str(wrong))
    return Certificates(wrong, _server_context(right), _server_context(wrong), client)


def _certificate(directory: Path, name: str) -> Path:
    path = directory / f"{name}.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    subprocess.run([*command, "-keyout", path.with_suffix(".key"), "-out", path], check=True, capture_output=True)
    return path


def _server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context
