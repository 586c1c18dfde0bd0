"""The catalogue without an index, in this process: what a page of a big folder costs when nothing is known yet."""

from collections.abc import Callable

from bench.floors import listing_and_opens
from bench.mailbox import BigMailbox
from bench.report import Figure, Findings
from bench.timing import Preparation, Work, side_by_side
from snapshots.archive import Archive, Mailbox
from snapshots.catalogue import PAGE_SIZE
from snapshots.errors import MessageNotFound
from snapshots.types import Folder, message_id

FIRST_PAGE_RATIO = 2.0
FIRST_PAGE_MS = 100.0
UNKNOWN_ID = message_id("nobody has this message", 0)
Question = Callable[[Mailbox], object]


def measure(mailbox: BigMailbox, *, runs: int) -> Findings:
    """Measure pages and look-ups of the newest INBOX, each time from an archive that has read nothing."""
    floor = listing_and_opens(mailbox.inbox_path)
    questions: dict[str, Question] = {
        "first": _first_page,
        "counted": _first_page_with_counts,
        "middle": lambda opened: opened.catalogue.page(_inbox(opened), _middle(mailbox)),
        "near": _finding(_id_at(mailbox, PAGE_SIZE // 2)),
        "far": _finding(_id_at(mailbox, mailbox.inbox_total // 2)),
        "missing": _not_finding,
    }
    works: dict[str, Preparation] = {"floor": lambda: floor}
    works |= {name: _anew(mailbox, question) for name, question in questions.items()}
    archive = mailbox.archive()
    works["again"] = lambda: _asking(mailbox, archive, _first_page_with_counts)
    times = side_by_side(works, runs=runs)
    wall = {name: sample.wall_ms for name, sample in times.items()}
    return Findings(
        [
            Figure("first page", wall["first"], floor=wall["floor"], most_ratio=FIRST_PAGE_RATIO, most=FIRST_PAGE_MS),
            Figure("first page, CPU", times["first"].cpu_ms, floor=times["floor"].cpu_ms),
            Figure("first page and the counts of all folders", wall["counted"], floor=wall["floor"]),
            Figure("the same, asked again in the same process", wall["again"], floor=wall["floor"]),
            Figure(f"page {_middle(mailbox)}", wall["middle"], floor=wall["floor"]),
            Figure("finding a message of the first page by its id", wall["near"], floor=wall["floor"]),
            Figure("finding a message in the middle of the INBOX by its id", wall["far"], floor=wall["floor"]),
            Figure("an id that no folder has", wall["missing"], floor=wall["floor"]),
        ],
        [
            f"Floor: listing the INBOX of {mailbox.inbox_total:,} messages, and open, read of 16 KiB, close of "
            f"{PAGE_SIZE} of them. Page cache warm, each row from an archive that has read nothing; medians of {runs} "
            "runs, all rows in turn.",
        ],
    )


def _anew(mailbox: BigMailbox, question: Question) -> Preparation:
    return lambda: _asking(mailbox, mailbox.archive(), question)


def _asking(mailbox: BigMailbox, archive: Archive, question: Question) -> Work:
    def work() -> None:
        with archive.open_mailbox(mailbox.account, mailbox.newest_day) as opened:
            question(opened)

    return work


def _inbox(opened: Mailbox) -> Folder:
    return opened.catalogue.folder("inbox")


def _first_page(opened: Mailbox) -> None:
    opened.catalogue.page(_inbox(opened))


def _first_page_with_counts(opened: Mailbox) -> None:
    _first_page(opened)
    opened.catalogue.folders()


def _middle(mailbox: BigMailbox) -> int:
    return max(1, mailbox.inbox_total // PAGE_SIZE // 2)


def _id_at(mailbox: BigMailbox, place: int) -> str:
    """Return the id of the message that has so many newer ones before it."""
    with mailbox.archive().open_mailbox(mailbox.account, mailbox.newest_day) as opened:
        page = opened.catalogue.page(_inbox(opened), place // PAGE_SIZE + 1)
        return page.rows[min(place % PAGE_SIZE, len(page.rows) - 1)].id


def _finding(wanted: str) -> Question:
    return lambda opened: opened.catalogue.find(wanted)


def _not_finding(opened: Mailbox) -> None:
    try:
        opened.catalogue.find(UNKNOWN_ID)
    except MessageNotFound:
        return
    raise AssertionError("a message that nobody has was found")
