"""`python -m bench`: measure against the figures to reach, side by side with their floors, as a Markdown table."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import catalogue, chaos, downloads, evidence, imap, load, logins, machine, pages, restores, texts, timeindex
from bench.mailbox import BigMailbox, prepared
from bench.report import Findings, combined

ROOT = Path(__file__).resolve().parent.parent
BUSY = (
    "The machine was busy when this began: times by the clock are upper bounds, those of many short "
    "steps most of all. CPU times hold."
)
SUBJECTS: dict[str, Callable[[BigMailbox, argparse.Namespace], Findings]] = {
    "catalogue": lambda mailbox, asked: catalogue.measure(mailbox, runs=asked.runs),
    "timeindex": lambda mailbox, asked: timeindex.measure(mailbox, runs=asked.runs),
    "texts": lambda mailbox, asked: texts.measure(mailbox, runs=asked.runs),
    "pages": lambda mailbox, asked: pages.measure(mailbox, runs=asked.runs, requests=asked.requests),
    "downloads": lambda mailbox, asked: downloads.measure(mailbox, runs=asked.runs, pages=asked.pages),
    "imap": lambda mailbox, asked: imap.measure(mailbox, runs=asked.runs),
    "logins": lambda mailbox, asked: logins.measure(mailbox, pages=asked.pages),
    "restores": lambda mailbox, asked: restores.measure(asked.directory, messages=asked.restored),
    "load": lambda mailbox, asked: load.measure(mailbox, owners=asked.owners, minutes=asked.minutes),
}


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    if asked.chaos:
        return chaos.run(asked.chaos, seed=asked.seed)
    figures = _figures(asked)
    print(figures)
    return evidence.write(asked.out, figures) if asked.evidence else 0


def _figures(asked: argparse.Namespace) -> str:
    print(f"bench: preparing {asked.messages:,} messages × {asked.nights} nights", file=sys.stderr, flush=True)
    mailbox = prepared(asked.directory, messages=asked.messages, nights=asked.nights)
    before, findings = machine.load(), [Findings(remarks=[BUSY] if machine.is_busy() else [])]
    for name in asked.only:
        print(f"bench: measuring {name}", file=sys.stderr, flush=True)
        findings.append(SUBJECTS[name](mailbox, asked))
    made = f"{asked.messages:,} messages × {asked.nights} nights."
    return f"{made} Load average {before} before, {machine.load()} after.\n\n{combined(findings)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000, help="in the newest night, default: %(default)s")
    parser.add_argument("--nights", type=int, default=8, help="default: %(default)s")
    parser.add_argument("--only", type=_subjects, default=list(SUBJECTS), help=f"some of {','.join(SUBJECTS)}")
    parser.add_argument("--runs", type=int, default=25, help="of which medians are taken, default: %(default)s")
    parser.add_argument("--requests", type=int, default=300, help="before memory is read, default: %(default)s")
    parser.add_argument("--pages", type=int, default=80, help="turned during wrong logins, default: %(default)s")
    parser.add_argument("--restored", type=int, default=2_000, help="messages restored, default: %(default)s")
    parser.add_argument("--owners", type=int, default=200, help="who click all at once, default: %(default)s")
    parser.add_argument("--minutes", type=float, default=5, help="they do, default: %(default)s")
    parser.add_argument("--directory", type=Path, default=ROOT / ".bench", help="where the big mailbox is kept")
    parser.add_argument("--chaos", type=float, default=0, help="minutes of faults at random, and nothing else")
    parser.add_argument("--seed", type=int, default=1, help="of the chaos, default: %(default)s")
    parser.add_argument("--evidence", action="store_true", help="run the proofs at full scale too, and write them down")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "evidence.md", help="where to")
    return parser


def _subjects(text: str) -> list[str]:
    names = text.split(",")
    unknown = sorted(set(names) - SUBJECTS.keys())
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(SUBJECTS)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
