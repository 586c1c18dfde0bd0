"""Many messages found at once: as one by one, and no folder is looked through twice."""

from datetime import UTC, datetime

import pytest

from snapshots.engines.maildir.listing import MaildirListing
from snapshots.engines.memory import MemoryEntry, MemoryMailbox, MemoryReader
from snapshots.errors import MessageNotFound
from snapshots.listing import ListingCatalogue
from snapshots.types import message_id

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
UNKNOWN = "AAAAAAAAAAAA"


class CountingReader(MemoryReader):
    """Writes down which folders were looked through."""

    def __init__(self, mailbox):
        super().__init__(mailbox)
        self.looked_through = []

    def find_all(self, folder, message_ids):
        self.looked_through.append(folder.name)
        return super().find_all(folder, message_ids)


def entry(guid):
    source = b"Subject: " + guid.encode() + b"\n\nciao"
    return MemoryEntry(guid, source, received=NOON, internal_date=NOON)


@pytest.fixture
def reader():
    folders = {"INBOX": [entry("a"), entry("b")], "Clienti": [entry("c")], "Zeta": [entry("a"), entry("d")]}
    return CountingReader(MemoryMailbox(folders))


def ids(*guids):
    return [message_id(guid, 0) for guid in guids]


def test_each_is_found_where_it_would_be_found_alone(reader):
    catalogue = ListingCatalogue(reader)
    wanted = ids("d", "a", "c")

    found = catalogue.find_all(wanted)

    assert found == {each: catalogue.find(each) for each in wanted}


def test_what_is_not_there_is_left_out(reader):
    catalogue = ListingCatalogue(reader)

    found = catalogue.find_all([*ids("b"), UNKNOWN, "no token at all"])

    assert list(found) == ids("b")
    with pytest.raises(MessageNotFound):
        catalogue.find(UNKNOWN)


def test_no_folder_is_looked_through_twice(reader):
    ListingCatalogue(reader).find_all(ids("a", "b", "c", "d"))

    assert reader.looked_through == ["INBOX", "Clienti", "Zeta"]


def test_search_ends_with_the_last_one_found(reader):
    ListingCatalogue(reader).find_all(ids("b", "a"))

    assert reader.looked_through == ["INBOX"]


def test_rows_come_in_the_order_asked(reader):
    catalogue = ListingCatalogue(reader)
    found = catalogue.find_all(ids("a", "b", "c", "d"))

    rows = catalogue.rows([found[each] for each in ids("d", "a", "c", "b")])

    assert [row.envelope.subject for row in rows] == ["d", "a", "c", "b"]


def test_copies_within_a_folder_are_found_too():
    names = [f"17000000{number:02}.M1P1.mail:2,S" for number in range(20)]
    guids = {name.partition(":")[0]: "beef" for name in names[5:8]}
    listed = MaildirListing(current=names, new=[], guids=guids, keyword_names={})
    wanted = [message_id(entry.guid, entry.ordinal) for entry in listed]

    found = listed.find_all([*wanted, UNKNOWN])

    assert [found[each] for each in wanted] == list(listed)
    assert UNKNOWN not in found
