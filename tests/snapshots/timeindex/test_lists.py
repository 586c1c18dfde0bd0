"""Lists from the index: every order, every filter, on any page; and what is not ready says so."""

import pytest

from snapshots.catalogue import NEWEST_FIRST, PAGE_SIZE, Filter, Order, Sort
from snapshots.engines.maildir import reader as maildir_reader
from snapshots.timeindex import heads

DAY = "2026-11-21"


@pytest.fixture
def night(mailbox):
    return mailbox.night(DAY)


@pytest.fixture
def page_of(indexed):
    """Give a function that asks the indexed night for a page."""

    def ask(folder="inbox", number=1, **asked):
        with indexed().mailbox(DAY) as mailbox:
            return mailbox.catalogue.page(mailbox.catalogue.folder(folder), number, **asked)

    return ask


def subjects(page):
    return [row.envelope.subject for row in page.rows]


@pytest.mark.parametrize(
    ("sort", "ascending"),
    [
        (Sort.DATE, ["Zebra", "Re: àncora", "botte"]),
        (Sort.SUBJECT, ["Re: àncora", "botte", "Zebra"]),
        (Sort.SENDER, ["botte", "Zebra", "Re: àncora"]),
        (Sort.SIZE, ["Re: àncora", "Zebra", "botte"]),
    ],
)
def test_list_is_sorted_both_ways(night, page_of, sort, ascending):
    night.message("Zebra", sender="Élise <elise@example.org>", text="x" * 500)
    night.message("Re: àncora", sender="Zoe <a@example.org>", text="x")
    night.message("botte", sender="anna@example.org", text="x" * 5000)

    assert subjects(page_of(order=Order(sort, descending=False))) == ascending
    assert subjects(page_of(order=Order(sort))) == ascending[::-1]


def test_outgoing_mail_is_sorted_by_recipient(night, page_of):
    night.message("a Zoe", folder="Posta inviata", sender="anna@example.org", to="zoe@example.org")
    night.message("a Bruno", folder="Posta inviata", sender="zeno@example.org", to="bruno@example.org")

    assert subjects(page_of("sent", order=Order(Sort.SENDER, descending=False))) == ["a Bruno", "a Zoe"]


def test_message_moved_out_of_sent_is_sorted_by_its_sender(mailbox, night, indexed):
    first = night.message("spostato", folder="Posta inviata", sender="zeno@example.org", to="anna@example.org")
    night.message("altro", sender="bruno@example.org")
    mailbox.night("2026-11-22").move(first, "INBOX")

    with indexed().mailbox("2026-11-22") as opened:
        page = opened.catalogue.page(opened.catalogue.folder("inbox"), order=Order(Sort.SENDER, descending=False))

    assert subjects(page) == ["altro", "spostato"]


def test_pages_of_every_order_hold_each_message_once(night, page_of):
    for number in range(2 * PAGE_SIZE + 7):
        night.message("lo stesso", text=str(number))

    for sort in Sort:
        pages = [page_of(number=number, order=Order(sort)) for number in (1, 2, 3)]
        ids = [row.id for page in pages for row in page.rows]
        assert len(ids) == len(set(ids)) == 2 * PAGE_SIZE + 7


@pytest.mark.parametrize(
    ("filter", "shown"),
    [
        (Filter.UNREAD, ["non letto"]),
        (Filter.FLAGGED, ["importante"]),
        (Filter.ATTACHMENTS, ["con allegato"]),
        (Filter.GONE, []),
    ],
)
def test_filter_shows_and_counts_what_it_lets_through(night, page_of, filter, shown):
    night.message("letto", flags="S")
    night.message("non letto")
    night.message("importante", flags="FS")
    night.message("con allegato", flags="S", attachments=[("a.pdf", "application/pdf", b"%PDF")])

    page = page_of(filter=filter)

    assert (subjects(page), page.total, page.filter) == (shown, len(shown), filter)


def test_date_is_when_the_server_received_a_message_not_the_stamp_of_its_name(night, page_of):
    night.message("vecchio, copiato oggi", received=night.until.replace(year=2020), name="1795300000.M1P1.mail,S=250")
    night.message("di ieri")

    assert subjects(page_of()) == ["di ieri", "vecchio, copiato oggi"]


def test_what_heads_tell_is_not_ready_before_they_are_read(night, over, monkeypatch):
    monkeypatch.setattr(heads, "BATCH", 1)
    night.message("b", flags="S")
    night.message("a", flags="S")
    index = over()
    assert not index.build(budget_seconds=-1)

    with index.mailbox(DAY) as mailbox:
        inbox = mailbox.catalogue.folder("inbox")
        assert mailbox.catalogue.page(inbox) is not None
    while not index.build(budget_seconds=-1):
        with index.mailbox(DAY) as mailbox:
            page = mailbox.catalogue.page(inbox, order=Order(Sort.SUBJECT), filter=Filter.ATTACHMENTS)
            assert (page.order, page.filter, subjects(page)) == (NEWEST_FIRST, Filter.ALL, ["a", "b"])

    with index.mailbox(DAY) as mailbox:
        page = mailbox.catalogue.page(inbox, order=Order(Sort.SUBJECT))
    assert (page.order, subjects(page)) == (Order(Sort.SUBJECT), ["b", "a"])


def test_indexed_page_opens_no_message(night, indexed, monkeypatch):
    for number in range(PAGE_SIZE):
        night.message(str(number))
    index = indexed()
    monkeypatch.setattr(maildir_reader.MaildirReader, "heads", None)
    monkeypatch.setattr(maildir_reader.MaildirReader, "entries", None)
    monkeypatch.setattr(maildir_reader.MaildirReader, "folders", None)

    with index.mailbox(DAY) as mailbox:
        page = mailbox.catalogue.page(mailbox.catalogue.folder("inbox"))
        mailbox.catalogue.folders()

    assert len(page.rows) == PAGE_SIZE


def statements(index, day):
    """Return how many statements a page takes."""
    said: list[str] = []
    with index.mailbox(day) as mailbox:
        mailbox.catalogue._database.set_trace_callback(said.append)
        mailbox.catalogue.folders()
        mailbox.catalogue.page(mailbox.catalogue.folder("inbox"), order=Order(Sort.SUBJECT))
    return len(said)


def test_ten_times_the_messages_take_no_more_queries(mailbox, night, indexed):
    for number in range(60):
        night.message(str(number))
    later = mailbox.night("2026-11-22")
    for number in range(540):
        later.message(source=b"Subject: %d\n\n" % number)
    index = indexed()

    assert statements(index, "2026-11-22") == statements(index, DAY)
