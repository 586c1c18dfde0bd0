"""Address headers → addresses: any shape found in real mail, in linear time, without recursion.

`email.utils.getaddresses` recurses on nested comments, and from one patch release to the next it
either guesses or gives nothing; so the few rules it takes stand here.
"""

import re

from snapshots.types import Address
from snapshots.words import words_decoded

ADDRESSES = 1_000

_ONE = re.compile(r'(?:"([^"\\=]*+)"\s*+|([^"<>,;:()\\@\[\]=]*+))<([^<>\s"(),;:\\=?@]++@[^<>\s"(),;:\\@]++)>')
_TOKEN = re.compile(
    r'(?P<encoded>=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*+\?=)|"(?P<quoted>(?:[^"\\]|\\.)*+)"|<(?P<angle>[^<>]*+)>'
    r"|(?P<comment>\()|(?P<separator>[,;])|(?P<colon>:)|(?P<space>\s++)|(?P<word>(?:(?!=\?)[^\s\",;:()<>])++|=)|.",
    re.DOTALL,
)
_COMMENT_MARK = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def parse(text: str) -> tuple[Address, ...]:
    """Return the addresses of an unfolded header value, its encoded words still encoded; at most ADDRESSES."""
    if not text:
        return ()
    plain = _ONE.fullmatch(text)
    if plain and text.isprintable():
        return (Address(name=(plain[1] or plain[2] or "").strip(), address=plain[3]),)
    found = _Reader(text).read()
    if "=?" in text and not any("@" in address.address for address in found):
        found = _Reader(words_decoded(text)).read() or found
    return tuple(found)


class _Reader:
    """Collects one address after the other from the tokens of a value."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Address] = []
        self._start()

    def _start(self) -> None:
        self.name: list[str] = []
        self.comments: list[str] = []
        self.angle: str | None = None
        self.before_angle = 0

    def read(self) -> list[Address]:
        position = 0
        while position < len(self.text) and len(self.found) < ADDRESSES:
            match = _TOKEN.match(self.text, position)
            if match is None:
                break
            position = match.end()
            if match.lastgroup == "comment":
                position = self._comment(position)
            elif match.lastgroup:
                self._take(match.lastgroup, match[match.lastgroup])
        self._finish()
        return self.found

    def _take(self, kind: str, value: str) -> None:
        if kind == "separator":
            self._finish()
        elif kind == "angle":
            self._angle(value)
        elif kind == "colon":
            self._colon()
        elif kind == "quoted":
            self.name.append(_ESCAPE.sub(r"\1", value))
        elif kind in ("word", "encoded", "space"):
            self.name.append(value)

    def _angle(self, value: str) -> None:
        """Take an address in angle brackets; a second one begins another person, whose name follows the first."""
        if self.angle is not None and "@" in self.angle:
            if "@" not in value:
                return
            name = self.name[self.before_angle :]
            del self.name[self.before_angle :]
            self._finish()
            self.name = name
        self.angle, self.before_angle = value, len(self.name)

    def _colon(self) -> None:
        """End the name of a group, which is not shown: its members are."""
        if self.angle is None and not any("@" in piece for piece in self.name):
            self._start()
        else:
            self.name.append(":")

    def _comment(self, start: int) -> int:
        depth = 1
        for mark in _COMMENT_MARK.finditer(self.text, start):
            depth += {"(": 1, ")": -1}.get(mark[0], 0)
            if not depth:
                self.comments.append(self.text[start : mark.start()])
                return mark.end()
        self.comments.append(self.text[start:])
        return len(self.text)

    def _finish(self) -> None:
        address = self.angle
        if address is None:
            address = self._bare()
        elif ":" in address and address.startswith("@"):
            address = address.rpartition(":")[2]
        name = words_decoded("".join(self.name)).strip() or words_decoded(" ".join(self.comments)).strip()
        address = words_decoded(address).strip()
        if name or address:
            self.found.append(Address(name=_unquoted(name), address=address))
        self._start()

    def _bare(self) -> str:
        """Take the address out of the words: the last that holds an @, or a word that stands alone."""
        for index in range(len(self.name) - 1, -1, -1):
            if "@" in self.name[index] and not self.name[index].startswith("=?"):
                return self.name.pop(index)
        words = [piece for piece in self.name if not piece.isspace()]
        if len(words) == 1 and not words[0].startswith("=?"):
            self.name.clear()
            return words[0]
        return ""


def _unquoted(name: str) -> str:
    """Take off the quotation marks that were encoded together with the name."""
    return name[1:-1].strip() if len(name) > 1 and name[0] == name[-1] == '"' else name
