"""Header values as text: unfolding, raw 8-bit, encoded words (RFC 2047, as tolerant as readers are)."""

import binascii
import re
from collections.abc import Iterator

from snapshots import charsets

# From the beginning of a run of CRs only, else one without a line feed would cost its square.
_FOLD = re.compile(r"(?<!\r)\r*+\n[ \t]*|\r")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?(.*?)\?=", re.DOTALL)
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")
_ENCODED = "=?"


def decoded(raw: bytes, *, body_charset: str | None = None) -> str:
    """Return a header's value as one line of text fit to be shown."""
    return words_decoded(unfolded(raw, body_charset=body_charset))


def unfolded(raw: bytes, *, body_charset: str | None = None) -> str:
    """Return a header's value as one line, its encoded words still encoded."""
    is_plain = raw.isascii() and b"\x1b" not in raw
    text = raw.decode("ascii") if is_plain else charsets.decode(raw, otherwise=body_charset)
    if "\n" in text or "\r" in text:
        text = _FOLD.sub(" ", text)
    return text.strip()


def words_decoded(text: str) -> str:
    """Return text with its encoded words decoded, wherever they stand; other characters made fit to be shown."""
    if _ENCODED in text:
        text = "".join(_pieces(text))
    return text if text.isprintable() else charsets.shown(_FOLD.sub(" ", text).replace("\t", " ")).strip()


def _pieces(text: str) -> Iterator[str]:
    """Yield the text piece by piece; neighbouring words of one charset are joined before they are decoded."""
    # No start without an end behind it is tried, else a header of starts alone would cost its square.
    end = text.rfind("?=") + 2
    position, charset, pending = 0, "", bytearray()
    for match in _WORD.finditer(text, 0, end):
        data = _payload(match[2], match[3])
        if data is None:
            continue
        between = text[position : match.start()]
        label = match[1].partition("*")[0].lower()
        neighbours = bool(charset) and (not between or between.isspace())
        if not neighbours or label != charset:
            yield charsets.decode(bytes(pending), charset)
            yield "" if neighbours else between
            pending.clear()
        pending += data
        position, charset = match.end(), label
    yield charsets.decode(bytes(pending), charset)
    yield text[position:]


def _payload(encoding: str, payload: str) -> bytes | None:
    if encoding in "qQ":
        # A word in Q may hold raw 8-bit text although it must not.
        return binascii.a2b_qp(payload.replace("_", " ").replace("\t", " ").encode("utf-8", "replace"))
    letters = _NOT_BASE64.sub("", payload)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    if payload and not letters:
        return None
    return binascii.a2b_base64(letters + "=" * (-len(letters) % 4))
