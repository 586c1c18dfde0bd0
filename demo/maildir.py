"""A Maildir folder on disk, written the way Dovecot 2.3 writes it.

Names, lists and their quirks were read off a real server: COPY and MOVE keep the base name and link
the file, a copy within its own folder gets a new name and the first one's GUID in the list, and the
list is only appended to, so that its next UID lags and expunged lines stay until it is rewritten.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import itertools
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

HOST = "mail"
PROCESS = 4211
KEYWORD_LETTERS = "abcdefghijklmnopqrstuvwxyz"
SUBFOLDERS = ("cur", "new", "tmp")


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was delivered: its identity, its RFC 5322 bytes, its internal date."""

    guid: str
    source: bytes
    received: datetime


@dataclass(slots=True)
class Placement:
    """A message in one folder on one night, under a file name. `uid` is None while unlisted."""

    message: Message
    base: str
    uid: int | None = None
    flags: str = ""
    keywords: tuple[str, ...] = ()
    new: bool = False


def base_name(received_seconds: int, number: int, *, stored_bytes: int, crlf_bytes: int) -> str:
    """Return a file's name before its flags; `number` tells apart what came in one second."""
    return f"{received_seconds}.M{number:06d}P{PROCESS}.{HOST},S={stored_bytes},W={crlf_bytes}"


def crlf_size(source: bytes) -> int:
    """Return the size with every line ending in CRLF, as IMAP counts it."""
    return len(source) + source.count(b"\n") - source.count(b"\r\n")


def modified_utf7(name: str) -> str:
    """Encode a folder name. Source: RFC 3501 section 5.1.3."""
    encoded = []
    for plain, group in itertools.groupby(name, key=lambda character: " " <= character <= "~"):
        text = "".join(group)
        shifted = base64.b64encode(text.encode("utf-16-be")).decode("ascii").rstrip("=").replace("/", ",")
        encoded.append(text.replace("&", "&-") if plain else f"&{shifted}-")
    return "".join(encoded)


def digest(*words: object) -> str:
    """Return 32 hex digits that stand for these words, as Dovecot's own random GUIDs look."""
    return hashlib.md5("\x1f".join(map(str, words)).encode(), usedforsecurity=False).hexdigest()


def uidlist_header(uidvalidity: int, next_uid: int, guid: str) -> str:
    return f"3 V{uidvalidity} N{next_uid} G{guid}\n"


def uidlist_line(placement: Placement) -> str:
    guid = placement.message.guid
    return f"{placement.uid} {'' if guid == placement.base else f'G{guid} '}:{placement.base}\n"


def compress(source: bytes, method: str | None) -> bytes:
    """Return the bytes as Dovecot's zlib plugin stores them under the message's ordinary name."""
    if method is None:
        return source
    if method == "gz":
        return gzip.compress(source, mtime=0)
    if method == "zstd":
        import zstandard  # an extra of the product: only who asks for it needs it

        return zstandard.ZstdCompressor().compress(source)
    raise ValueError(f"unknown compression {method!r}")


def write_private(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    path.write_bytes(data)
    path.chmod(mode)


def make_private_folder(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)


@dataclass(slots=True)
class MaildirFolder:
    """One folder of one tree: what it holds, and the files that say so."""

    path: Path
    uidvalidity: int
    guid: str
    subscribed: bool = True
    marker: bool = False
    next_uid: int = 1
    keyword_names: list[str] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)

    def create(self) -> None:
        for name in SUBFOLDERS:
            make_private_folder(self.path / name)
        self.path.chmod(0o700)
        if self.marker:
            write_private(self.path / "maildirfolder", b"")
        self.rewrite_uidlist()

    def copied_to(self, path: Path) -> MaildirFolder:
        """Return what this folder knows, for a tree that was copied to another place."""
        placements = [Placement(p.message, p.base, p.uid, p.flags, p.keywords, p.new) for p in self.placements]
        return MaildirFolder(
            path, self.uidvalidity, self.guid, self.subscribed, self.marker, self.next_uid,
            list(self.keyword_names), placements,
        )  # fmt: skip

    def file(self, placement: Placement) -> Path:
        if placement.new:
            return self.path / "new" / placement.base
        return self.path / "cur" / f"{placement.base}:2,{self._letters(placement)}"

    def deliver(self, placement: Placement, stored: bytes, *, listed: bool) -> None:
        path = self._place(placement, listed=listed)
        write_private(path, stored)
        seconds = int(placement.message.received.timestamp())
        os.utime(path, (seconds, seconds))

    def link(self, placement: Placement, source: Path) -> None:
        os.link(source, self._place(placement, listed=True))

    def remove(self, placement: Placement) -> None:
        self.file(placement).unlink()
        self.placements.remove(placement)

    def mark(self, placement: Placement, flags: str, keywords: tuple[str, ...]) -> None:
        """Give a message these flags and keywords, as a client does: one rename, from new/ as well."""
        before = self.file(placement)
        if placement.uid is None:
            self._list(placement)
        placement.flags, placement.keywords, placement.new = flags, keywords, False
        self._name_keywords(keywords)
        before.rename(self.file(placement))

    def rewrite_uidlist(self) -> None:
        """Write the list afresh: no expunged lines, the true next UID."""
        lines = [uidlist_line(placement) for placement in self.placements if placement.uid is not None]
        header = uidlist_header(self.uidvalidity, self.next_uid, self.guid)
        write_private(self.path / "dovecot-uidlist", "".join([header, *lines]).encode("utf-8", "surrogateescape"))

    def delete(self) -> None:
        """Remove the folder's own files; in a nested layout other folders may lie below it."""
        for name in SUBFOLDERS:
            shutil.rmtree(self.path / name)
        for path in self.path.iterdir():
            if not path.is_dir():
                path.unlink()
        if not any(self.path.iterdir()):
            self.path.rmdir()

    def _place(self, placement: Placement, *, listed: bool) -> Path:
        self._name_keywords(placement.keywords)
        if listed:
            self._list(placement)
        self.placements.append(placement)
        return self.file(placement)

    def _list(self, placement: Placement) -> None:
        placement.uid = self.next_uid
        self.next_uid += 1
        with (self.path / "dovecot-uidlist").open("ab") as uidlist:
            uidlist.write(uidlist_line(placement).encode("utf-8", "surrogateescape"))

    def _name_keywords(self, keywords: Iterable[str]) -> None:
        unnamed = [keyword for keyword in keywords if keyword not in self.keyword_names]
        if unnamed:
            self.keyword_names.extend(unnamed)
            lines = [f"{index} {keyword}\n" for index, keyword in enumerate(self.keyword_names)]
            write_private(self.path / "dovecot-keywords", "".join(lines).encode())

    def _letters(self, placement: Placement) -> str:
        keywords = (KEYWORD_LETTERS[self.keyword_names.index(keyword)] for keyword in placement.keywords)
        return "".join(sorted(placement.flags)) + "".join(sorted(keywords))
