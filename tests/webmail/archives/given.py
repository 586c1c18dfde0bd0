"""Messages as archives take them, made of values."""

from datetime import UTC, datetime

from snapshots.archive import Mailbox
from snapshots.catalogue import Located, Row
from snapshots.engines.memory import MemoryEntry, MemoryMailbox, MemoryReader
from snapshots.listing import ListingCatalogue
from snapshots.types import Account, Folder, Night, Role
from webmail.archives.contents import Contents, Packable, by_folder, measured
from webmail.archives.members import Member

NOON = datetime(2026, 11, 19, 11, 0, 1, tzinfo=UTC)
INBOX = Folder("INBOX", role=Role.INBOX, handle="INBOX")


def entry(number, source=b"", **options):
    return MemoryEntry(f"guid{number}", source, received=NOON, internal_date=NOON, **options)


def mailbox_of(**folders):
    """Return a mailbox of folders with messages given as entries."""
    night = Night(NOON.date(), NOON, "nightly")
    return Mailbox(Account("alice", "example.com"), night, MemoryReader(MemoryMailbox(folders)))


def contents_of(**folders):
    """Return all messages of these folders, chosen one by one."""
    mailbox = mailbox_of(**folders)
    listed = [count.folder for count in mailbox.catalogue.folders()]
    located = [Located(folder, each) for folder in listed for each in mailbox.entries(folder)]
    rows = mailbox.catalogue.rows(located)
    packables = [measured(mailbox, each, row) for each, row in zip(located, rows, strict=True)]
    return Contents(by_folder(each for each in packables if isinstance(each, Packable)), [])


def row_of(source: bytes) -> Row:
    only = entry(0, source)
    catalogue = ListingCatalogue(MemoryReader(MemoryMailbox({"INBOX": [only]})))
    return catalogue.row(Located(catalogue.folder("inbox"), only))


def packable(source: bytes) -> Packable:
    message = entry(0, source)
    mailbox = mailbox_of(INBOX=[message])
    located = Located(INBOX, message)
    taken = measured(mailbox, located, row_of(source))
    assert isinstance(taken, Packable)
    return taken


def member(name: str, *chunks: bytes) -> Member:
    return Member(name, NOON, sum(map(len, chunks)), lambda: iter(chunks))
