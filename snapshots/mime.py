"""A message's bytes → its parts by offset, their content, and what was wrong with it.

Nothing here raises because of what a message holds: what cannot be read is named in `Message.defects`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from snapshots import charsets, decoding, headers, walker
from snapshots.addresses import ADDRESSES
from snapshots.defects import Defect as Defect
from snapshots.errors import PartNotFound
from snapshots.part_headers import ENCLOSED, ENCODINGS, IDENTITY, PLAIN
from snapshots.types import Envelope
from snapshots.walker import Piece, Walk

TEXT_BYTES = 2 * 1024 * 1024
MORE_TEXT_BYTES = 256 * 1024
MORE_TEXTS = 100

_BODY_TYPES = frozenset((PLAIN, "text/html"))
# 57 bytes make a line of 76 letters and its line end.
_BASE64_RATIO = 57 / 77.5
_STRAY_LINE = re.compile(rb"\n(?![ \t\r\n]|[!-9;-~]{1,200}[ \t]*:)(?!\Z)")
_META_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
_META_SEARCH_BYTES = 4 * 1024


@dataclass(frozen=True, slots=True)
class Part:
    """One MIME entity. `number` is IMAP's: "1", "2.1"; the multipart of a whole (enclosed) message is "TEXT", "2.TEXT".

    Offsets are in the message's source; `size_bytes` is an estimate of the decoded size.
    `is_inline` is a picture shown within the HTML; `filename` is what the sender wrote, fit to be
    shown but not to be saved under (see `filenames.clean_filename`).
    """

    number: str
    parent: str | None
    content_type: str
    parameters: Mapping[str, str] = field(hash=False)
    encoding: str
    disposition: str
    filename: str
    content_id: str
    header_start: int
    body_start: int
    body_end: int
    size_bytes: int
    is_attachment: bool = False
    is_inline: bool = False
    is_container: bool = False

    @property
    def charset(self) -> str:
        return self.parameters.get("charset", "")

    @property
    def is_flowed(self) -> bool:
        return self.parameters.get("format", "").lower() == "flowed"

    @property
    def deletes_space(self) -> bool:
        return self.parameters.get("delsp", "").lower() == "yes"

    @property
    def encloses_message(self) -> bool:
        """Whether an attached message was taken apart too: its parts have this one's number before theirs."""
        return self.content_type in ENCLOSED and self.encoding in IDENTITY


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart: its parts depth first, containers included, and what was wrong with it.

    `size_bytes` counts what was read: with TOO_LARGE among the defects there is more, and no part.
    """

    envelope: Envelope
    header_block: bytes
    parts: tuple[Part, ...]
    defects: tuple[Defect, ...]
    size_bytes: int


def parse(source: BinaryIO) -> Message:
    """Take a message apart in one pass from where `source` stands, in constant memory, at every size.

    Offsets count from there. Raises only what reading `source` raises.
    Source: RFC 2045-2047; RFC 9051 section 6.4.5.1 for part numbers.
    """
    walk = walker.walk(source)
    room = _Room()
    parts = _parts(walk.pieces, room)
    charset = None if walk.header_block.isascii() else _body_charset(walk)
    envelope = headers.envelope(walk.header_block, body_charset=charset)
    defects = walk.defects | _header_defects(walk, envelope) | _part_defects(walk.pieces) | room.defects
    return Message(envelope, walk.header_block, parts, tuple(sorted(defects)), walk.size_bytes)


def structure(source: BinaryIO) -> Message:
    """Take a message apart as `parse` does, but read neither envelope nor defects: what a search needs of it."""
    walk = walker.walk(source)
    return Message(Envelope(), walk.header_block, _parts(walk.pieces, _Room()), (), walk.size_bytes)


def _body_charset(walk: Walk) -> str | None:
    return next((label for piece in walk.pieces if (label := piece.header.parameters.get("charset"))), None)


def _parts(pieces: list[Piece], room: "_Room") -> tuple[Part, ...]:
    parts: list[Part] = []
    for piece in pieces:
        parent = parts[piece.parent] if piece.parent is not None else None
        part = _part(piece, parent)
        parts.append(part if room.holds(part, parent) else replace(part, is_attachment=True))
    return tuple(parts)


@dataclass(slots=True)
class _Room:
    """How much text one message shows, and each of those attached to it; what finds no room is an attachment.

    A first text of each type is always shown, to its limit: what thousands cost to show is known only afterwards.
    """

    owners: dict[str, str] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    more_bytes: Counter[tuple[str, str]] = field(default_factory=Counter)
    defects: set[Defect] = field(default_factory=set)

    def holds(self, part: Part, parent: Part | None) -> bool:
        """Whether a part keeps its place in the text of its message."""
        owner = parent.number if parent and parent.encloses_message else self.owners.get(part.parent or "", "")
        self.owners[part.number] = owner
        if part.is_container or part.is_attachment or part.is_inline:
            return True
        shown = owner, part.content_type
        self.counts[shown] += 1
        if self.counts[shown] > 1:
            self.more_bytes[shown] += part.size_bytes
        if part.size_bytes > TEXT_BYTES or self.counts[shown] > MORE_TEXTS or self.more_bytes[shown] > MORE_TEXT_BYTES:
            self.defects.add(Defect.TOO_MUCH_TEXT)
            return self.counts[shown] == 1
        return True


def _part(piece: Piece, parent: Part | None) -> Part:
    header = piece.header
    is_multipart = header.content_type.startswith("multipart/")
    is_container = is_multipart and piece.children > 0
    # A multipart without a single part is the text it holds.
    content_type = PLAIN if is_multipart and not is_container else header.content_type
    is_inline = _is_inline(piece, parent)
    return Part(
        number=_number(piece, parent, is_container=is_container),
        parent=parent.number if parent else None,
        content_type=content_type,
        parameters=header.parameters,
        encoding=header.encoding,
        disposition=header.disposition,
        filename=header.filename,
        content_id=header.content_id,
        header_start=piece.header_start,
        body_start=piece.body_start,
        body_end=piece.body_end,
        size_bytes=_size_bytes(piece),
        is_attachment=not (is_container or is_inline) and not _is_body_text(piece, content_type),
        is_inline=is_inline,
        is_container=is_container,
    )


def _number(piece: Piece, parent: Part | None, *, is_container: bool) -> str:
    """Return the section number; within a multipart its own ordinal, within a message "1" or "TEXT"."""
    last = str(piece.ordinal)
    if parent is None or not parent.is_container:
        last = "TEXT" if is_container else "1"
    prefix = parent.number.removesuffix("TEXT").removesuffix(".") if parent else ""
    return f"{prefix}.{last}" if prefix else last


def _is_body_text(piece: Piece, content_type: str) -> bool:
    header = piece.header
    return content_type in _BODY_TYPES and header.disposition != "attachment" and not header.filename


def _is_inline(piece: Piece, parent: Part | None) -> bool:
    header = piece.header
    if not header.content_type.startswith("image/") or not header.content_id or header.disposition == "attachment":
        return False
    return parent is not None and (parent.content_type == "multipart/related" or header.disposition == "inline")


def _size_bytes(piece: Piece) -> int:
    length = piece.body_end - piece.body_start
    return int(length * _BASE64_RATIO) if piece.header.encoding == "base64" else length


def _header_defects(walk: Walk, envelope: Envelope) -> set[Defect]:
    block = walk.header_block
    defects = {Defect.EMPTY} if not walk.size_bytes else set()
    if _STRAY_LINE.search(block):
        defects.add(Defect.STRAY_HEADER_LINE)
    if block.count(b"\n") > headers.HEADERS and sum(1 for _ in headers.raw_fields(block)) >= headers.HEADERS:
        defects.add(Defect.TOO_MANY_HEADERS)
    if len(block) > headers.HEADER_BYTES:
        values = (value for _, value in headers.raw_fields(block))
        defects |= {Defect.HEADER_TOO_LONG for value in values if len(value) >= headers.HEADER_BYTES}
    people = (envelope.from_, envelope.to, envelope.cc, envelope.bcc, envelope.reply_to)
    if any(len(addresses) >= ADDRESSES for addresses in people):
        defects.add(Defect.TOO_MANY_ADDRESSES)
    return defects


def _part_defects(pieces: list[Piece]) -> set[Defect]:
    defects: set[Defect] = set()
    for piece in pieces:
        header = piece.header
        container = header.boundary is not None
        if container and not piece.children:
            defects.add(Defect.BOUNDARY_NOT_FOUND)
        if header.too_many_parameters:
            defects.add(Defect.TOO_MANY_PARAMETERS)
        if header.encoding not in ENCODINGS:
            defects.add(Defect.UNKNOWN_ENCODING)
        if header.encoding not in IDENTITY and (container or header.content_type in ENCLOSED):
            defects.add(Defect.ENCODED_CONTAINER)
    return defects


def find_part(message: Message, number: str) -> Part:
    """Return the part of that number.

    Raises: PartNotFound.
    """
    for part in message.parts:
        if part.number == number:
            return part
    raise PartNotFound


def own_parts(message: Message, within: Part | None = None) -> tuple[Part, ...]:
    """Return the parts of the message, or of the message attached as `within`, but none of those attached to it."""
    outer = f"{within.number}." if within else ""
    enclosed = {f"{part.number}." for part in message.parts if part.encloses_message and part != within}
    inner = tuple(prefix for prefix in enclosed if prefix.startswith(outer))
    return tuple(part for part in message.parts if part.number.startswith(outer) and not part.number.startswith(inner))


def attachments(message: Message, within: Part | None = None) -> tuple[Part, ...]:
    """Return the parts offered as attachments of the message, or of the attached message `within` it, in order."""
    return tuple(part for part in own_parts(message, within) if part.is_attachment)


def decoded(source: BinaryIO, part: Part) -> Iterator[bytes]:
    """Yield the part's content, its transfer encoding undone, in chunks of about 64 KiB.

    A `source` that cannot seek must stand at the message's first byte.
    """
    return decoding.undone(decoding.raw(source, part.body_start, part.body_end), part.encoding)


def header_of(source: BinaryIO, part: Part) -> bytes:
    """Return the part's own header block, at most HEADER_BLOCK_BYTES."""
    end = min(part.body_start, part.header_start + headers.HEADER_BLOCK_BYTES)
    return headers.header_block(b"".join(decoding.raw(source, part.header_start, end)))


def text(source: BinaryIO, part: Part, *, limit_bytes: int = TEXT_BYTES) -> str:
    """Return the first `limit_bytes` of a part's content as text fit to be shown, its line ends as line feeds."""
    data = bytearray()
    for chunk in decoded(source, part):
        data += chunk
        if len(data) >= limit_bytes:
            break
    content = bytes(data[:limit_bytes])
    label = part.charset or (_meta_charset(content) if part.content_type == "text/html" else None)
    return charsets.shown(charsets.decode(content, label).replace("\r\n", "\n").replace("\r", "\n"))


def _meta_charset(content: bytes) -> str | None:
    found = _META_CHARSET.search(content, 0, _META_SEARCH_BYTES)
    return found[1].decode("ascii") if found else None
