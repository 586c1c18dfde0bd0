"""One folder's messages as the server names them, in order of delivery."""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import overload

from snapshots.imap import Named, moment
from snapshots.types import Flag, digest_of, digest_of_token, message_id

_FLAGS = {
    b"\\Seen": Flag.SEEN,
    b"\\Answered": Flag.ANSWERED,
    b"\\Flagged": Flag.FLAGGED,
    b"\\Deleted": Flag.DELETED,
    b"\\Draft": Flag.DRAFT,
}
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class ImapEntry:
    """A message as its server lists it (the contract: `snapshots.types.Entry`).

    `uid` is where it was found, and is looked at again there; only `guid` and `ordinal` say which it is.
    """

    guid: str
    ordinal: int
    uid: int
    received: datetime
    size_bytes: int
    flags: Flag
    keywords: tuple[str, ...]


class ImapListing(Sequence[ImapEntry]):
    """The names of one folder; entries are made as they are asked for."""

    def __init__(self, names: Iterable[Named]) -> None:
        self._names = sorted(names, key=lambda name: (moment(name.date), name.uid))
        guids = [name.guid for name in self._names]
        twins = {guid for guid, count in Counter(guids).items() if count > 1} if len(set(guids)) < len(guids) else ()
        self._ordinals = _ordinals(guids, twins) if twins else {}

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, place: int) -> ImapEntry: ...
    @overload
    def __getitem__(self, place: slice) -> list[ImapEntry]: ...
    def __getitem__(self, place: int | slice) -> ImapEntry | list[ImapEntry]:
        if isinstance(place, slice):
            return [self._entry(number) for number in range(*place.indices(len(self)))]
        return self._entry(range(len(self))[place])

    def find_all(self, wanted: Collection[str]) -> dict[str, ImapEntry]:
        """Return those of the messages of these ids that are here; hashing 70,000 names takes about 60 ms."""
        ids = {digest_of_token(each): each for each in wanted}
        found: dict[str, ImapEntry] = {}
        for place, name in enumerate(self._names):
            if place in self._ordinals:
                id_ = message_id(name.guid, self._ordinals[place])
                if id_ in wanted:
                    found[id_] = self._entry(place)
            elif (digest := digest_of(name.guid)) in ids:
                found[ids[digest]] = self._entry(place)
        return found

    def records(self) -> list[str]:
        """Return all messages as records (`snapshots.engines.base.MailboxReader.records`)."""
        return [
            _SEPARATOR.join(
                (name.guid, str(self._ordinals.get(place, 0)), str(name.uid), _text(name.date), str(name.size_bytes))
                + _plain(name.flags)
            )
            for place, name in enumerate(self._names)
        ]

    def _entry(self, place: int) -> ImapEntry:
        name = self._names[place]
        flags, keywords = _told(name.flags)
        return ImapEntry(
            name.guid, self._ordinals.get(place, 0), name.uid, moment(name.date), name.size_bytes, flags, keywords
        )


def entry_of(record: str) -> ImapEntry:
    """Return the entry that a record stands for."""
    guid, ordinal, uid, date, size_bytes, *words = record.split(_SEPARATOR)
    flags, keywords = _told(" ".join(words).encode("utf-8", "surrogateescape"))
    return ImapEntry(guid, int(ordinal), int(uid), moment(date.encode()), int(size_bytes), flags, keywords)


class ListingCache:
    """The listings of a process's last folders, at most `names_limit` names in all (about 300 bytes each).

    A key names the account, the night, the folder and what EXAMINE told of it, so what it finds is what listing
    the folder again would find.
    """

    def __init__(self, names_limit: int = 150_000) -> None:
        self._names_limit = names_limit
        self._lock = threading.Lock()
        self._listings: OrderedDict[Hashable, ImapListing] = OrderedDict()

    def get(self, key: Hashable, read: Callable[[], ImapListing]) -> ImapListing:
        """Return the listing of that key, read when it is not there."""
        with self._lock:
            if key in self._listings:
                self._listings.move_to_end(key)
                return self._listings[key]
        listing = read()
        with self._lock:
            self._listings[key] = listing
            while sum(map(len, self._listings.values())) > self._names_limit and len(self._listings) > 1:
                self._listings.popitem(last=False)
        return listing


def _ordinals(guids: Sequence[str], twins: Collection[str]) -> dict[int, int]:
    """Return, for those that share a guid, how many with it come before."""
    seen: Counter[str] = Counter()
    ordinals: dict[int, int] = {}
    for place, guid in enumerate(guids):
        if guid in twins:
            ordinals[place] = seen[guid]
            seen[guid] += 1
    return ordinals


@lru_cache(maxsize=4096)
def _plain(flags: bytes) -> tuple[str, ...]:
    """Return a message's flags in one order, without what says nothing of the message."""
    return tuple(sorted(_text(flag) for flag in flags.split() if flag.lower() != b"\\recent"))


@lru_cache(maxsize=4096)
def _told(flags: bytes) -> tuple[Flag, tuple[str, ...]]:
    """Return system flags and keywords."""
    words = [word.encode("utf-8", "surrogateescape") for word in _plain(flags)]
    system = Flag(sum(flag.value for name, flag in _FLAGS.items() if name in words))
    return system, tuple(_text(word) for word in words if word not in _FLAGS and not word.startswith(b"\\"))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
