"""How far a long work has come, as a bar on a terminal and as a line now and then elsewhere."""

import time
from dataclasses import dataclass, field
from typing import TextIO

BAR_LENGTH = 24
LINE_SECONDS = 10.0
REDRAW_SECONDS = 0.2
MEGABYTE = 1 << 20


@dataclass(slots=True)
class Progress:
    """Counts messages of `total` and bytes, and draws them on `out`."""

    out: TextIO
    total: int
    done: int = 0
    size_bytes: int = 0
    began: float = field(default_factory=time.monotonic)
    drawn: float = field(default_factory=time.monotonic)

    def count(self) -> None:
        self.done += 1

    def show(self, *, done: int, total: int) -> None:
        """Say that so many of so many are done."""
        self.done, self.total = done, total
        self.pass_on(b"")

    def pass_on(self, chunk: bytes) -> bytes:
        self.size_bytes += len(chunk)
        if time.monotonic() - self.drawn >= (REDRAW_SECONDS if self.out.isatty() else LINE_SECONDS):
            self.draw()
        return chunk

    def draw(self) -> None:
        self.drawn = time.monotonic()
        self.out.write(f"\r{self}" if self.out.isatty() else f"{self}\n")
        self.out.flush()

    def end(self) -> None:
        self.draw()
        if self.out.isatty():
            self.out.write("\n")

    def __str__(self) -> str:
        share = self.done / self.total if self.total else 1.0
        bar = ("#" * int(share * BAR_LENGTH)).ljust(BAR_LENGTH, ".")
        megabytes = self.size_bytes / MEGABYTE
        rate = megabytes / max(0.001, time.monotonic() - self.began)
        return f"[{bar}] {share:4.0%} {self.done:,} of {self.total:,} messages, {megabytes:,.1f} MB, {rate:,.0f} MB/s"
