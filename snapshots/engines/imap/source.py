"""A message's bytes as a file that is fetched in pieces."""

import io
from collections.abc import Callable
from typing import BinaryIO, cast

PIECE_BYTES = 256 * 1024


class SourceStream(io.RawIOBase):
    """Reads by `piece(offset, size_bytes)`, which returns fewer bytes at the end only."""

    def __init__(self, piece: Callable[[int, int], bytes], size_bytes: int) -> None:
        self._piece = piece
        self._size_bytes = size_bytes
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size_bytes}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self._size_bytes - self._at)
        data = self._piece(self._at, wanted) if wanted > 0 else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def source_file(piece: Callable[[int, int], bytes], size_bytes: int) -> BinaryIO:
    """Return a message of so many bytes as a buffered binary stream."""
    return cast("BinaryIO", io.BufferedReader(SourceStream(piece, size_bytes), PIECE_BYTES))
