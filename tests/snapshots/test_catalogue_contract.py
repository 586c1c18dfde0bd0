"""One suite of promises over both catalogues: what `snapshots.catalogue` says, the listing and the index do."""

from dataclasses import replace
from datetime import date

import pytest

from snapshots.accounts import parse_address
from snapshots.catalogue import NEWEST_FIRST, PAGE_SIZE, Filter, Order, Sort
from snapshots.errors import EngineUnavailable, FolderNotFound, MessageNotFound
from snapshots.listing import ListingCatalogue
from snapshots.timeindex.steady import IndexedCatalogue
from snapshots.types import Flag, Folder, message_id
from tests.served import ALICE, archive_over
from tests.snapshots.timeindex.given import break_folder

DAY = date(2026, 11, 21)
ACCOUNT = parse_address(ALICE)
KINDS = {"listing": ListingCatalogue, "index": IndexedCatalogue}


@pytest.fixture(params=KINDS)
def catalogue(request, provider, unchanged, tmp_path):
    """Give a function that opens the night's catalogue of one kind; it is closed with the test."""
    opened = []

    def open_catalogue():
        indexes = tmp_path / "state" if request.param == "index" else None
        archive = archive_over(unchanged(provider), indexes=indexes)
        archive.build_index(ACCOUNT)
        opened.append(archive.open_mailbox(ACCOUNT, DAY))
        assert type(opened[-1].catalogue) is KINDS[request.param]
        return opened[-1].catalogue

    yield open_catalogue
    for mailbox in opened:
        mailbox.close()
        assert not list(tmp_path.glob("state/*.damaged"))


@pytest.fixture
def night(provider):
    return provider.mailbox(ALICE).night(DAY)


def subjects(page):
    return [row.envelope.subject for row in page.rows]


def test_folders_are_counted_inbox_first(night, catalogue):
    night.message("uno")
    night.message("due", folder="Zeta")
    night.folder("Bozze")

    counts = catalogue().folders()

    assert [(each.folder.name, each.total) for each in counts] == [("INBOX", 1), ("Bozze", 0), ("Zeta", 1)]
    assert [each.unread for each in counts] in ([1, 0, 1], [None, None, None])


def test_folder_is_found_by_role_or_token(night, catalogue):
    night.folder("Bozze").folder("Clienti/Rossi")
    opened = catalogue()

    assert opened.folder("drafts").name == "Bozze"
    assert opened.folder(Folder("Clienti/Rossi").id).levels == ("Clienti", "Rossi")
    with pytest.raises(FolderNotFound):
        opened.folder("f-nothing")


def test_page_is_newest_first_and_says_so(night, catalogue):
    for number in range(PAGE_SIZE + 2):
        night.message(str(number))
    opened = catalogue()

    first, last = (opened.page(opened.folder("inbox"), number) for number in (1, 99))

    assert subjects(first)[:2] == [str(PAGE_SIZE + 1), str(PAGE_SIZE)]
    assert subjects(last) == ["1", "0"]
    assert (first.total, last.number, last.last_number) == (PAGE_SIZE + 2, 2, 2)
    assert (first.order, first.filter) == (NEWEST_FIRST, Filter.ALL)


def test_page_of_an_empty_folder_is_empty(night, catalogue):
    opened = catalogue()

    page = opened.page(opened.folder("inbox"), 3)

    assert (page.number, page.total, list(page.rows)) == (1, 0, [])


def test_page_says_what_it_was_made_with(night, catalogue):
    night.message("b", sender="Zoe <zoe@example.org>")
    night.message("a", sender="Anna <anna@example.org>")
    opened = catalogue()
    order = Order(Sort.SUBJECT, descending=False)

    page = opened.page(opened.folder("inbox"), order=order)

    assert (page.order, subjects(page)) in ((order, ["a", "b"]), (NEWEST_FIRST, ["a", "b"]))


