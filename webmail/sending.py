"""What is sent as it is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol


class Closable(Protocol):
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sending:
    """Chunks on their way out. The answer closes what they are read from, also when nobody waited for the first."""

    chunks: Iterator[bytes]
    resources: Closable

    @classmethod
    def begun(cls, chunks: Iterator[bytes], resources: Closable) -> "Sending":
        """Read the first chunk now: what fails there can still be told on a page. Raises: what the chunks raise."""
        try:
            first = next(chunks, b"")
        except BaseException:
            resources.close()
            raise
        return cls(chain([first], chunks), resources)

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        self.resources.close()
