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
    return cast("BinaryIO", io.BufferedReader(_Decompressing(opener(file), file)))


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
    """Reads a decompressor and turns whatever is wrong with its bytes into our error."""

    def __init__(self, stream: io.BufferedIOBase, file: BinaryIO) -> None:
        self._stream = stream
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except ERRORS as error:
            raise SourceDamaged from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._file.close()
        super().close()
