"""One suite of promises over every engine: what `snapshots.engines.base` says, they do."""

from datetime import UTC, date, datetime

import pytest

from snapshots.accounts import parse_address
from snapshots.engines.base import HEAD_BYTES
from snapshots.errors import FolderNotFound, MailboxNotFound, MessageNotFound, SnapshotGone
from snapshots.types import Flag, Folder, FolderState, Night, message_id
from tests.served import ALICE, CHARLIE
from tests.snapshots.given import (
    BIG,
    CONTRACT,
    DAYS,
    INBOX_GUID,
    LONG,
    LONG_HEADER,
    MAILBOX,
    MAKERS,
    TWICE,
    TWICE_MORE,
)


@pytest.fixture(params=MAKERS)
def maker(request):
    return MAKERS[request.param]


@pytest.fixture
def engine(maker, request, provider, unchanged):
    return maker.make(provider, unchanged, request)


@pytest.fixture
def reader(engine):
    account = parse_address(ALICE)
    with engine.open(account, engine.nights(account)[-1]) as reader:
        yield reader


def folder_of(reader, name):
    return next(folder for folder in reader.folders() if folder.name == name)


def source_of(reader, folder, entry):
    with reader.open_source(folder, entry) as stream:
        return stream.read()


def told(entry):
    return (entry.guid, entry.ordinal, entry.received, entry.flags, tuple(sorted(entry.keywords)))


def given_as_told(maker, given, ordinal=0):
    flags = Flag(sum(maker.letters[letter].value for letter in given.letters if letter in maker.letters))
    return (given.guid, ordinal, given.received, flags, tuple(sorted(given.keywords)))


def test_nights_come_oldest_first_with_their_day_and_aware_moment(engine):
    nights = engine.nights(parse_address(ALICE))

    assert [night.day.isoformat() for night in nights] == list(DAYS)
    assert [night.taken_at for night in nights] == [datetime(2026, 11, day, 23, tzinfo=UTC) for day in (19, 20)]


def test_nights_of_the_platform_are_known_without_an_account(engine):
    assert [night.day.isoformat() for night in engine.nights(None)] == list(DAYS)


def test_mailbox_nobody_has_is_not_found(engine):
    night = engine.nights(None)[-1]

    with pytest.raises(MailboxNotFound) as caught:
        engine.open(parse_address(CHARLIE), night)

    assert (caught.value.account, caught.value.day) == (CHARLIE, night.day)


def test_night_that_is_not_there_is_gone(engine):
    expired = Night(date(2026, 11, 19), datetime(2026, 11, 18, 23, tzinfo=UTC), "nightly.2026-11-19_0000")

    with pytest.raises(SnapshotGone):
        engine.open(parse_address(ALICE), expired)


def test_inbox_guid_is_that_nights(reader):
    assert reader.inbox_guid() == INBOX_GUID


def test_folders_come_inbox_first_then_by_name(reader):
    folders = reader.folders()

    assert [folder.name for folder in folders] == list(MAILBOX)
    assert {folder.state for folder in folders} == {FolderState.LISTED}


def test_folders_have_their_roles_and_levels(reader):
    folders = {folder.name: folder for folder in reader.folders()}

    assert {name: str(folder.role) for name, folder in folders.items() if folder.role} == {
        "INBOX": "inbox",
        "Bozze": "drafts",
        "Posta inviata": "sent",
    }
    assert folders["Clienti/Caffè & Tè"].levels == ("Clienti", "Caffè & Tè")


def test_folder_ids_are_the_same_in_every_engine(reader):
    ids = {folder.name: folder.id for folder in reader.folders()}

    assert ids["INBOX"] == "inbox"
    assert ids["Clienti/Caffè & Tè"] == Folder("Clienti/Caffè & Tè").id


def test_entries_come_in_order_of_delivery_and_tell_all_a_list_needs(maker, reader):
    entries = reader.entries(folder_of(reader, "INBOX"))

    assert [told(entry) for entry in entries] == [
        given_as_told(maker, CONTRACT),
        given_as_told(maker, TWICE),
        given_as_told(maker, TWICE_MORE, ordinal=1),
        given_as_told(maker, LONG),
        given_as_told(maker, BIG),
    ]


def test_entries_know_their_sizes(maker, reader):
    entries = reader.entries(folder_of(reader, "INBOX"))

    assert [entry.size_bytes for entry in entries] == [len(maker.told(given.source)) for given in MAILBOX["INBOX"]]


def test_entries_are_a_sequence(reader):
    entries = reader.entries(folder_of(reader, "INBOX"))

    assert len(entries) == 5
    assert [entry.guid for entry in entries[-2:][::-1]] == ["f0", "e0"]
    assert (entries[0].guid, entries[-1].guid) == ("c0", "f0")
    assert list(entries[7:]) == []


def test_empty_folder_has_no_entries(reader):
    assert len(reader.entries(folder_of(reader, "Bozze"))) == 0


