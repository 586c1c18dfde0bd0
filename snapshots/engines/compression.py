"""Messages that a mail server stored compressed under their normal names, recognised by their first bytes.

Source: Dovecot's documentation of the mail_compress (zlib) plugin.
"""

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, cast

from snapshots.errors import EngineUnavailable, SourceDamaged

MAGIC_BYTES = 6
SKIP_BYTES = 256 * 1024
GZIP, BZIP2, XZ, ZSTD, LZ4 = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"Dovecot-LZ4"[:MAGIC_BYTES]
ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)


def is_compressed(beginning: bytes) -> bool:
    return beginning.startswith((GZIP, BZIP2, XZ, ZSTD, LZ4))


def decompressed(file: BinaryIO) -> BinaryIO:
    """Return the message in `file`, decompressed as it is read; plain ones are given back as they are.

    Raises: EngineUnavailable for a compression this installation cannot read; reading raises SourceDamaged.
    """
    opener = _opener(_peek(file))
    if opener is None:
        return file
    return cast("BinaryIO", io.BufferedReader(_Decompressing(opener, file)))


def decompress_beginning(data: bytes, limit_bytes: int) -> bytes:
    """Return what the first bytes of a compressed message decompress to, at most `limit_bytes`."""
    opener = _opener(data[:MAGIC_BYTES])
    if opener is None:
        return data[:limit_bytes]
    found = bytearray()
    stream = opener(cast("BinaryIO", io.BytesIO(data)))
    try:
        while len(found) < limit_bytes and (chunk := stream.read1(limit_bytes - len(found))):
            found += chunk
    except ERRORS:
        return bytes(found)
    return bytes(found)


def _peek(file: BinaryIO) -> bytes:
    return cast("io.BufferedReader", file).peek(MAGIC_BYTES)[:MAGIC_BYTES]


def _opener(magic: bytes) -> "Callable[[BinaryIO], io.BufferedIOBase] | None":
    if magic.startswith(GZIP):
        return lambda file: gzip.GzipFile(fileobj=file)
    if magic.startswith(BZIP2):
        return lambda file: bz2.BZ2File(file)
    if magic.startswith(XZ):
        return lambda file: lzma.LZMAFile(file)
    if magic.startswith(ZSTD):
        return _zstd
    if magic.startswith(LZ4):
        raise EngineUnavailable("Messages compressed with LZ4 need the imap engine")
    return None


def _zstd(file: BinaryIO) -> io.BufferedIOBase:
    try:
        import zstandard
    except ImportError as error:
        raise EngineUnavailable("Messages compressed with zstd need the extra 'zstd'") from error
    return io.BufferedReader(
        cast("io.RawIOBase", zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True))
    )


class _Decompressing(io.RawIOBase):
    """Reads a decompressor and turns whatever is wrong with its bytes into our error.

    It can go back, by starting anew, but does not know where it ends before it was there.
    """

    def __init__(self, opener: Callable[[BinaryIO], io.BufferedIOBase], file: BinaryIO) -> None:
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
            data = self._stream.read(size)
        except ERRORS as error:
            raise SourceDamaged from error
        self._position += len(data)
        return data

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._file.close()
        super().close()
