"""Messages that a mail server stored compressed under their normal names, recognised by their first bytes.

Source: Dovecot's documentation of the mail_compress (zlib) plugin, and its source for what it takes for bzip2.
"""

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable
from typing import BinaryIO, cast

from snapshots.errors import EngineUnavailable, SourceDamaged

MAGIC_BYTES = 15
SKIP_BYTES = 256 * 1024
# A header may begin with BZh as well: a block's own magic, or that of an empty file, must follow.
BZIP2 = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")
GZIP, XZ, ZSTD, LZ4 = b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"Dovecot-LZ4\x0d\x2a\x9b\xc5"
ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)

Opener = Callable[[BinaryIO], io.BufferedIOBase]


def is_compressed(beginning: bytes) -> bool:
    return beginning.startswith((GZIP, XZ, ZSTD, LZ4)) or BZIP2.match(beginning) is not None


def decompressed(file: BinaryIO) -> BinaryIO:
    """Return the message in `file`, decompressed as it is read; plain ones are given back as they are.

    Raises: EngineUnavailable for a compression this installation cannot read; reading raises SourceDamaged.
    """
    opener = _opener(_peek(file))
    if opener is None:
        return file
    return cast("BinaryIO", io.BufferedReader(_Decompressing(opener, file)))


def read_beginning(stream: BinaryIO, size_bytes: int) -> bytes:
    """Return the next bytes of a decompressed message, of a damaged one as many as can be read.

    Raises: SourceDamaged when that is none.
    """
    found = bytearray()
    try:
        while len(found) < size_bytes and (data := cast("io.BufferedReader", stream).read1(size_bytes - len(found))):
            found += data
    except SourceDamaged:
        if not found:
            raise
    return bytes(found)


def _peek(file: BinaryIO) -> bytes:
    return cast("io.BufferedReader", file).peek(MAGIC_BYTES)[:MAGIC_BYTES]


def _opener(beginning: bytes) -> Opener | None:
    if beginning.startswith(GZIP):
        return lambda file: gzip.GzipFile(fileobj=file)
    if BZIP2.match(beginning):
        return lambda file: bz2.BZ2File(file)
    if beginning.startswith(XZ):
        return lambda file: lzma.LZMAFile(file)
    if beginning.startswith(ZSTD):
        return lambda file: io.BufferedReader(_Zstd(file))
    if beginning.startswith(LZ4):
        raise EngineUnavailable("Messages compressed with LZ4 need the imap engine")
    return None


class _Zstd(io.RawIOBase):
    """Reads zstd and, unlike the library's own reader, tells a file that ends too early."""

    PIECE_BYTES = 256  # Four bytes can stand for 128 KiB.

    def __init__(self, file: BinaryIO) -> None:
        try:
            import zstandard
        except ImportError as error:
            raise EngineUnavailable("Messages compressed with zstd need the extra 'zstd'") from error
        self._new_frame = zstandard.ZstdDecompressor().decompressobj
        self._error = zstandard.ZstdError
        self._frame = self._new_frame()
        self._file = file
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview", /) -> int:  # type: ignore[override]
        while not self._ready and (piece := self._next_piece()):
            try:
                self._ready = self._frame.decompress(piece)
            except self._error as error:
                raise ValueError("not zstd") from error
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def _next_piece(self) -> bytes:
        ended = self._frame.eof
        piece: bytes = (self._frame.unused_data if ended else b"") or self._file.read(self.PIECE_BYTES)
        if not ended and not piece:
            raise EOFError
        if ended and piece:
            self._frame = self._new_frame()
        return piece


class _Decompressing(io.RawIOBase):
    """Reads a decompressor and turns whatever is wrong with its bytes into our error.

    It can go back, by starting anew, but does not know where it ends before it was there.
    """

    def __init__(self, opener: Opener, file: BinaryIO) -> None:
        self._opener = opener
        self._file = file
        self._stream = opener(file)
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_END:
            raise io.UnsupportedOperation("the decompressed size is not known")
        target = offset + (self._position if whence == io.SEEK_CUR else 0)
        if target < self._position:
            self._file.seek(0)
            self._stream = self._opener(self._file)
            self._position = 0
        while self._position < target and self._read(min(SKIP_BYTES, target - self._position)):
            pass
        return self._position

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        try:
            data = self._stream.read1(size)
        except ERRORS as error:
            raise SourceDamaged from error
        self._position += len(data)
        return data

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._file.close()
        super().close()
