"""Make a big mailbox with nightly snapshots: `python -m bench.generate --out DIR --messages 100000`.

The same arguments make the same bytes and names. A message is one file, linked into every night that
holds it, as a snapshot shares what did not change. `DIR/manifest.json` tells what was made.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import Any

from bench.plan import OUTGOING, Plan, PlannedNight, Shelf
from bench.sources import (
    SUBJECT_NEEDLE,
    SUBJECT_NEEDLE_EVERY,
    TEXT_NEEDLE,
    TEXT_NEEDLE_EVERY,
    Outline,
    Sources,
)
from demo.maildir import base_name, crlf_size, uidlist_header, write_private
from demo.provider import Provider, Tree
from demo.tree import Encoding, Layout

ADDRESS = "mario@grande.example"
LAST_DAY = date(2026, 11, 22)
STAGED_TOGETHER = 1000
NEWEST_TOLD = 50


@dataclass(frozen=True, slots=True)
class Order:
    """What to make, and where."""

    out: Path
    messages: int
    nights: int = 8
    seed: str = "1"
    address: str = ADDRESS
    last_day: date = LAST_DAY
    layout: Layout = "maildir++"
    encoding: Encoding = "mutf7"
    processes: int = 2


class Factory:
    """Everything the child processes share with their parent, by fork."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.plan = Plan(order.seed, messages=order.messages, nights=order.nights, last_day=order.last_day)
        self.sources = Sources(order.seed)
        self.staging = order.out / "staging"
        self.bases: list[str] = []
        self.trees: list[Tree] = []

    @property
    def count(self) -> int:
        return len(self.plan.birthplaces)

    def staged(self, number: int) -> str:
        return f"{self.staging}/{number // STAGED_TOGETHER}/{number}"

    def write_messages(self, group: int) -> list[str]:
        """Write one staging directory; return the messages' base names."""
        Path(self.staged(group * STAGED_TOGETHER)).parent.mkdir(parents=True)
        first = group * STAGED_TOGETHER
        return [self._write(number) for number in range(first, min(first + STAGED_TOGETHER, self.count))]

    def link_night(self, index: int) -> None:
        for name, shelf in self.plan.nights[index].shelves.items():
            folder = self.trees[index].folders[name]
            directory = str(folder.path)
            for placed in shelf.placed.values():
                base = self.bases[placed.number]
                file = f"new/{base}" if placed.uid is None else f"cur/{base}:2,{placed.flags}"
                os.link(self.staged(placed.number), f"{directory}/{file}")
            uidlist = uidlist_header(folder.uidvalidity, shelf.next_uid, folder.guid) + self._uidlist_lines(shelf)
            write_private(folder.path / "dovecot-uidlist", uidlist.encode())
            if any("a" in placed.flags for placed in shelf.placed.values()):
                write_private(folder.path / "dovecot-keywords", b"0 $Label1\n")

    def _write(self, number: int) -> str:
        seconds = self.plan.received_seconds[number]
        outgoing = self.plan.birthplaces[number] in OUTGOING
        source = self.sources.source(Outline(number, seconds, self.order.address, outgoing))
        path = self.staged(number)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, source)
        os.close(descriptor)
        os.utime(path, (seconds, seconds))
        # M tells apart what came in one second; numbers beyond a million would not.
        return base_name(seconds, number % 1_000_000, stored_bytes=len(source), crlf_bytes=crlf_size(source))

    def _uidlist_lines(self, shelf: Shelf) -> str:
        listed = sorted((placed.uid, self.bases[placed.number]) for placed in shelf.placed.values() if placed.uid)
        return "".join(f"{uid} :{base}\n" for uid, base in listed)


_factory: Factory


def generate(order: Order) -> dict[str, Any]:
    """Make the mailbox in an empty or new directory; return what the manifest says."""
    global _factory
    _factory = Factory(order)
    order.out.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("fork")
    groups = range((_factory.count + STAGED_TOGETHER - 1) // STAGED_TOGETHER)
    with context.Pool(order.processes) as pool:
        _factory.bases = [base for bases in pool.imap(_write_messages, groups) for base in bases]
    _factory.trees = _empty_trees(order, _factory.plan.nights)
    with context.Pool(order.processes) as pool:
        pool.map(_link_night, range(order.nights), chunksize=1)
    shutil.rmtree(_factory.staging)
    manifest = _manifest(_factory)
    (order.out / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
    return manifest


def _write_messages(group: int) -> list[str]:
    return _factory.write_messages(group)


def _link_night(index: int) -> None:
    _factory.link_night(index)


def _empty_trees(order: Order, nights: Iterable[PlannedNight]) -> list[Tree]:
    mailbox = Provider(order.out).mailbox(order.address, layout=order.layout, encoding=order.encoding)
    trees: list[Tree] = []
    for planned in nights:
        tree = mailbox.night(planned.day)
        for folder in planned.shelves:
            tree.folder(folder) if folder != "INBOX" else None
        trees.append(tree)
    return trees


def _manifest(factory: Factory) -> dict[str, Any]:
    order, plan = factory.order, factory.plan
    return {
        "address": order.address,
        "seed": order.seed,
        "settings": Provider(order.out).settings(),
        "messages": order.messages,
        "distinct_messages": factory.count,
        "subject_needle": SUBJECT_NEEDLE,
        "text_needle": TEXT_NEEDLE,
        "nights": list(map(_told_night, repeat(factory), plan.nights)),
        "newest": _newest(factory, plan.nights[-1]),
    }


def _told_night(factory: Factory, night: PlannedNight) -> dict[str, Any]:
    numbers = [number for shelf in night.shelves.values() for number in shelf.placed]
    guid = factory.bases.__getitem__
    return {
        "day": night.day.isoformat(),
        "messages": len(numbers),
        "folders": {name: len(shelf.placed) for name, shelf in night.shelves.items()},
        "unseen": {
            name: sum("S" not in placed.flags for placed in shelf.placed.values())
            for name, shelf in night.shelves.items()
        },
        "with_subject_needle": sum(_is_planted(number, SUBJECT_NEEDLE_EVERY) for number in numbers),
        "with_text_needle": sum(_is_planted(number, TEXT_NEEDLE_EVERY) for number in numbers),
        "arrived": list(map(guid, night.arrived)),
        "deleted": list(map(guid, night.deleted)),
        "moved": [[guid(number), source, target] for number, source, target in night.moved],
        "flagged": list(map(guid, night.flagged)),
    }


def _newest(factory: Factory, night: PlannedNight) -> list[dict[str, str]]:
    """The last messages of the inbox by arrival, newest first."""
    numbers = sorted(night.shelves["INBOX"].placed, reverse=True)[:NEWEST_TOLD]
    return [{"guid": factory.bases[number], "subject": factory.sources.subject(number)} for number in numbers]


def _is_planted(number: int, every: int) -> bool:
    return number % every == every // 2


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.generate", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--messages", type=int, default=100_000, help="in the newest night")
    parser.add_argument("--nights", type=int, default=8)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--address", default=ADDRESS)
    arguments = parser.parse_args()
    if (arguments.out / "manifest.json").exists():
        print(f"{arguments.out} has a mailbox already", file=sys.stderr)
        return 1
    began = time.monotonic()
    generate(Order(**vars(arguments)))
    print(f"{arguments.messages} messages × {arguments.nights} nights in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
