"""The catalogue straight from an engine: pages, counts, one message; the cost of a page is the page's."""

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from snapshots.catalogue import PAGE_SIZE
from snapshots.engines.maildir import reader as maildir_reader
from snapshots.engines.memory import MemoryEntry, MemoryMailbox, MemoryReader
from snapshots.errors import EngineUnavailable, FolderNotFound, MessageNotFound
from snapshots.listing import ListingCatalogue
from snapshots.types import Flag, Folder, FolderState, message_id

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def entry(number, **options):
    received = NOON + timedelta(seconds=number)
    source = b"Subject: message %d\nFrom: Anna <anna@example.org>\n\nciao" % number
    return replace(MemoryEntry(f"guid{number}", source, received=received, internal_date=received), **options)


def catalogue_of(**folders):
    return ListingCatalogue(MemoryReader(MemoryMailbox({"INBOX": (), **folders})))


def inbox_of(catalogue):
    return catalogue.folder("inbox")


def subjects(page):
    return [row.envelope.subject for row in page.rows]


def test_folders_are_counted_inbox_first():
    catalogue = catalogue_of(INBOX=[entry(1), entry(2)], Zeta=[entry(3)], Bozze=[])

    assert [(count.folder.name, count.total) for count in catalogue.folders()] == [
        ("INBOX", 2),
        ("Bozze", 0),
        ("Zeta", 1),
    ]


def test_folder_is_found_by_role_or_token():
    catalogue = catalogue_of(Bozze=[], Clienti=[])

    assert catalogue.folder("drafts").name == "Bozze"
    assert catalogue.folder(Folder("Clienti").id).name == "Clienti"


@pytest.mark.parametrize("folder_id", ["trash", "Clienti", "", "f-", "../x", "f-nothing"])
def test_other_folder_ids_are_not_found(folder_id):
    with pytest.raises(FolderNotFound):
        catalogue_of(Clienti=[]).folder(folder_id)


def test_page_shows_the_newest_first():
    page = (catalogue := catalogue_of(INBOX=[entry(n) for n in range(3)])).page(inbox_of(catalogue))

    assert subjects(page) == ["message 2", "message 1", "message 0"]
    assert (page.total, page.number, page.last_number, page.first_place, page.last_place) == (3, 1, 1, 1, 3)


@pytest.mark.parametrize(
    ("number", "shown", "first", "last"),
    [
        (1, 1, 119, 70),
        (2, 2, 69, 20),
        (3, 3, 19, 0),
        (4, 3, 19, 0),
        (10**9, 3, 19, 0),
        (0, 1, 119, 70),
        (-5, 1, 119, 70),
    ],
)
def test_pages_divide_a_folder_without_gap_or_overlap(number, shown, first, last):
    catalogue = catalogue_of(INBOX=[entry(n) for n in range(120)])

    page = catalogue.page(inbox_of(catalogue), number)

    assert (page.number, page.last_number) == (shown, 3)
    assert (subjects(page)[0], subjects(page)[-1]) == (f"message {first}", f"message {last}")
    assert (page.first_place, page.last_place) == (120 - first, 120 - last)


def test_folder_of_exactly_one_page_has_no_second():
    catalogue = catalogue_of(INBOX=[entry(n) for n in range(PAGE_SIZE)])

    page = catalogue.page(inbox_of(catalogue), 2)

    assert (page.number, page.last_number, len(page.rows)) == (1, 1, PAGE_SIZE)


def test_empty_folder_has_one_empty_page():
    page = (catalogue := catalogue_of()).page(inbox_of(catalogue))

    assert (page.rows, page.total, page.last_number, page.first_place, page.last_place) == ([], 0, 1, 0, 0)


def test_row_tells_flags_keywords_dates_and_size():
    told = entry(1, flags=Flag.SEEN | Flag.FLAGGED, keywords=("Cliente",), internal_date=NOON)
    catalogue = catalogue_of(INBOX=[told])

    [row] = catalogue.page(inbox_of(catalogue)).rows

    assert (row.flags, row.keywords, row.internal_date) == (Flag.SEEN | Flag.FLAGGED, ("Cliente",), NOON)
    assert (row.size_bytes, row.is_damaged, row.has_attachments) == (len(told.source), False, False)
    assert [address.address for address in row.envelope.from_] == ["anna@example.org"]


@pytest.mark.parametrize(
    ("content_type", "has_attachments"),
    [
        (b"multipart/mixed; boundary=x", True),  # what is attached may come after the head
        (b"Application/PDF", True),
        (b"text/plain", False),
        (b"multipart/alternative; boundary=x", False),
        (b"nonsense", False),
    ],
)
def test_row_guesses_attachments_from_the_beginning(content_type, has_attachments):
    catalogue = catalogue_of(INBOX=[entry(1, source=b"Content-Type: " + content_type + b"\n\n--x\n\nciao\n")])

    [row] = catalogue.page(inbox_of(catalogue)).rows

    assert row.has_attachments is has_attachments


def test_copies_of_one_message_are_rows_of_their_own():
    copies = [entry(1), entry(1, ordinal=1, flags=Flag.SEEN)]
    catalogue = catalogue_of(INBOX=copies)

    rows = catalogue.page(inbox_of(catalogue)).rows

    assert [row.flags for row in rows] == [Flag.SEEN, Flag.NONE]
    assert len({row.id for row in rows}) == 2


