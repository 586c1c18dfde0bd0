"""One mbox file of messages, in its reversible form, as a stream.

Every line that begins with "From ", be it behind `>` signs, gets one `>` more ("mboxrd"); lines end in LF.
Source: RFC 4155; https://jdebp.uk/FGA/mail-mbox-formats.html for the kinds of mbox there are.
"""

import re
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from snapshots import headers
from webmail.archives.contents import Packable

NOBODY = b"MAILER-DAEMON"
ADDRESS_LENGTH = 254
QUOTED_LINE = re.compile(rb"\n(>*)From ")
QUOTED_START = re.compile(rb"\A(>*)From ")
UNDECIDED = re.compile(rb"(?:\r|F(?:r(?:om?)?)?)\Z")
ADDRESS = re.compile(r"[!-9;=?-~]+@[!-;=?-~]+")


def stream(messages: Iterable[Packable], note: Iterable[bytes] = ()) -> Iterator[bytes]:
    """Yield the file of these messages, and at its end the `note`, a message that says what is missing."""
    for message in messages:
        yield from framed(message.chunks(), message.row.internal_date)
    for source in note:
        yield from framed(iter((source,)), datetime.now(UTC))


def framed(chunks: Iterator[bytes], internal_date: datetime) -> Iterator[bytes]:
    """Yield one message as it stands in an mbox, with its "From " line and the empty line behind it."""
    first = next(chunks, b"")
    yield b"From %s %s\n" % (sender(first), _moment(internal_date).encode("ascii"))
    last = b"\n"
    for text in quoted(_with(first, chunks)):
        if text:
            yield text
            last = text[-1:]
    yield b"\n" if last == b"\n" else b"\n\n"


def quoted(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a text with LF line ends and every "From " at a line's beginning behind one `>` more.

    Constant memory for any length of line: only what may become CRLF or "From " is held back, and of a line's
    `>` signs it does not matter which one was added.
    """
    was_open, held = True, b""
    for chunk in chunks:
        text = held + chunk if held else chunk
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        undecided = UNDECIDED.search(text, max(0, len(text) - 4))
        held = text[undecided.start() :] if undecided else b""
        if held:
            text = text[: -len(held)]
        is_open = _ends_open(text, was_open)
        if b"From " in text:
            text = QUOTED_LINE.sub(rb"\n>\1From ", text)
            text = QUOTED_START.sub(rb">\1From ", text) if was_open else text
        was_open = is_open
        yield text
    yield held


def _ends_open(text: bytes, was_open: bool) -> bool:
    """Tell whether a line has just begun, or holds `>` signs alone so far."""
    if text and text[-1] not in b"\n>":
        return False
    before = text.rstrip(b">")
    return before.endswith(b"\n") or (not before and was_open)


def sender(beginning: bytes) -> bytes:
    """Return the envelope sender that the delivery wrote down, else who the message says it is from."""
    block = headers.header_block(beginning)
    written = headers.field(block, "return-path")
    if not written:
        people = headers.envelope(block).from_
        written = people[0].address if people else ""
    found = ADDRESS.search(written)
    return found[0].encode("ascii") if found and len(found[0]) <= ADDRESS_LENGTH else NOBODY


def _with(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _moment(moment: datetime) -> str:
    return time.asctime(moment.astimezone(UTC).timetuple())
