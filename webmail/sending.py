"""What is sent as it is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class Closable(Protocol):
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Sending:
    """Chunks on their way out. The answer closes what they are read from, also when nobody waited for the first."""

    chunks: Iterator[bytes]
    resources: Closable

    def __iter__(self) -> Iterator[bytes]:
        return self.chunks

    def close(self) -> None:
        self.resources.close()
