"""Whether an index is what its builder wrote: it forgoes syncing, so a crash of the machine may leave anything.

A seal is a small file beside the index. It names the machine's boot during which the index was written; a finished
index's holds a checksum as well. An index of another boot, or one with a checksum that is not its own, is not read.
"""

import json
import zlib
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHUNK_BYTES = 1 << 20
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@cache
def this_boot() -> str:
    """Return what tells this run of the machine from others; always the same where the system does not say."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Seal:
    """The boot an index was written in, and its checksum while nobody is at work on it."""

    boot: str
    checksum: int | None = None

    @property
    def is_of_this_boot(self) -> bool:
        return self.boot == this_boot()


def read(path: Path) -> Seal | None:
    """Return what a seal says; None for one that is not there or not whole."""
    try:
        boot, checksum = json.loads(path.read_bytes())
    except (OSError, ValueError, TypeError):
        return None
    return Seal(boot, checksum)


def write(path: Path, seal: Seal) -> None:
    path.touch(mode=0o600)
    path.write_text(json.dumps([seal.boot, seal.checksum]))


def checksum(path: Path) -> int:
    """Return the checksum of an index: 100 MB take about a tenth of a second."""
    found = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            found = zlib.crc32(chunk, found)
    return found


def is_sound(index: Path, path: Path) -> bool:
    """Whether an index may be built on: it has its checksum, or was written in this very boot."""
    seal = read(path)
    if seal is None:
        return False
    if seal.checksum is None:
        return seal.is_of_this_boot
    with suppress(OSError):
        return checksum(index) == seal.checksum
    return False
