"""File names of a Maildir and the two lists Dovecot keeps beside them.

A name is `<seconds>.<unique>.<host>[,S=<bytes>][,W=<CRLF bytes>]:2,<flags>`; the part before `:2,` stays
the same for as long as the message lives in its folder.
Source: https://cr.yp.to/proto/maildir.html and Dovecot's documentation of Maildir.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from snapshots.types import Flag

INFO = re.compile(r"[;!]2,")
SIZE = re.compile(r",S=([0-9]{1,15})(?:,|$)")
STAMP = re.compile(r"([0-9]{1,11})(?:\.|$)")
FLAG_LETTERS = {
    "D": Flag.DRAFT,
    "F": Flag.FLAGGED,
    "P": Flag.FORWARDED,
    "R": Flag.ANSWERED,
    "S": Flag.SEEN,
    "T": Flag.DELETED,
}
EPOCH = datetime.fromtimestamp(0, UTC)
SHOWN_YEARS = range(2, 9999)


def base_name(name: str) -> str:
    """Return the part of a file name that flags do not change."""
    base, colon, _ = name.partition(":")
    return base if colon else INFO.split(name, maxsplit=1)[0]


def letters(name: str) -> str:
    """Return the flags of a file name, without what some programs put after a comma behind them."""
    info = name[len(base_name(name)) + 1 :]
    return info[2:].partition(",")[0] if info.startswith("2,") else ""


def moment(seconds: float) -> datetime:
    """Return a file's time; the epoch for one that no calendar has, in some time zone or other."""
    try:
        found = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return EPOCH
    return found if found.year in SHOWN_YEARS else EPOCH


@lru_cache(maxsize=256)
def flags_of(letters: str) -> Flag:
    flags = Flag.NONE
    for letter in letters:
        flags |= FLAG_LETTERS.get(letter, Flag.NONE)
    return flags


@dataclass(frozen=True, slots=True)
class MaildirEntry:
    """A message as its file name tells it (the contract: `snapshots.types.Entry`)."""

    name: str
    is_new: bool
    guid: str
    ordinal: int
    keyword_names: Mapping[str, str] = field(compare=False)

    @property
    def received(self) -> datetime:
        found = STAMP.match(self.name)
        return moment(int(found[1])) if found else EPOCH

    @property
    def size_bytes(self) -> int | None:
        found = SIZE.search(base_name(self.name))
        return int(found[1]) if found else None

    @property
    def flags(self) -> Flag:
        return flags_of(letters(self.name))

    @property
    def keywords(self) -> tuple[str, ...]:
        return tuple(self.keyword_names[letter] for letter in letters(self.name) if letter in self.keyword_names)


def record_of(entry: MaildirEntry) -> str:
    """Return a message as one text; most say no more than their file name, which never holds a slash."""
    base = base_name(entry.name)
    keywords = {letter: entry.keyword_names[letter] for letter in letters(entry.name) if letter in entry.keyword_names}
    if not (entry.is_new or entry.ordinal or keywords or entry.guid != base):
        return entry.name
    return f"{entry.name}/{json.dumps([entry.is_new, entry.guid, entry.ordinal, keywords])}"


def entry_of(record: str) -> MaildirEntry:
    """Return the entry that `record_of` wrote down."""
    name, _, details = record.partition("/")
    if not details:
        return MaildirEntry(name, False, base_name(name), 0, {})
    is_new, guid, ordinal, keywords = json.loads(details)
    return MaildirEntry(name, is_new, guid, ordinal, keywords)


def read_keywords(data: bytes) -> dict[str, str]:
    """Return the letter of each keyword of a folder: `dovecot-keywords` has lines like `0 $Label1`."""
    names: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        number, _, name = line.partition(" ")
        if number.isascii() and number.isdigit() and int(number) < 26 and name:
            names[chr(ord("a") + int(number))] = name
    return names


def read_mailbox_guid(data: bytes) -> str | None:
    """Return the folder's own GUID from the first line of its `dovecot-uidlist`: `3 V1 N2 G<guid>`."""
    fields = data.partition(b"\n")[0].split(b" ")
    if fields[0] != b"3":
        return None
    return next((text[1:].decode("ascii", "replace") for text in fields[1:] if text.startswith(b"G")), None)


def read_message_guids(data: bytes) -> dict[str, str]:
    """Return base name → guid for the lines of a `dovecot-uidlist` that have a G field of their own.

    All other messages have their base name as guid. The list holds one line a message and seldom any
    such field, so it is searched rather than split; stale and missing lines do no harm.
    """
    guids: dict[str, str] = {}
    place = data.find(b"\n") + 1
    while (place := data.find(b" G", place)) > 0:
        end = data.find(b"\n", place)
        line = data[place + 2 : end if end > 0 else len(data)]
        guid, _, rest = line.partition(b" ")
        _, colon, name = rest.partition(b":")
        if colon and b":" not in data[data.rfind(b"\n", 0, place) + 1 : place]:
            guids[base_name(_text(name))] = _text(guid)
        place = end if end > 0 else len(data)
    return guids


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
