"""A whole folder or a whole night as the contents of an archive, measured one message at a time."""

from collections.abc import Callable, Iterator, Sequence

from snapshots.archive import Mailbox
from snapshots.catalogue import Located
from snapshots.errors import EngineTimeout, EngineUnavailable
from snapshots.types import Entry, Folder, FolderState
from webmail.archives.contents import Cause, Contents, Lost, Packable, Share, measured

# Heads of sixteen KiB each: so many are held at a time.
ROWS_AT_ONCE = 100

Told = Callable[[Packable | Lost], None]


def whole(mailbox: Mailbox, folders: Sequence[Folder], *, told: Told = lambda taken: None) -> Contents:
    """Return everything in these folders; `told` hears of each message when its turn has come.

    Raises: EngineTimeout, SnapshotGone.
    """
    contents = Contents([], [])
    shares: list[Share] = []
    for folder in folders:
        try:
            entries = _entries(mailbox, folder)
        except EngineTimeout:
            raise
        except EngineUnavailable:
            contents.lost.append(Lost(Cause.UNREADABLE, folder))
            continue
        shares.append(Share(folder, _messages(mailbox, folder, entries, contents.lost, told), entries))
    return Contents(shares, contents.lost)


def _entries(mailbox: Mailbox, folder: Folder) -> Sequence[Entry]:
    if folder.state is not FolderState.LISTED:
        raise EngineUnavailable(folder=folder.name)
    return mailbox.entries(folder)


def _messages(
    mailbox: Mailbox, folder: Folder, entries: Sequence[Entry], lost: list[Lost], told: Told
) -> Iterator[Packable]:
    for start in range(0, len(entries), ROWS_AT_ONCE):
        located = [Located(folder, entry) for entry in entries[start : start + ROWS_AT_ONCE]]
        for each, row in zip(located, mailbox.catalogue.rows(located), strict=True):
            taken = measured(mailbox, each, row)
            told(taken)
            if isinstance(taken, Packable):
                yield taken
            else:
                lost.append(taken)
