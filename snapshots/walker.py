"""The one pass over a message's bytes that finds its parts by offset.

Memory does not depend on the message: a window of one chunk, or one header block. Bodies are searched
for boundary lines with `bytes.find`; Python never looks at their lines one by one.
"""

import re
from dataclasses import dataclass, field
from typing import BinaryIO

from snapshots import headers, part_headers
from snapshots.defects import Defect as Defect
from snapshots.part_headers import PartHeader

CHUNK_BYTES = 128 * 1024
MESSAGE_BYTES = 64 * 1024 * 1024
DEPTH = 50
PARTS = 1_000

_DASHED_LINES = 500_000
_BOUNDARY_LINE_BYTES = 5_000
_PROBE_BYTES = 4 * 1024
_MARK = b"\n--"
_FIRST_PART = re.compile(rb"\n--([!-~]{1,200})[ \t]*\r?\ncontent-[a-z-]{1,40}:", re.IGNORECASE)
_EMPTY_LINE = re.compile(rb"\n\r?\n")


@dataclass(slots=True)
class Piece:
    """One entity of a message: what its header says, and at which offsets it lies."""

    header: PartHeader
    parent: int | None
    ordinal: int
    header_start: int
    body_start: int
    body_end: int = -1
    children: int = 0


@dataclass(slots=True)
class Walk:
    """What a walk found: the pieces depth first, the outer header block, what was wrong."""

    pieces: list[Piece] = field(default_factory=list)
    header_block: bytes = b""
    defects: set[Defect] = field(default_factory=set)
    size_bytes: int = 0
    bare_returns: bool = False


class _TooLarge(Exception):
    """More bytes than are taken apart."""


def walk(source: BinaryIO) -> Walk:
    """Walk over a message from where `source` stands to its end; never raises but for what reading raises."""
    walker = _Walker(source)
    try:
        walker.run()
    except _TooLarge:
        walker.found.defects = {Defect.TOO_LARGE}
        walker.found.pieces = []
    return walker.found


