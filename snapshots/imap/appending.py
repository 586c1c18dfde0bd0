"""The one way mail is written: messages are added to a live mailbox, and folders for them. Nothing here can take away.

Source: RFC 3501 section 6.3.11 for APPEND, RFC 3502 for MULTIAPPEND, RFC 7888 for literals that are not waited for,
RFC 4315 for APPENDUID.
"""

import imaplib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from imapclient.datetime_util import datetime_to_INTERNALDATE

from snapshots.imap.failures import refuse_controls, translated
from snapshots.imap.live import LiveMailbox

PATIENCE_SECONDS = 120.0
BYTES_A_SECOND = 64 * 1024
"""What a server may take for an answer, and the slowest line that is waited for."""

_APPENDUID = re.compile(rb"\[APPENDUID (\d+) (\d+(?:[:,]\d+)*)\]", re.IGNORECASE)
_CODE = re.compile(r"^\[([A-Z-]+)[^\]]*\]\s*")
_ANSWER_CHARACTERS = 200


class NotStored(Exception):
    """The server stored nothing of it; `code` is its response code ("" for none), `text` what it said."""

    def __init__(self, answer: bytes, *, is_bad: bool = False) -> None:
        said = "".join(each if each.isprintable() else " " for each in answer.decode("utf-8", "replace"))
        code = _CODE.match(said)
        self.code = "BAD" if is_bad else code[1] if code else ""
        self.text = said[:_ANSWER_CHARACTERS]
        super().__init__(self.text)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to be added. `chunks` yield exactly `size_bytes`, every line of them ended by CRLF."""

    size_bytes: int
    flags: tuple[str, ...]
    internal_date: datetime
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a folder's numbering stands: what comes into it next gets `uidnext` or more."""

    uidvalidity: int
    uidnext: int


class Broken(Exception):
    """A message did not have the bytes that were announced: nothing was stored, and the connection is given up."""


class Appender:
    """Adds to a mailbox that is open; the caller closes it."""

    def __init__(self, mailbox: LiveMailbox) -> None:
        self._client = mailbox.client
        self._connection = mailbox.client.connection

    @property
    def takes_many(self) -> bool:
        """Whether the server stores several messages together or none."""
        return bool(self._client.has_capability("MULTIAPPEND"))

    @property
    def limit_bytes(self) -> int | None:
        """The largest message the server takes, where it says so (RFC 7889)."""
        names = (name.decode("ascii", "replace").upper() for name in self._client.capabilities())
        limits = [name.removeprefix("APPENDLIMIT=") for name in names if name.startswith("APPENDLIMIT=")]
        return int(limits[0]) if limits and limits[0].isdigit() else None

    def standing(self, folder: str) -> Standing:
        """Return where the folder's numbering stands. Raises: NotStored where there is no such folder."""
        with self._bounded(PATIENCE_SECONDS), _refusals():
            told = self._client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
            return Standing(int(told[b"UIDVALIDITY"]), int(told[b"UIDNEXT"]))

    def make(self, folder: str) -> None:
        """Make a folder and subscribe to it. Raises: NotStored."""
        with self._bounded(PATIENCE_SECONDS), _refusals():
            self._client.create_folder(folder)
            self._client.subscribe_folder(folder)

    def append(self, folder: str, messages: Sequence[Outgoing]) -> tuple[int, ...]:
        """Add messages, all of them or none, and return their UIDs; empty where the server tells none.

        More than one where it `takes_many`. Raises: NotStored; Broken; ServerUnreachable, and then the messages may
        be there or not.
        """
        refuse_controls(folder, *(flag for message in messages for flag in message.flags))
        size_bytes = sum(message.size_bytes for message in messages)
        with self._bounded(patience_seconds(size_bytes)):
            tag = self._connection._new_tag()
            try:
                self._connection.send(tag + b" APPEND " + self._client._normalise_folder(folder))
                for message in messages:
                    self._send(tag, message)
                self._connection.send(b"\r\n")
                return self._verdict(tag, len(messages))
            except NotStored:
                raise
            except BaseException:
                # What follows half a message must never be taken for a command.
                self._connection.shutdown()
                raise

    def _send(self, tag: bytes, message: Outgoing) -> None:
        """Send one message. Raises: NotStored where the server says so before it went out."""
        waits = not self._client.has_capability("LITERAL+")
        flags, moment = " ".join(message.flags), datetime_to_INTERNALDATE(message.internal_date)
        size = f"{message.size_bytes}{'' if waits else '+'}"
        self._connection.send(f' ({flags}) "{moment}" {{{size}}}\r\n'.encode("ascii"))
        if waits:
            self._wait_until_asked(tag)
        sent_bytes = 0
        for chunk in message.chunks:
            sent_bytes += len(chunk)
            if sent_bytes > message.size_bytes:
                break
            self._connection.send(chunk)
        if sent_bytes != message.size_bytes:
            raise Broken

    def _wait_until_asked(self, tag: bytes) -> None:
        connection: Any = self._connection
        while connection._get_response() is not None:
            answer = connection.tagged_commands.pop(tag, None)
            if answer is not None:
                raise NotStored(answer[1][-1] or b"", is_bad=answer[0] == "BAD")

    def _verdict(self, tag: bytes, count: int) -> tuple[int, ...]:
        connection: Any = self._connection
        try:
            kind, data = connection._command_complete("APPEND", tag)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise NotStored(str(error).encode("utf-8", "replace"), is_bad=True) from error
        answer: bytes = data[-1] or b""
        if kind != "OK":
            raise NotStored(answer)
        told = _APPENDUID.search(answer)
        # A server that tells more than was sent must not fill the memory.
        return tuple(islice(_expanded(told[2].decode("ascii")), count + 1)) if told else ()

    @contextmanager
    def _bounded(self, seconds: float) -> Iterator[None]:
        self._connection.bound(seconds=seconds, size_bytes=None)
        try:
            with translated():
                yield
        finally:
            self._connection.bound(seconds=None, size_bytes=None)


def patience_seconds(size_bytes: int) -> float:
    """Return how long sending so much may take at most."""
    return PATIENCE_SECONDS + size_bytes / BYTES_A_SECOND


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell a NO or BAD from a connection that broke."""
    try:
        yield
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise NotStored(str(error).encode("utf-8", "replace")) from error


def _expanded(uids: str) -> Iterator[int]:
    """Yield the numbers of a set like 4:6,9."""
    for part in uids.split(","):
        first, *others = part.split(":")
        last = others[-1] if others else first
        yield from range(int(first), int(last) + 1)
