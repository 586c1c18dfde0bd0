"""The least that a first page can cost: the folder's names, and the beginnings of the messages it shows."""

import os
from pathlib import Path

from bench.timing import Work
from snapshots.catalogue import PAGE_SIZE
from snapshots.engines.base import HEAD_BYTES


def listing_and_opens(folder: Path) -> Work:
    """Return what lists the folder and reads HEAD_BYTES of its PAGE_SIZE newest messages."""
    newest = sorted((folder / "cur").iterdir(), reverse=True, key=lambda path: path.name)[:PAGE_SIZE]
    listed = [str(folder / name) for name in ("cur", "new")]
    opened = [str(path) for path in newest]

    def work() -> None:
        for directory in listed:
            # pathlib makes an object of every name: no floor.
            os.listdir(directory)  # noqa: PTH208
        for path in opened:
            _read_beginning(path)

    return work


def _read_beginning(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    os.read(descriptor, HEAD_BYTES)
    os.close(descriptor)
