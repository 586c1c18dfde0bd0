"""What a client sent to an IMAP server, read by the grammar and not by what the client meant.

Source: RFC 3501 section 9, RFC 7888 for literals that are not waited for, RFC 4959 for SASL responses.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from imapclient.imap_utf7 import decode

_TAG = re.compile(rb"[A-Za-z0-9]+")
_ATOM = re.compile(
    rb"\d+:\*|\\\*|BODY\.PEEK\[[A-Z.() -]*\](?:<[\d.]+>)?"
    rb'|\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+'
)
_QUOTED = re.compile(rb'"((?:[^"\\\x00\r\n\x80-\xff]|\\["\\])*)"')
_LITERAL = re.compile(rb"\{(\d+)\+?\}\r\n")
_ESCAPED = re.compile(rb'\\(["\\])')

Argument = str | bytes | tuple["Argument", ...]
"""An atom as text; what was quoted or a literal as bytes; a list as a tuple."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name and arguments. AUTHENTICATE has its decoded response for the last."""

    name: str
    arguments: tuple[Argument, ...] = ()


def folder_of(argument: Argument) -> str:
    """Return the folder that an argument names."""
    assert isinstance(argument, bytes)
    return str(decode(argument))


def commands(sent: bytes) -> list[Command]:
    """Return all commands of one connection. Raises: ValueError where a byte is out of place."""
    return list(_Reader(sent).commands())


class _Reader:
    def __init__(self, sent: bytes) -> None:
        self._sent = sent
        self._at = 0

    def commands(self) -> Iterator[Command]:
        while self._at < len(self._sent):
            self._take(_TAG)
            self._expect(b" ")
            name = self._take(_ATOM).decode("ascii").upper()
            arguments = []
            while not self._passed(b"\r\n"):
                self._expect(b" ")
                arguments.append(self._argument())
            if name == "AUTHENTICATE":
                arguments.append(self._response())
            yield Command(name, tuple(arguments))

    def _argument(self) -> Argument:
        if self._passed(b"("):
            return tuple(self._listed())
        if quoted := self._match(_QUOTED):
            return _ESCAPED.sub(rb"\1", quoted[1])
        if literal := self._match(_LITERAL):
            start, self._at = self._at, self._at + int(literal[1])
            return self._sent[start : self._at]
        return self._take(_ATOM).decode("ascii")

    def _listed(self) -> Iterator[Argument]:
        while not self._passed(b")"):
            yield self._argument()
            if self._sent[self._at : self._at + 1] != b")":
                self._expect(b" ")

    def _response(self) -> bytes:
        line, self._at = self._sent[self._at :].partition(b"\r\n")[0], self._at
        self._at += len(line)
        self._expect(b"\r\n")
        try:
            return base64.b64decode(line, validate=True)
        except binascii.Error as error:
            raise ValueError(f"no SASL response: {line!r}") from error

    def _match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        found = pattern.match(self._sent, self._at)
        self._at = found.end() if found else self._at
        return found

    def _take(self, pattern: re.Pattern[bytes]) -> bytes:
        found = self._match(pattern)
        if found is None:
            raise ValueError(f"out of place: {self._sent[self._at : self._at + 80]!r}")
        return found[0]

    def _passed(self, data: bytes) -> bool:
        is_there = self._sent.startswith(data, self._at)
        self._at += len(data) if is_there else 0
        return is_there

    def _expect(self, data: bytes) -> None:
        if not self._passed(data):
            raise ValueError(f"{data!r} is missing before {self._sent[self._at : self._at + 80]!r}")
