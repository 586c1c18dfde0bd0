"""What the generator made of a mailbox, night by night, against what its index answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.mailbox import BigMailbox
from snapshots.archive import Archive
from snapshots.catalogue import FateKind
from snapshots.history import History, Hit, SearchQuery

TRASH = "Cestino"


def differences(mailbox: BigMailbox, archive: Archive, history: History) -> int:
    """Count what the index says otherwise than the manifest: counts of folders, what was lost or moved, a needle."""
    nights = mailbox.manifest["nights"]
    wrong = 0
    for number, (day, night) in enumerate(zip(mailbox.days, nights, strict=True)):
        with archive.open_mailbox(mailbox.account, day) as opened:
            counted = {each.folder.name: (each.total, each.unread) for each in opened.catalogue.folders()}
        wrong += sum(counted.get(name) != (count, night["unseen"][name]) for name, count in night["folders"].items())
        counts = history.gone(day).counts
        lost, trashed, moved = _became(nights[number + 1 :])
        wrong += counts[FateKind.GONE] + counts[FateKind.CLEARED] != lost
        wrong += (counts[FateKind.TRASHED], counts[FateKind.MOVED]) != (trashed, moved)
    held = [hit.days for hit in _all_hits(history, str(mailbox.manifest["subject_needle"]))]
    for day, night in zip(mailbox.days, nights, strict=True):
        wrong += sum(day in days for days in held) != night["with_subject_needle"]
    return wrong


def _became(later: Sequence[Mapping[str, Any]]) -> tuple[int, int, int]:
    """Return how many of a night's messages the nights after it lost, put in the trash, and moved elsewhere."""
    arrived = {guid for night in later for guid in night["arrived"]}
    lost = {guid for night in later for guid in night["deleted"]} - arrived
    origins: dict[str, str] = {}
    homes: dict[str, str] = {}
    for guid, source, target in (move for night in later for move in night["moved"]):
        origins.setdefault(guid, source)
        homes[guid] = target
    away = [home for guid, home in homes.items() if guid not in lost | arrived and home != origins[guid]]
    return len(lost), away.count(TRASH), len(away) - away.count(TRASH)


def _all_hits(history: History, words: str) -> list[Hit]:
    first = history.search(SearchQuery(words))
    pages = (history.search(SearchQuery(words), number) for number in range(1, first.last_number + 1))
    return [hit for page in pages for hit in page.hits]
