"""One folder's messages, listed in order of delivery."""

import heapq
import threading
from bisect import bisect_left
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import overload

from snapshots.engines.maildir.names import MaildirEntry, base_name, record_of
from snapshots.types import digest_of, digest_of_token, message_id

NEWEST = 512
TWINS_AT_MOST = 64


class MaildirListing(Sequence[MaildirEntry]):
    """The names of one folder, sorted; entries are made as they are asked for.

    Names begin with the second of delivery, so their order is the order of delivery. Making 70,000
    entries would cost as much as listing them, and a page shows fifty.
    """

    def __init__(
        self, *, current: list[str], new: list[str], guids: Mapping[str, str], keyword_names: Mapping[str, str]
    ) -> None:
        self._new = frozenset(new)
        self._listed = current + new
        self._keyword_names = keyword_names
        self._guids = guids
        self._bases_of_guid: dict[str, list[str]] = {}
        for base, guid in guids.items():
            self._bases_of_guid.setdefault(guid, []).append(base)
        self._places_of_guid: dict[str, list[int]] = {}

    def find(self, wanted: str) -> MaildirEntry | None:
        """Return the message of that id; hashing 70,000 names takes about 60 ms."""
        return self.find_all((wanted,)).get(wanted)

    def find_all(self, wanted: Collection[str]) -> dict[str, MaildirEntry]:
        """Return those of the messages of these ids that are here, all looked for at once, the newest first."""
        ids = {digest_of_token(each): each for each in wanted}
        found: dict[str, MaildirEntry] = {}
        for place in range(len(self) - 1, -1, -1):
            names, at = self._around(place)
            base = base_name(names[at])
            id_ = ids.get(digest_of(self._guids.get(base, base)))
            if id_ is not None and (entry := self._entry(place)).ordinal == 0:
                found[id_] = entry
                if len(found) == len(ids):
                    return found
        left = set(wanted) - found.keys()
        return found | {id_: twin for twin in self._twins() if (id_ := message_id(twin.guid, twin.ordinal)) in left}

    def _twins(self) -> Iterator[MaildirEntry]:
        """Yield the messages that share their guid with one before them."""
        seen = {*self._guids, *self._bases_of_guid}
        for place, name in enumerate(self._names):
            base = base_name(name)
            if base in seen and (entry := self._entry(place)).ordinal:
                yield entry
            seen.add(base)

    def records(self) -> list[str]:
        """Return all messages as records; only those that share a guid need the order of the names."""
        bases = [base_name(name) for name in self._listed]
        guids = [self._guids.get(base, base) for base in bases]
        twins = {guid for guid, count in Counter(guids).items() if count > 1} if len(set(guids)) < len(guids) else ()
        records = self._twin_records(twins)
        plain: dict[str, bool] = {}
        for name, base, guid in zip(self._listed, bases, guids, strict=True):
            if guid in twins:
                continue
            flags = name[len(base) :]
            if flags not in plain:
                plain[flags] = self._keyword_names.keys().isdisjoint(flags)
            if plain[flags] and guid is base and name not in self._new:
                records.append(name)
            else:
                records.append(record_of(MaildirEntry(name, name in self._new, guid, 0, self._keyword_names)))
        return records

    def _twin_records(self, twins: Collection[str]) -> list[str]:
        if not twins:
            return []
        guids = (self._guids.get(base, base) for base in map(base_name, self._names))
        return [record_of(self._entry(place)) for place, guid in enumerate(guids) if guid in twins]

    def __len__(self) -> int:
        return len(self._listed)

    @overload
    def __getitem__(self, place: int) -> MaildirEntry: ...
    @overload
    def __getitem__(self, place: slice) -> list[MaildirEntry]: ...
    def __getitem__(self, place: int | slice) -> MaildirEntry | list[MaildirEntry]:
        if isinstance(place, slice):
            return [self._entry(number) for number in range(*place.indices(len(self)))]
        return self._entry(range(len(self))[place])

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self._listed)

    @cached_property
    def _newest(self) -> list[str]:
        return heapq.nlargest(NEWEST, self._listed)[::-1]

    def _around(self, place: int) -> tuple[list[str], int]:
        """Return names in order and a place among them. A folder's first page does without sorting all of it."""
        skipped = len(self) - NEWEST
        if place < skipped + TWINS_AT_MOST or skipped < NEWEST or "_names" in self.__dict__:
            return self._names, place
        return self._newest, place - skipped

    def _entry(self, place: int) -> MaildirEntry:
        names, at = self._around(place)
        name = names[at]
        base = base_name(name)
        guid = self._guids.get(base, base)
        # Where a name lies in cur/ and in new/, it stands here twice: the first is the one in cur/.
        second, first = names[at - 1 : at] == [name], names[at + 1 : at + 2] == [name]
        return MaildirEntry(
            name=name,
            is_new=name in self._new and (second or not first),
            guid=guid,
            ordinal=self._ordinal(place, base, guid),
            keyword_names=self._keyword_names,
        )

    def _ordinal(self, place: int, base: str, guid: str) -> int:
        """How many messages before this one share its guid: files of one base name, or listed with one guid."""
        if guid != base or guid in self._bases_of_guid:
            return bisect_left(self._places(guid), place)
        names, at = self._around(place)
        first = bisect_left(names, base, hi=at)
        return sum(base_name(before) == base for before in names[first:at])

    def _places(self, guid: str) -> list[int]:
        """Return where the messages listed with one guid stand; kept, since a folder can hold thousands of copies."""
        if guid not in self._places_of_guid:
            bases = {base for base in (guid, *self._bases_of_guid[guid]) if self._guids.get(base, base) == guid}
            self._places_of_guid[guid] = sorted(place for base in bases for place in self._places_of_base(base))
        return self._places_of_guid[guid]

    def _places_of_base(self, base: str) -> Iterator[int]:
        place = bisect_left(self._names, base)
        while place < len(self._names) and self._names[place].startswith(base):
            if base_name(self._names[place]) == base:
                yield place
            place += 1


class ListingCache:
    """The listings of a process's last folders, at most `names_limit` names in all (about 120 bytes each).

    A key names the account, the night, the folder and the state of its directories: what it finds is what
    listing them again would find.
    """

    def __init__(self, names_limit: int = 250_000) -> None:
        self._names_limit = names_limit
        self._lock = threading.Lock()
        self._listings: OrderedDict[Hashable, MaildirListing] = OrderedDict()

    def get(self, key: Hashable, read: Callable[[], MaildirListing]) -> MaildirListing:
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