def test_message_is_found_in_any_folder_or_in_that_one():
    catalogue = catalogue_of(INBOX=[entry(1)], Clienti=[entry(2)])
    wanted = message_id("guid2", 0)

    assert catalogue.find(wanted).folder.name == "Clienti"
    assert catalogue.find(wanted, catalogue.folder(Folder("Clienti").id)).id == wanted
    with pytest.raises(MessageNotFound):
        catalogue.find(wanted, inbox_of(catalogue))


def test_found_message_has_its_row():
    catalogue = catalogue_of(INBOX=[entry(1), entry(2)])

    row = catalogue.row(catalogue.find(message_id("guid1", 0)))

    assert row.envelope.subject == "message 1"


class OneUnreadable(MemoryReader):
    """A mailbox whose folder Clienti is there and cannot be read."""

    state = FolderState.UNREADABLE

    def folders(self):
        clienti = Folder("Clienti", state=self.state, handle="Clienti")
        return [folder if folder.name != "Clienti" else clienti for folder in super().folders()]

    def entries(self, folder):
        if folder.name == "Clienti":
            raise EngineUnavailable
        return super().entries(folder)


@pytest.mark.parametrize("state", FolderState)
def test_unreadable_folder_has_no_count_and_hides_no_other(monkeypatch, state):
    monkeypatch.setattr(OneUnreadable, "state", state)
    catalogue = ListingCatalogue(OneUnreadable(MemoryMailbox({"INBOX": [entry(1)], "Clienti": (), "Zeta": [entry(2)]})))

    assert [(count.folder.name, count.total) for count in catalogue.folders()] == [
        ("INBOX", 1),
        ("Clienti", None),
        ("Zeta", 1),
    ]


def test_message_beyond_an_unreadable_folder_is_found():
    catalogue = ListingCatalogue(OneUnreadable(MemoryMailbox({"INBOX": (), "Clienti": (), "Zeta": [entry(2)]})))

    assert catalogue.find(message_id("guid2", 0)).folder.name == "Zeta"


def test_planted_file_is_a_damaged_row_among_good_ones(provider, night, opened, unchanged):
    night.message("buono", flags="S")
    os.mkfifo(night.path / "cur" / "1795129200.M1P1.mail,S=77:2,F")
    catalogue = ListingCatalogue(opened(unchanged(provider)))

    rows = {row.is_damaged: row for row in catalogue.page(inbox_of(catalogue)).rows}

    assert rows[False].envelope.subject == "buono"
    assert (rows[True].flags, rows[True].size_bytes, rows[True].envelope.subject) == (Flag.FLAGGED, 77, "")
    assert rows[True].internal_date == datetime.fromtimestamp(1795129200, UTC)


def test_message_shorter_than_its_name_says_is_truncated(provider, night, opened, unchanged):
    night.message("intero")
    short = night.file(night.message("tronco"))
    source = short.read_bytes()
    short.unlink()
    short.write_bytes(source[:-10])
    catalogue = ListingCatalogue(opened(unchanged(provider)))

    rows = {row.envelope.subject: row.is_truncated for row in catalogue.page(inbox_of(catalogue)).rows}

    assert rows == {"intero": False, "tronco": True}


class Counting:
    """Counts the calls to an engine's reader."""

    def __init__(self, reader):
        self.reader = reader
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name):
        self.calls[name] += 1
        return getattr(self.reader, name)


@pytest.mark.parametrize("messages", [100, 1000])
def test_page_asks_the_engine_as_often_however_big_its_folder(messages):
    engine = Counting(MemoryReader(MemoryMailbox({"INBOX": [entry(n) for n in range(messages)]})))
    catalogue = ListingCatalogue(engine)

    catalogue.page(inbox_of(catalogue))

    assert engine.calls == {"folders": 1, "entries": 1, "heads": 1}


@pytest.mark.parametrize("messages", [1, 1000])
def test_folder_pane_asks_the_engine_once_a_folder(messages):
    held = {"INBOX": [entry(n) for n in range(messages)], "Bozze": [], "Zeta": [entry(1)]}
    engine = Counting(MemoryReader(MemoryMailbox(held)))

    ListingCatalogue(engine).folders()

    assert engine.calls == {"folders": 1, "count": 3}


@pytest.fixture
def file_calls(monkeypatch):
    """Count the calls into the file system."""
    monkeypatch.setattr(maildir_reader, "QUICK_SECONDS", 60)
    calls: Counter[str] = Counter()

    def counted(name):
        original = getattr(os, name)

        def call(*arguments, **named):
            calls[name] += 1
            return original(*arguments, **named)

        monkeypatch.setattr(os, name, call)

    for name in ("open", "read", "listdir", "scandir", "stat", "dup"):
        counted(name)
    return calls


def costs(provider, opened, file_calls, messages):
    night = provider.mailbox("alice@example.com").night("2026-11-21")
    for number in range(messages - len(night.folders["INBOX"].placements)):
        night.message(source=b"Subject: %d\n\n" % number)
    reader = opened(provider)
    file_calls.clear()
    catalogue = ListingCatalogue(reader)
    catalogue.folders()
    pane = dict(file_calls)
    catalogue.page(inbox_of(catalogue))
    catalogue.find(message_id(night.folders["INBOX"].placements[0].base, 0))
    return pane, dict(file_calls)


def test_ten_times_the_messages_open_no_more_files(provider, opened, file_calls):
    small = costs(provider, opened, file_calls, 60)
    large = costs(provider, opened, file_calls, 600)

    assert small == large
    assert small[1]["listdir"] == 2
