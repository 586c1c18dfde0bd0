"""One folder's messages, listed in order of delivery."""

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import overload

from snapshots.engines.maildir.names import MaildirEntry, base_name


class MaildirListing(Sequence[MaildirEntry]):
    """The names of one folder, sorted; entries are made as they are asked for.

    Names begin with the second of delivery, so their order is the order of delivery. Making 70,000
    entries would cost as much as listing them, and a page shows fifty.
    """

    def __init__(
        self, *, current: list[str], new: list[str], guids: Mapping[str, str], keyword_names: Mapping[str, str]
    ) -> None:
        self._new = frozenset(new)
        self._in_both = self._new.intersection(current) if new else self._new
        self._listed = current + new
        self._keyword_names = keyword_names
        self._guids = guids
        self._bases_of_guid: dict[str, list[str]] = {}
        for base, guid in guids.items():
            self._bases_of_guid.setdefault(guid, []).append(base)

    @cached_property
    def _names(self) -> list[str]:
        """Sorted only when a message is asked for: a folder that is merely counted never is."""
        self._listed.sort()
        return self._listed

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

    def _entry(self, place: int) -> MaildirEntry:
        name = self._names[place]
        base = base_name(name)
        twin = place > 0 and self._names[place - 1] == name
        return MaildirEntry(
            name=name,
            is_new=name in self._new and (twin or name not in self._in_both),
            guid=self._guids.get(base, base),
            ordinal=self._ordinal(place, base),
            keyword_names=self._keyword_names,
        )

    def _ordinal(self, place: int, base: str) -> int:
        """How many messages before this one share its guid: files of the same base name, or listed with one guid."""
        first = bisect_left(self._names, base)
        same_base = sum(base_name(name) == base for name in self._names[first:place])
        guid = self._guids.get(base, base)
        others = [other for other in {*self._bases_of_guid.get(guid, ()), guid} if other < base]
        return same_base + sum(self._count(other) for other in others if self._guids.get(other, other) == guid)

    def _count(self, base: str) -> int:
        first = bisect_left(self._names, base)
        count = 0
        while first + count < len(self._names) and base_name(self._names[first + count]) == base:
            count += 1
        return count


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
