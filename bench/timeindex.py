"""The time index in this process: building it, asking it, and pages asked while it is built."""

import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench import truth
from bench.mailbox import BigMailbox
from bench.report import Figure, Findings
from bench.timing import Sample, Work, side_by_side, timed
from snapshots.archive import Archive, Mailbox
from snapshots.calendar import Day
from snapshots.catalogue import PAGE_SIZE, Filter, Order, Sort
from snapshots.engines.base import HEAD_BYTES, MailboxReader
from snapshots.history import History, SearchQuery
from snapshots.now import Now
from snapshots.timeindex.builder import build
from snapshots.timeindex.steady import IndexedCatalogue
from snapshots.timeindex.store import IndexFile
from snapshots.types import Account, Night

WHOLE_SECONDS = 3600.0
PAGES_WHILE_BUILDING = 400
PLACES = {"first": 0.0, "in the middle": 0.5, "last": 1.0}
WORDS = {"a rare word": "girasole", "two letters": "gi", "one letter": "e"}


@dataclass(frozen=True, slots=True)
class Some:
    """An archive that offers some of its nights."""

    archive: Archive
    offered: frozenset[date]

    def days(self, account: Account) -> list[Day]:
        return [day for day in self.archive.days(account) if day.day in self.offered]

    def open_reader(self, account: Account, day: date, *, guids: frozenset[str] | None) -> tuple[Night, MailboxReader]:
        return self.archive.open_reader(account, day, guids=guids)

    def now(self, account: Account, *, guids: frozenset[str] | None) -> Now | None:
        return None


def measure(mailbox: BigMailbox, *, runs: int) -> Findings:
    """Measure an index made anew, beside listing and reading what it is made of."""
    with tempfile.TemporaryDirectory() as directory:
        archive = mailbox.archive(indexes=Path(directory))
        built = _building(mailbox, archive, Path(directory))
        size_bytes = IndexFile.of(Path(directory), mailbox.account, None).path.stat().st_size
        size = Figure("size of the index, a message", size_bytes / 1024 / mailbox.manifest["messages"], "KB", most=1.0)
        answers, wrong = _asking(mailbox, archive, runs)
    with tempfile.TemporaryDirectory() as directory:
        meanwhile = _while_building(mailbox, Path(directory))
    return Findings(
        [*built, size, *answers, *meanwhile],
        [
            "Building and answers are CPU time, answers on the finished index, opened before. Floors: listing "
            "all folders of the nights in question; open, read of 16 KiB, close of every message.",
            f"Differences between the index and what the generator made: {wrong}.",
        ],
    )


def _building(mailbox: BigMailbox, archive: Archive, directory: Path) -> list[Figure]:
    days = frozenset(mailbox.days)
    before = Some(archive, days - {mailbox.newest_day})
    listing = timed(lambda: _list(mailbox, mailbox.days[:-1]))
    names = timed(lambda: _build(mailbox, before, directory, steps=len(days) - 1))
    reading = timed(lambda: _read_all(mailbox))
    heads = timed(lambda: _build(mailbox, before, directory))
    two_nights = timed(lambda: _list(mailbox, mailbox.days[-2:]))
    another = timed(lambda: _build(mailbox, Some(archive, days), directory))
    dropped = timed(lambda: _build(mailbox, Some(archive, days - {mailbox.days[0]}), directory))
    _build(mailbox, Some(archive, days), directory)
    return [
        _seconds(f"names of {len(days) - 1} nights", names, listing, most=4.0, most_ratio=6.0),
        _seconds("heads of all their messages", heads, reading, most=20.0, most_ratio=40.0),
        _seconds("another night, names and heads", another, two_nights, most=1.0),
        Figure("oldest night dropped", dropped.cpu_ms, most=50.0),
    ]


def _seconds(what: str, figure: Sample, floor: Sample, *, most: float, most_ratio: float | None = None) -> Figure:
    return Figure(what, figure.cpu_ms / 1000, "s", floor=floor.cpu_ms / 1000, most=most, most_ratio=most_ratio)


def _build(mailbox: BigMailbox, source: Some | Archive, directory: Path, *, steps: int | None = None) -> None:
    """Build until nothing is left, or for so many steps."""
    asked = iter(range(1, 1 << 30))

    def clock() -> float:
        return 0.0 if steps is None or next(asked) <= steps else 2 * WHOLE_SECONDS

    build(mailbox.account, None, source, directory, budget_seconds=WHOLE_SECONDS, clock=clock)


