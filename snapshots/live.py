"""What a live mailbox holds now, from its Maildir: names that are the same when they are listed twice.

Other programs are at work on it: a message that is renamed or moved while names are listed can be missed. So what
is listed counts when a second listing says the same.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from snapshots.engines.base import MailboxReader
from snapshots.errors import EngineUnavailable
from snapshots.now import NamedBy, Now, NowFolder
from snapshots.types import Folder, FolderState, token

LISTINGS = 4


def now_of(reader: MailboxReader, clock: Callable[[], datetime]) -> Now:
    """Return what the mailbox holds now.

    Raises: EngineUnavailable where a folder cannot be read, or it changes all the time; EngineTimeout, NotFound.
    """
    taken_at, before = clock(), _listed(reader)
    for _ in range(LISTINGS - 1):
        again_at, again = clock(), _listed(reader)
        if again == before:
            return Now(
                taken_at, NamedBy.GUID, {folder.name: _named(reader, folder, before[folder]) for folder in before}
            )
        taken_at, before = again_at, again
    raise EngineUnavailable("The live mailbox changes all the time")


def _listed(reader: MailboxReader) -> dict[Folder, frozenset[str]]:
    """Return every folder's records, as a set: a directory is listed in no order."""
    folders = reader.folders()
    if any(folder.state is FolderState.UNREADABLE for folder in folders):
        raise EngineUnavailable("A folder of the live mailbox cannot be read")
    return {folder: frozenset(reader.records(folder)) for folder in folders}


def _named(reader: MailboxReader, folder: Folder, records: Collection[str]) -> NowFolder:
    return NowFolder([token(reader.entry(folder, record).guid) for record in records], folder.role)
