"""The transfer encodings of a part, undone in chunks; whatever is broken is read as far as it goes."""

import binascii
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

CHUNK_BYTES = 64 * 1024

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
# Tried where a run of blanks begins and nowhere else, else a run without a line end would cost its square.
_BLANKS_AT_LINE_END = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n)")
_UU_LINE_BYTES = 100


def raw(source: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Yield the bytes of `source` between two offsets; one that cannot seek is read from where it stands, its start."""
    position = _go_to(source, start)
    while position < end and (chunk := source.read(min(CHUNK_BYTES, end - position))):
        position += len(chunk)
        yield chunk


def _go_to(source: BinaryIO, start: int) -> int:
    if source.seekable():
        return source.seek(start)
    position = 0
    while position < start and (chunk := source.read(min(CHUNK_BYTES, start - position))):
        position += len(chunk)
    return position


def undone(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield what the transfer encoding stood for; an unknown encoding is left as it is."""
    if encoding == "base64":
        return _base64(chunks)
    if encoding == "quoted-printable":
        return _quoted_printable(chunks)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uuencoded(chunks)
    return iter(chunks)


def _base64(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        letters = rest + chunk.translate(None, _NOT_BASE64)
        if b"=" in letters:
            yield _last_base64(letters)
            return
        whole = len(letters) - len(letters) % 4
        rest = letters[whole:]
        yield binascii.a2b_base64(letters[:whole])
    yield _last_base64(rest)


def _last_base64(letters: bytes) -> bytes:
    """Decode up to the padding: what follows it is a list's footer more often than data."""
    letters = letters.partition(b"=")[0]
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _lines(chunks: Iterable[bytes], longest_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield runs of whole lines; a line longer than `longest_bytes` is cut."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        end = text.rfind(b"\n") + 1
        if not end and len(text) > longest_bytes:
            # Not within an escape: "=" and the two digits behind it stay together.
            escape = text.rfind(b"=", len(text) - 2)
            end = escape if escape >= 0 else len(text)
        if end:
            yield text[:end]
        rest = text[end:]
    if rest:
        yield rest


def _quoted_printable(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for lines in _lines(chunks):
        lines = lines if b"\n" in lines else lines.replace(b"\r", b"\n")
        if b" \n" in lines or b" \r\n" in lines or b"\t\n" in lines or b"\t\r\n" in lines:
            lines = _BLANKS_AT_LINE_END.sub(b"", lines)
        yield binascii.a2b_qp(lines)


def _uuencoded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    begun = False
    for lines in _lines(chunks):
        for line in lines.splitlines():
            if line.startswith(b"begin "):
                begun = True
            elif begun and line.rstrip() in (b"end", b"`"):
                return
            elif begun:
                yield _uu_line(line)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line[:_UU_LINE_BYTES])
    except binascii.Error:
        # Some encoders count wrong; the length byte says how much of the line is data.
        length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
        try:
            return binascii.a2b_uu(line[:length])
        except binascii.Error:
            return b""
