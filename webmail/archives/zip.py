"""A ZIP archive as a stream: stored, not compressed, its size known beforehand.

Compression would make it a hundred times slower for a fifth of the size. Times are written twice: for
Windows in the service's time zone, and exactly, in the field that Unix programs read.
Source: PKWARE's APPNOTE.TXT 6.3.10; Info-ZIP's extended timestamp field 0x5455.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from webmail import wording
from webmail.archives.members import Member

LIMIT_32 = 0xFFFFFFFF
LIMIT_16 = 0xFFFF
VERSION, VERSION_64 = 20, 45
UNIX = 3 << 8
DESCRIPTOR_FOLLOWS, NAME_IS_UTF_8 = 1 << 3, 1 << 11
FILE_ATTRIBUTES, DIRECTORY_ATTRIBUTES = 0o100600 << 16, 0o40700 << 16 | 0x10
TIMESTAMP, ZIP_64 = 0x5455, 1
FIRST_YEAR, LAST_YEAR = 1980, 2107


def stream(members: Iterable[Member]) -> Iterator[bytes]:
    """Yield the archive of these members, taken up one after the other."""
    frame = _Frame()
    for member in members:
        yield frame.head(member)
        checksum = 0
        for chunk in member.chunks():
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
        yield frame.tail(member, checksum)
    yield from frame.end()


def size_bytes(members: Iterable[Member]) -> int:
    """Return the size that the archive of these members will have; none of them is read."""
    frame = _Frame()
    framing = 0
    for member in members:
        framing += len(frame.head(member)) + member.size_bytes + len(frame.tail(member, 0))
    return framing + sum(map(len, frame.end()))


class _Frame:
    """Everything of an archive but its content; the directory that ends it is kept compressed until then."""

    def __init__(self) -> None:
        self._position = 0
        self._start = 0
        self._count = 0
        self._directory_bytes = 0
        self._compressor = zlib.compressobj(1)
        self._directory: list[bytes] = []

    def head(self, member: Member) -> bytes:
        self._start = self._position
        is_large = member.size_bytes >= LIMIT_32
        name, extra = member.name.encode(), _timestamp(member.modified_at)
        size = LIMIT_32 if is_large else 0
        if is_large:
            extra += struct.pack("<HHQQ", ZIP_64, 16, 0, 0)
        head = struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", *_kind(member, is_large), 0, size, size, len(name), len(extra)
        )  # fmt: skip
        self._position += len(head) + len(name) + len(extra) + member.size_bytes
        return head + name + extra

    def tail(self, member: Member, checksum: int) -> bytes:
        """Return what follows a member's content, and note the member for the directory."""
        self._note(member, checksum)
        if member.is_directory:
            return b""
        form = "<4sLQQ" if member.size_bytes >= LIMIT_32 else "<4sLLL"
        descriptor = struct.pack(form, b"PK\x07\x08", checksum, member.size_bytes, member.size_bytes)
        self._position += len(descriptor)
        return descriptor

    def end(self) -> Iterator[bytes]:
        directory = zlib.decompressobj()
        for piece in [*self._directory, self._compressor.flush()]:
            if records := directory.decompress(piece):
                yield records
        start, length, count = self._position, self._directory_bytes, self._count
        if count >= LIMIT_16 or start + length >= LIMIT_32:
            yield struct.pack(
                "<4sQ2H2L4Q", b"PK\x06\x06", 44, UNIX | VERSION_64, VERSION_64, 0, 0, count, count, length, start
            )
            yield struct.pack("<4sLQL", b"PK\x06\x07", 0, start + length, 1)
        short = min(count, LIMIT_16)
        yield struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, short, short, min(length, LIMIT_32), min(start, LIMIT_32), 0)

    def _note(self, member: Member, checksum: int) -> None:
        large = [member.size_bytes] * 2 if member.size_bytes >= LIMIT_32 else []
        large += [self._start] if self._start >= LIMIT_32 else []
        name, extra = member.name.encode(), _timestamp(member.modified_at)
        if large:
            extra = struct.pack(f"<HH{len(large)}Q", ZIP_64, 8 * len(large), *large) + extra
        size = min(member.size_bytes, LIMIT_32)
        attributes = DIRECTORY_ATTRIBUTES if member.is_directory else FILE_ATTRIBUTES
        record = struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", UNIX | VERSION_64, *_kind(member, bool(large)), checksum, size, size,
            len(name), len(extra), 0, 0, 0, attributes, min(self._start, LIMIT_32),
        )  # fmt: skip
        self._count += 1
        self._directory_bytes += len(record) + len(name) + len(extra)
        if piece := self._compressor.compress(record + name + extra):
            self._directory.append(piece)


def _kind(member: Member, is_large: bool) -> tuple[int, int, int, int, int]:
    """Return version needed, flags, method and the time as MS-DOS wrote it."""
    flags = NAME_IS_UTF_8 | (0 if member.is_directory else DESCRIPTOR_FOLLOWS)
    local = member.modified_at.astimezone(wording.zone())
    day = (min(max(local.year, FIRST_YEAR), LAST_YEAR) - FIRST_YEAR) << 9 | local.month << 5 | local.day
    time = local.hour << 11 | local.minute << 5 | local.second // 2
    return VERSION_64 if is_large else VERSION, flags, 0, time, day


def _timestamp(moment: datetime) -> bytes:
    seconds = int(moment.timestamp())
    return struct.pack("<HHBl", TIMESTAMP, 5, 1, seconds) if -(1 << 31) <= seconds < 1 << 31 else b""