def _directories(mailbox: BigMailbox, day: date) -> Iterator[str]:
    maildir = mailbox.maildir_path(day)
    for folder in (maildir, *(path for path in maildir.iterdir() if path.name.startswith(".") and path.is_dir())):
        yield from (str(folder / name) for name in ("cur", "new"))


def _list(mailbox: BigMailbox, days: list[date]) -> None:
    for day in days:
        for directory in _directories(mailbox, day):
            os.listdir(directory)  # noqa: PTH208 - pathlib makes an object of every name: no floor


def _read_all(mailbox: BigMailbox) -> None:
    for directory in _directories(mailbox, mailbox.newest_day):
        for name in os.listdir(directory):  # noqa: PTH208
            descriptor = os.open(f"{directory}/{name}", os.O_RDONLY)
            os.read(descriptor, HEAD_BYTES)
            os.close(descriptor)


def _asking(mailbox: BigMailbox, archive: Archive, runs: int) -> tuple[list[Figure], int]:
    account, oldest = mailbox.account, mailbox.days[0]
    history = archive.open_history(account)
    if history is None:
        raise AssertionError("the index that was just built cannot be read")
    with (
        history,
        archive.open_mailbox(account, mailbox.newest_day) as newest,
        archive.open_mailbox(account, oldest) as first,
    ):
        lost = first.catalogue.page(first.catalogue.folder("inbox"), filter=Filter.GONE).rows[0].id
        works: dict[str, tuple[Work, float]] = {
            f"page by {sort}, {where}": (_page(newest, sort, share), 10.0)
            for sort in Sort
            for where, share in PLACES.items()
        }
        works |= {
            f"search, {what}: {PAGE_SIZE} and their count": (_search(history, words), 25.0)
            for what, words in WORDS.items()
        }
        works["what is gone since the oldest night"] = (lambda: history.gone(oldest), 5.0)
        works["a lost message's story"] = (lambda: history.story(lost), 5.0)
        works["nights, and counts of the rail"] = (lambda: (history.nights(), history.gone_counts()), 5.0)
        works["folders and their counts"] = (newest.catalogue.folders, 5.0)
        times = side_by_side({name: _ready(work) for name, (work, _) in works.items()}, runs=runs)
        wrong = truth.differences(mailbox, archive, history)
    return [Figure(name, times[name].cpu_ms, most=most) for name, (_, most) in works.items()], wrong


def _ready(work: Work) -> Callable[[], Work]:
    return lambda: work


def _page(opened: Mailbox, sort: Sort, share: float) -> Work:
    inbox = opened.catalogue.folder("inbox")
    number = max(1, round(opened.catalogue.page(inbox).last_number * share))
    return lambda: opened.catalogue.page(inbox, number, order=Order(sort))


def _search(history: History, words: str) -> Work:
    return lambda: history.search(SearchQuery(words))


def _while_building(mailbox: BigMailbox, directory: Path) -> list[Figure]:
    """Ask for pages while another process reads heads, and when it has done."""
    archive = mailbox.archive(indexes=directory)
    _build(mailbox, archive, directory, steps=len(mailbox.days))
    builder = multiprocessing.get_context("fork").Process(target=_build, args=(mailbox, archive, directory))
    builder.start()
    # The names are counted first: until then pages come from the listing.
    while archive.open_history(mailbox.account) is None or not _pages_are_indexed(mailbox, archive):
        time.sleep(0.1)
    busy = _slowest(mailbox, archive)
    was_busy = builder.is_alive()
    builder.join()
    quiet = _slowest(mailbox, archive)
    what = f"list page while heads are read, the slowest of a hundred{'' if was_busy else ' (it was over too soon)'}"
    return [Figure(what, busy, floor=quiet, most=20.0, most_ratio=3.0)]


def _pages_are_indexed(mailbox: BigMailbox, archive: Archive) -> bool:
    with archive.open_mailbox(mailbox.account, mailbox.newest_day) as opened:
        return type(opened.catalogue) is IndexedCatalogue


def _slowest(mailbox: BigMailbox, archive: Archive) -> float:
    """Return what 99 of 100 first pages take at most."""
    taken = []
    for _ in range(PAGES_WHILE_BUILDING):
        with archive.open_mailbox(mailbox.account, mailbox.newest_day) as opened:
            inbox = opened.catalogue.folder("inbox")
            taken.append(timed(lambda: opened.catalogue.page(inbox)).wall_ms)  # noqa: B023
    return statistics.quantiles(taken, n=100)[-1]
