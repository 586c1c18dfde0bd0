"""Messages as a Maildir, for mail servers: each a file whose name holds its flags, its time the internal date.

Folders lie side by side, as Maildir++ has them. In a tar everything has the name it had; in a ZIP names are
such as Windows allows, with `;` where a colon was.
Source: https://cr.yp.to/proto/maildir.html; https://www.courier-mta.org/imap/README.maildirquota.html.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from snapshots.engines.maildir.folders import CODECS, Encoding
from snapshots.engines.maildir.names import FLAG_LETTERS, base_name
from snapshots.filenames import clean_filename
from snapshots.types import Entry, Folder, Role
from webmail.archives.contents import Contents, Packable, Share, keyword_letters
from webmail.archives.members import (
    COMPONENT_BYTES,
    FOLDER_BYTES,
    PATH_BYTES,
    Member,
    TakenNames,
    marked,
    text_member,
)

ROOT = "Maildir/"
SUBFOLDERS = ("cur/", "new/", "tmp/")
COLON, SEMICOLON = ":", ";"
ON_ANY_UNIX = re.compile(r"[!-~][ -~]*")
MARKING_BYTES = 4


def members(contents: Contents, *, separator: str, made_at: datetime) -> Iterator[Member]:
    """Yield the Maildir's directories, keyword lists and messages; `separator` stands before a name's flags."""
    maildir = _Maildir(separator, made_at)
    yield Member(ROOT, made_at)
    is_flat = len(contents.shares) == 1
    if not is_flat and all(share.folder.role is not Role.INBOX for share in contents.shares):
        yield from maildir.directories(ROOT)
    for share in contents.shares:
        yield from maildir.folder(ROOT if is_flat else maildir.place(share.folder), share)


@dataclass(slots=True)
class _Maildir:
    separator: str
    made_at: datetime
    count: int = 0
    folders: TakenNames = field(default_factory=TakenNames)

    @property
    def is_for_windows(self) -> bool:
        return self.separator == SEMICOLON

    def place(self, folder: Folder) -> str:
        """Return the folder's directory below the root: `Maildir/.Clienti.Rossi/`."""
        if folder.role is Role.INBOX:
            return ROOT
        encode = CODECS[Encoding.UTF7][0][1]
        levels = [encode(level.replace(".", "_")).decode("ascii") for level in folder.levels]
        if self.is_for_windows:
            levels = [clean_filename(level, otherwise="_") for level in levels]
        return f"{ROOT}{self.folders.free('.' + marked('.'.join(levels), FOLDER_BYTES - MARKING_BYTES))}/"

    def directories(self, place: str) -> Iterator[Member]:
        return (Member(f"{place}{name}", self.made_at) for name in SUBFOLDERS)

    def folder(self, place: str, share: Share) -> Iterator[Member]:
        if place != ROOT:
            yield Member(place, self.made_at)
        yield from self.directories(place)
        keywords = keyword_letters(share.entries)
        if keywords:
            yield text_member(f"{place}dovecot-keywords", _keyword_list(keywords), self.made_at)
        taken = {name: TakenNames() for name in SUBFOLDERS}
        for message in share.messages:
            self.count += 1
            subfolder = "new/" if getattr(message.located.entry, "is_new", False) else "cur/"
            name = self.name(message, keywords, f"{place}{subfolder}", taken[subfolder])
            yield Member(name, message.row.internal_date, message.size_bytes, message.chunks)

    def name(self, message: Packable, keywords: Mapping[str, str], directory: str, taken: TakenNames) -> str:
        """Return the message's place: under its own name where that is fit, else under one made for it."""
        entry = message.located.entry
        info = "" if directory.endswith("/new/") else f"{self.separator}2,{_letters(entry, keywords)}"
        own = getattr(entry, "name", "")
        exact = own if info and not self.is_for_windows and ":2," in own else f"{base_name(own)}{info}"
        if self.is_fit(base_name(own), exact, directory) and taken.take(exact):
            return f"{directory}{exact}"
        while not taken.take(made := f"{self.made_name(message)}{info}"):
            self.count += 1
        return f"{directory}{made}"

    def made_name(self, message: Packable) -> str:
        seconds = max(0, int(message.row.internal_date.timestamp()))
        return f"{seconds}.M{self.count}P0.mtm,S={message.size_bytes}"

    def is_fit(self, base: str, name: str, directory: str) -> bool:
        if not ON_ANY_UNIX.fullmatch(name) or "/" in name or base.startswith("."):
            return False
        if self.is_for_windows and clean_filename(base) != base:
            return False
        return len(name) <= COMPONENT_BYTES and len(directory.encode()) + len(name) <= PATH_BYTES


def _letters(entry: Entry, keywords: Mapping[str, str]) -> str:
    flags = sorted(letter for letter, flag in FLAG_LETTERS.items() if flag in entry.flags)
    return "".join(flags + sorted(letter for letter, keyword in keywords.items() if keyword in entry.keywords))


def _keyword_list(keywords: Mapping[str, str]) -> str:
    return "".join(f"{ord(letter) - ord('a')} {keyword}\n" for letter, keyword in sorted(keywords.items()))
