"""Searching in the text of messages, in this process: reading all texts, and asking for words in them."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.mailbox import BigMailbox
from bench.report import Figure, Findings
from bench.timing import Preparation, Work, side_by_side, timed
from snapshots.archive import Archive
from snapshots.catalogue import PAGE_SIZE
from snapshots.history import History, SearchQuery
from snapshots.timeindex.store import IndexFile
from snapshots.timeindex.texts import READ_BYTES

BUILDING_CPU_SECONDS = 25.0
SEARCH_MS = 50.0
SIZE_KB = 0.5
WORDS = {
    "a rare word": "ornitorinco",
    "two letters": "gi",
    "a word most messages hold": "fattura",
    "two words": "fattura preventivo",
}


def measure(mailbox: BigMailbox, *, runs: int) -> Findings:
    """Measure what texts add to an index that is finished without them."""
    with tempfile.TemporaryDirectory() as directory:
        archive = mailbox.archive(indexes=Path(directory))
        path = IndexFile.of(Path(directory), mailbox.account, None).path
        _build(archive, mailbox)
        without_bytes = path.stat().st_size
        archive.ask_for_text(mailbox.account)
        reading = timed(lambda: _read_all(mailbox))
        building = timed(lambda: _build(archive, mailbox))
        grown_bytes = path.stat().st_size - without_bytes
        answers, wrong = _asking(archive, mailbox, runs)
    seconds, floor = building.cpu_ms / 1000, reading.cpu_ms / 1000
    return Findings(
        [
            Figure("texts of all messages", seconds, "s", floor=floor, most=BUILDING_CPU_SECONDS),
            Figure("texts, in the index, a message", grown_bytes / 1024 / _messages(mailbox), "KB", most=SIZE_KB),
            *answers,
        ],
        [
            "Texts: CPU time, on an index that is finished without them. Floor: open, read of "
            f"{READ_BYTES // 1024} KiB, close of every message of the newest night.",
            f"Differences between what a word of the text finds there and what the generator made: {wrong}.",
        ],
    )


def _build(archive: Archive, mailbox: BigMailbox) -> None:
    while not archive.build_index(mailbox.account):
        continue


def _messages(mailbox: BigMailbox) -> int:
    return int(mailbox.manifest["messages"])


def _files(mailbox: BigMailbox) -> Iterator[str]:
    maildir = mailbox.maildir_path(mailbox.newest_day)
    for directory in (maildir, *(path for path in maildir.iterdir() if path.name.startswith(".") and path.is_dir())):
        for place in (directory / "cur", directory / "new"):
            yield from (f"{place}/{name}" for name in os.listdir(place))  # noqa: PTH208 - a floor makes no objects


def _read_all(mailbox: BigMailbox) -> None:
    for path in _files(mailbox):
        descriptor = os.open(path, os.O_RDONLY)
        os.read(descriptor, READ_BYTES)
        os.close(descriptor)


def _asking(archive: Archive, mailbox: BigMailbox, runs: int) -> tuple[list[Figure], int]:
    history = archive.open_history(mailbox.account)
    if history is None:
        raise AssertionError("the index that was just built cannot be read")
    with history:
        works = {what: _search(history, words) for what, words in WORDS.items()}
        times = side_by_side({what: _ready(work) for what, work in works.items()}, runs=runs)
        day = mailbox.newest_day
        told = SearchQuery(str(mailbox.manifest["text_needle"]), in_text=True, first_day=day, last_day=day)
        wrong = abs(history.search(told).total - int(mailbox.manifest["nights"][-1]["with_text_needle"]))
    figures = [
        Figure(f"search in texts, {what}: {PAGE_SIZE} and their count", times[what].cpu_ms, most=SEARCH_MS)
        for what in works
    ]
    return figures, wrong


def _search(history: History, words: str) -> Work:
    return lambda: history.search(SearchQuery(words, in_text=True))


def _ready(work: Work) -> Preparation:
    return lambda: work