def test_row_tells_the_message(night, catalogue):
    night.message(
        "Perché così", flags="RS", keywords=("Cliente",), to="Bruno <bruno@example.com>", text="Cara Alice,\nciao",
        attachments=[("nota.pdf", "application/pdf", b"%PDF")],
    )  # fmt: skip
    opened = catalogue()

    [row] = opened.page(opened.folder("inbox")).rows

    assert (row.envelope.subject, str(row.envelope.to[0]), row.snippet) == ("Perché così", "Bruno", "Cara Alice, ciao")
    assert (row.flags, row.keywords, row.has_attachments) == (Flag.SEEN | Flag.ANSWERED, ("Cliente",), True)
    assert (row.is_damaged, row.is_truncated, row.is_pending, row.fate) == (False, False, False, None)


def test_row_is_the_listings_to_the_last_value(night, catalogue):
    night.message("uno", html="<p>ciao</p>", cc="c@example.com", headers={"Reply-To": "r@example.com"})
    night.message(source=b"Subject: =?utf-8?q?caff=C3=A8?=\nFrom: \xe8 <x@y>\n\n\xe8 vero\n")
    night.message(source=b"no header at all")
    opened = catalogue()
    page = opened.page(opened.folder("inbox"))

    listing = ListingCatalogue(opened._reader if isinstance(opened, ListingCatalogue) else opened._asked._reader)
    rows = listing.page(listing.folder("inbox")).rows

    assert [replace(row, fate=None) for row in page.rows] == list(rows)


def test_message_is_found_in_its_folder_or_in_any(night, catalogue):
    message = night.message("qui", folder="Clienti")
    opened = catalogue()
    wanted = message_id(message.guid, 0)

    assert opened.find(wanted).folder.name == "Clienti"
    assert opened.find(wanted, opened.folder(Folder("Clienti").id)).id == wanted
    assert opened.row(opened.find(wanted)).envelope.subject == "qui"
    with pytest.raises(MessageNotFound):
        opened.find(wanted, opened.folder("inbox"))
    with pytest.raises(MessageNotFound):
        opened.find("no token at all")


def test_several_are_found_first_where_they_were_asked_for(night, catalogue):
    message = night.message("due volte")
    night.copy(message, "Clienti")
    other = night.message("una volta", folder="Zeta")
    opened = catalogue()
    ids = [message_id(each.guid, 0) for each in (message, other)]

    found = opened.find_all([*ids, "nobody-has-it"], first=opened.folder(Folder("Clienti").id))

    assert {each: located.folder.name for each, located in found.items()} == {ids[0]: "Clienti", ids[1]: "Zeta"}
    rows = opened.rows([found[ids[1]], found[ids[0]]])
    assert [row.envelope.subject for row in rows] == ["una volta", "due volte"]


def test_two_messages_of_one_guid_have_ids_of_their_own(night, catalogue):
    night.message("uno", guid="0123456789abcdef")
    night.message("due", guid="0123456789abcdef")
    opened = catalogue()

    found = [opened.find(message_id("0123456789abcdef", ordinal)) for ordinal in (0, 1)]

    assert [opened.row(each).envelope.subject for each in found] == ["uno", "due"]
    assert [each.entry.ordinal for each in found] == [0, 1]


def test_unreadable_folder_has_no_count_and_no_page(night, catalogue):
    night.message("chiuso", folder="Clienti")
    night.message("aperto")
    break_folder(night, "Clienti")
    opened = catalogue()

    assert [(each.folder.name, each.total) for each in opened.folders()] == [("INBOX", 1), ("Clienti", None)]
    with pytest.raises(EngineUnavailable):
        opened.page(opened.folder(Folder("Clienti").id))


def test_planted_file_is_a_damaged_row_among_good_ones(night, catalogue):
    night.message("buono")
    (night.path / "cur" / "1795129200.M1P1.mail,S=77:2,F").mkdir()
    opened = catalogue()

    rows = {row.is_damaged: row for row in opened.page(opened.folder("inbox")).rows}

    assert rows[False].envelope.subject == "buono"
    assert (rows[True].flags, rows[True].size_bytes, rows[True].envelope.subject) == (Flag.FLAGGED, 77, "")


def test_located_message_opens(night, provider, unchanged, catalogue):
    message = night.message("aperto", flags="S", keywords=("Cliente",))
    opened = catalogue()
    located = opened.find(message_id(message.guid, 0))

    with archive_over(provider).open_mailbox(ACCOUNT, DAY) as mailbox, mailbox.open_source(located) as stream:
        assert stream.read() == message.source