class _Walker:
    """A window over the stream. `at` is the line end before the line that comes next."""

    def __init__(self, source: BinaryIO) -> None:
        self.source = source
        self.found = Walk()
        # As if a line end stood before the message: its first line is found like every other.
        self.window = b"\n"
        self.base = -1
        self.at = 0
        self.ended = False
        self.path: list[int] = []
        self.frames: list[tuple[bytes, int]] = []
        self.open: dict[bytes, int] = {}
        self.misses = 0

    def run(self) -> None:
        self._entity(None)
        while (boundary := self._next_boundary()) is not None:
            offset, frame, closing = boundary
            self._close_until(frame, offset)
            if closing:
                self._pop_frames(frame)
            elif len(self.found.pieces) >= PARTS:
                self.found.defects.add(Defect.TOO_MANY_PARTS)
                self._pop_frames(0)
            else:
                self._entity(self.frames[frame][1])
        self._end()

    def _end(self) -> None:
        if self.frames:
            self.found.defects.add(Defect.BOUNDARY_NOT_CLOSED)
        for index in self.path:
            self.found.pieces[index].body_end = max(self.found.size_bytes, self.found.pieces[index].body_start)

    # The window

    def _more(self, keep: int) -> bool:
        """Drop the window before `keep` and read on; False at the end of the source."""
        chunk = b"" if self.ended else self.source.read(CHUNK_BYTES)
        if not chunk:
            self.ended = True
            return False
        if not self.found.size_bytes:
            while len(chunk) < _PROBE_BYTES and (more := self.source.read(CHUNK_BYTES)):
                chunk += more
            self.found.bare_returns = b"\n" not in chunk and b"\r" in chunk
        self.found.size_bytes += len(chunk)
        if self.found.size_bytes > MESSAGE_BYTES:
            raise _TooLarge
        if self.found.bare_returns:
            chunk = chunk.replace(b"\r", b"\n")
        self.window = self.window[keep:] + chunk
        self.base += keep
        self.at -= keep
        return True

    # Entities

    def _entity(self, parent: int | None) -> None:
        """Read the header that comes next, and those of the messages it encloses."""
        while True:
            start = self.base + self.at + 1
            block, empty_body = self._header()
            piece = self._piece(parent, start, block)
            if empty_body or not self._goes_on_inside(piece):
                return
            parent = self.path[-1]

    def _piece(self, parent: int | None, start: int, block: bytes) -> Piece:
        pieces = self.found.pieces
        outer = pieces[parent] if parent is not None else None
        digest = outer is not None and outer.header.content_type == "multipart/digest"
        header = part_headers.read(block, "message/rfc822" if digest else part_headers.PLAIN)
        if outer is None:
            self.found.header_block = block
        else:
            outer.children += 1
        body_start = min(self.base + self.at + 1, self.found.size_bytes)
        piece = Piece(header, parent, outer.children if outer else 1, min(start, body_start), body_start)
        self.path.append(len(pieces))
        pieces.append(piece)
        return piece

    def _goes_on_inside(self, piece: Piece) -> bool:
        """Whether a message is enclosed, whose header comes next; a multipart's boundary is noted."""
        header = piece.header
        container = header.content_type.startswith("multipart/")
        if not container and not header.encloses_message:
            return False
        if len(self.path) >= DEPTH:
            self.found.defects.add(Defect.TOO_DEEP)
        elif not container:
            return len(self.found.pieces) < PARTS
        elif header.boundary is None:
            self.found.defects.add(Defect.BOUNDARY_MISSING)
        elif (boundary := self._boundary_used(header.boundary)) in self.open:
            self.found.defects.add(Defect.BOUNDARY_REPEATED)
        else:
            self.open[boundary] = len(self.frames)
            self.frames.append((boundary, self.path[-1]))
        return False

    def _boundary_used(self, declared: bytes) -> bytes:
        """Return the boundary that is declared, unless the first part plainly begins with another."""
        while len(self.window) - self.at < _PROBE_BYTES and self._more(self.at):
            pass
        stop = self.at + _PROBE_BYTES
        begun = _FIRST_PART.search(self.window, self.at, stop)
        if begun is None or begun[1] in self.open or self.window.find(_MARK + declared, self.at, stop) >= 0:
            return declared
        self.found.defects.add(Defect.BOUNDARY_NOT_FOUND)
        return begun[1]

    # Headers

    def _header(self) -> tuple[bytes, bool]:
        """Take a header block; whether a boundary line ended it, so that there is no body."""
        size = _PROBE_BYTES
        while True:
            while len(self.window) - self.at <= size and self._more(self.at):
                pass
            start = self.at + 1
            whole = self.ended and start + size >= len(self.window)
            probe = self.window[start : start + size]
            end = headers.header_end(probe, final=whole)
            boundary = self._boundary_in(start - 1, start + (end if end >= 0 else len(probe)))
            if boundary >= 0:
                return self._taken(start, boundary + 1), True
            if end >= 0:
                return self._taken(start, start + end), False
            if whole:
                self.found.defects.add(Defect.HEADER_NOT_ENDED)
                return self._taken(start, len(self.window) + 1), True
            if size >= headers.HEADER_BLOCK_BYTES:
                block = headers.header_block(probe)
                if not headers.has_fields(block):
                    return b"", False
                # Known even where what follows turns out to be too large.
                self.found.header_block = self.found.header_block or block
                self._skip_header()
                return block, False
            size = min(4 * size, headers.HEADER_BLOCK_BYTES)

    def _taken(self, start: int, end: int) -> bytes:
        """Go behind a header block; what holds no header at all is the body already."""
        block = self.window[start:end]
        if block.strip() and not headers.has_fields(block):
            return b""
        self.at = end - 1
        return block

    def _skip_header(self) -> None:
        self.found.defects.add(Defect.HEADER_BLOCK_TOO_LONG)
        while (found := _EMPTY_LINE.search(self.window, self.at)) is None:
            self.at = max(self.at, len(self.window) - 2)
            if not self._more(self.at):
                self.at = len(self.window)
                return
        self.at = found.end() - 1

    def _boundary_in(self, start: int, stop: int) -> int:
        """Return where a boundary line stands in a piece of the window, as the position of the line end before it."""
        position = start if self.open else stop
        while self.open and (position := self.window.find(_MARK, position, stop)) >= 0:
            end = self.window.find(b"\n", position + 1)
            if self._frame_of(self.window[position + 3 : end if end >= 0 else len(self.window)]) is not None:
                return position
            position += 1
            self._missed()
        return -1

    # Boundaries

    def _next_boundary(self) -> tuple[int, int, bool] | None:
        """Go behind the next boundary line; its offset, its frame and whether it closes the multipart."""
        while True:
            hit = self.window.find(_MARK, self.at) if self.open else -1
            if hit < 0:
                # The last bytes may be the beginning of a mark, and the one before them of its line end.
                self.at = max(self.at, len(self.window) - len(_MARK)) if self.open else len(self.window)
                if not self._more(max(0, self.at - 1)):
                    return None
                continue
            end = self.window.find(b"\n", hit + 1, hit + _BOUNDARY_LINE_BYTES)
            if end < 0 and len(self.window) - hit < _BOUNDARY_LINE_BYTES and not self.ended:
                self.at = hit
                self._more(max(0, hit - 1))
                continue
            end = end if end >= 0 else min(len(self.window), hit + _BOUNDARY_LINE_BYTES)
            self.at = max(hit + 1, end)
            found = self._frame_of(self.window[hit + 3 : end])
            if found:
                before = hit - (self.window[hit - 1 : hit] == b"\r")
                return self.base + before, found[0], found[1]
            self._missed()

    def _missed(self) -> None:
        self.misses += 1
        if self.misses >= _DASHED_LINES:
            self.found.defects.add(Defect.TOO_MANY_DASHED_LINES)
            self._pop_frames(0)

    def _frame_of(self, line: bytes) -> tuple[int, bool] | None:
        line = line.rstrip(b" \t\r")
        frame = self.open.get(line)
        if frame is not None:
            return frame, False
        frame = self.open.get(line[:-2]) if line.endswith(b"--") else None
        return None if frame is None else (frame, True)

    def _close_until(self, frame: int, offset: int) -> None:
        """End every entity within the frame's multipart at the boundary line."""
        owner = self.frames[frame][1]
        while self.path[-1] != owner:
            piece = self.found.pieces[self.path.pop()]
            piece.body_end = max(offset, piece.body_start)
        if len(self.frames) > frame + 1:
            self.found.defects.add(Defect.BOUNDARY_NOT_CLOSED)
            self._pop_frames(frame + 1)

    def _pop_frames(self, first: int) -> None:
        for boundary, _ in self.frames[first:]:
            del self.open[boundary]
        del self.frames[first:]
