"""Which messages of a request lie in the live mailbox already: known by their guid, else by their bytes.

A live message stands for one line only, so of two equal messages the one that is missing is restored.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from restores.models import Line
from snapshots.imap import Contents, FolderUnreadable, Mark
from snapshots.types import token

AT_ONCE = 500
Found = dict[int, tuple[str, int]]
"""Where lines were found: by their place, the folder and the UID."""


def by_guid(lines: Sequence[Line], contents: Contents, folders: Iterable[str]) -> Found:
    """Return which lines lie in one of the folders as the very message; one that cannot be read is passed over.

    Raises: ServerUnreachable.
    """
    wanted: dict[str, list[int]] = defaultdict(list)
    for line in reversed(lines):
        wanted[line.guid].append(line.place)
    found: Found = {}
    for folder in folders:
        for uid, guid in _guids(contents, folder).items():
            if places := wanted.get(token(guid)):
                found[places.pop()] = (folder, uid)
    return found


def _guids(contents: Contents, folder: str) -> dict[int, str]:
    try:
        return contents.guids(folder) or {}
    except FolderUnreadable:
        return {}


def by_bytes(
    lines: Sequence[Line],
    contents: Contents,
    folder: str,
    *,
    message_ids: Callable[[Sequence[Line]], dict[int, str]] | None = None,
    from_uid: int = 1,
    taken: Iterable[int] = (),
) -> Found:
    """Return which lines, measured ones, lie in the folder from a UID on with the same bytes.

    `message_ids` gives those of lines, to look at fewer messages; `taken` are UIDs that stand for others already.
    Raises: FolderUnreadable, ServerUnreachable.
    """
    others = set(taken)
    marks = [mark for mark in contents.marks(folder, from_uid=from_uid) if mark.uid not in others]
    sizes = {mark.size_bytes for mark in marks}
    possible = [line for line in lines if sizes & _sizes(line)]
    if not possible:
        return {}
    digests = _digests(contents, folder, _candidates(possible, marks, message_ids))
    found: Found = {}
    for line in possible:
        if uids := digests.get(line.digest) or digests.get(line.plain_digest):
            found[line.place] = (folder, uids.pop(0))
    return found


def _candidates(
    lines: Sequence[Line], marks: Iterable[Mark], message_ids: Callable[[Sequence[Line]], dict[int, str]] | None
) -> list[int]:
    if message_ids is None:
        sizes = {size_bytes for line in lines for size_bytes in _sizes(line)}
        return [mark.uid for mark in marks if mark.size_bytes in sizes]
    ids = message_ids(lines)
    by_size: dict[int, set[str]] = defaultdict(set)
    for line in lines:
        for size_bytes in _sizes(line):
            by_size[size_bytes].add(ids.get(line.place, ""))
    return [mark.uid for mark in marks if _may_be_one(mark, by_size.get(mark.size_bytes, set()))]


def _may_be_one(mark: Mark, ids: set[str]) -> bool:
    """Tell whether a mark may be a message that has one of these ids; where one side reads none, it may."""
    return mark.message_id in ids or (bool(ids) and not mark.message_id) or "" in ids


def _sizes(line: Line) -> set[int]:
    return {size_bytes for size_bytes in (line.size_bytes, line.plain_size_bytes) if size_bytes is not None}


def _digests(contents: Contents, folder: str, uids: Sequence[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for start in range(0, len(uids), AT_ONCE):
        for copy in contents.read_back(folder, uids[start : start + AT_ONCE]):
            found[copy.digest].append(copy.uid)
    return found