def test_folder_that_is_not_there_is_not_found(reader):
    with pytest.raises(FolderNotFound):
        reader.entries(Folder("Nessuna", handle="Nessuna"))


@pytest.mark.parametrize("place", range(5))
def test_message_is_found_by_its_id(reader, place):
    inbox = folder_of(reader, "INBOX")
    wanted = reader.entries(inbox)[place]

    found = reader.find(inbox, message_id(wanted.guid, wanted.ordinal))

    assert told(found) == told(wanted)


@pytest.mark.parametrize(
    "unknown", [message_id("c0", 1), message_id("other", 0), "", "../../../x", "è", "a" * 500, "A==="]
)
def test_other_ids_find_nothing(reader, unknown):
    assert reader.find(folder_of(reader, "INBOX"), unknown) is None


def test_message_has_one_id_in_every_folder(reader):
    wanted = message_id("c0", 0)

    found = [reader.find(folder_of(reader, name), wanted) for name in ("INBOX", "Posta inviata")]

    assert [entry.guid for entry in found] == ["c0", "c0"]


def test_heads_come_in_the_order_asked_with_dates_and_sizes(maker, reader):
    inbox = folder_of(reader, "INBOX")
    asked = reader.entries(inbox)[::-1]

    heads = reader.heads(inbox, asked)

    assert [told(head.entry) for head in heads] == [told(entry) for entry in asked]
    assert [head.internal_date for head in heads] == [given.received for given in reversed(MAILBOX["INBOX"])]
    assert [head.size_bytes for head in heads] == [
        len(maker.told(given.source)) for given in reversed(MAILBOX["INBOX"])
    ]


def test_head_holds_the_whole_header_block(maker, reader):
    inbox = folder_of(reader, "INBOX")

    [head] = reader.heads(inbox, [reader.entries(inbox)[3]])

    assert head.data == maker.told(LONG_HEADER)


def test_head_holds_little_of_a_big_body(maker, reader):
    inbox = folder_of(reader, "INBOX")

    [head] = reader.heads(inbox, [reader.entries(inbox)[4]])

    assert head.data == maker.told(BIG.source)[:HEAD_BYTES]


@pytest.mark.parametrize("read_bytes", [100, 2 * HEAD_BYTES])
def test_head_holds_as_much_of_a_body_as_is_read(maker, reader, read_bytes):
    inbox = folder_of(reader, "INBOX")

    [head] = reader.heads(inbox, [reader.entries(inbox)[4]], read_bytes=read_bytes)

    assert head.data == maker.told(BIG.source)[:read_bytes]


def test_heads_of_nothing_are_none(reader):
    assert reader.heads(folder_of(reader, "INBOX"), []) == []


def test_head_of_a_message_that_is_not_there_is_left_out(reader):
    inbox, drafts = folder_of(reader, "INBOX"), folder_of(reader, "Bozze")

    assert reader.heads(drafts, reader.entries(inbox)) == []


def test_source_is_the_stored_bytes(maker, reader):
    inbox = folder_of(reader, "INBOX")

    sources = [source_of(reader, inbox, entry) for entry in reader.entries(inbox)]

    assert sources == [maker.told(given.source) for given in MAILBOX["INBOX"]]


def test_source_can_be_read_again_and_measured(maker, reader):
    inbox = folder_of(reader, "INBOX")

    with reader.open_source(inbox, reader.entries(inbox)[4]) as stream:
        size_bytes = stream.seek(0, 2)
        stream.seek(9)
        some = stream.read(3)

    assert (size_bytes, some) == (len(maker.told(BIG.source)), b"big")


def test_source_of_a_message_that_is_not_there_is_not_found(reader):
    inbox, drafts = folder_of(reader, "INBOX"), folder_of(reader, "Bozze")

    with pytest.raises(MessageNotFound):
        reader.open_source(drafts, reader.entries(inbox)[0])


def test_earlier_night_is_another_mailbox(engine):
    account = parse_address(ALICE)

    with engine.open(account, engine.nights(account)[0]) as reader:
        names, guid = [folder.name for folder in reader.folders()], reader.inbox_guid()

    assert names == ["INBOX"]
    assert guid != INBOX_GUID


def test_record_makes_its_entry_again(reader):
    for folder in reader.folders():
        entries = list(reader.entries(folder))

        records = reader.records(folder)

        assert sorted(map(told, (reader.entry(folder, record) for record in records))) == sorted(map(told, entries))
        assert len(set(records)) == len(entries)


def test_entry_of_a_record_opens_the_message(maker, reader):
    inbox = folder_of(reader, "INBOX")
    records = reader.records(inbox)

    sources = sorted(source_of(reader, inbox, reader.entry(inbox, record)) for record in records)

    assert sources == sorted(maker.told(given.source) for given in MAILBOX["INBOX"])
