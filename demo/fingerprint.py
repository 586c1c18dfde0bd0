"""Prove that nothing below a directory changed: take its fingerprint before and after."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path


def fingerprint(root: Path) -> dict[str, str]:
    """Return a line for everything below `root`: listing, kind, mode, size, mtime, content.

    Links are not followed, FIFOs and devices not opened; a file with several names is read once.
    """
    known: dict[tuple[int, int], str] = {}
    lines = {".": _line(root, known)}
    for directory, folders, files in os.walk(root):
        for name in (*folders, *files):
            path = Path(directory, name)
            lines[str(path.relative_to(root))] = _line(path, known)
    return dict(sorted(lines.items()))


def _line(path: Path, known: dict[tuple[int, int], str]) -> str:
    status = path.lstat()
    inode = (status.st_dev, status.st_ino)
    if inode not in known:
        known[inode] = f"{stat.filemode(status.st_mode)} {status.st_mtime_ns} {_content(path, status)}"
    return known[inode]


def _content(path: Path, status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return f"-> {path.readlink()}"
    if stat.S_ISDIR(status.st_mode):
        return f"{len(os.listdir(path))} names"  # noqa: PTH208
    if stat.S_ISREG(status.st_mode):
        with path.open("rb") as file:
            return f"{status.st_size} {hashlib.file_digest(file, 'sha256').hexdigest()}"
    return ""
