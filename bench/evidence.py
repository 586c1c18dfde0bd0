"""The evidence: figures and proofs at full scale, written into the project's documents."""

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from bench import machine, proofs
from bench.proofs import Outcome
from bench.report import listed, rows

OPENING = """# Evidence

Made by `make evidence` on {day}. `make bench` measures the figures again, `make test` runs the proofs without the
largest of them.
"""


def write(out: Path, figures: str) -> int:
    """Run the proofs and write them with the figures; return 0 when all are proved, else 1."""
    print("bench: running the proofs at full scale", file=sys.stderr, flush=True)
    outcomes = proofs.run()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(document(datetime.now(UTC).date(), machine.description(), figures, outcomes))
    print(f"bench: wrote {out.name}", file=sys.stderr, flush=True)
    return 0 if all(outcome.is_proved for outcome in outcomes.values()) else 1


def document(day: date, described: list[tuple[str, str]], figures: str, outcomes: Mapping[str, Outcome]) -> str:
    """Return the evidence as Markdown."""
    return (
        "\n\n".join(
            [
                OPENING.format(day=day).rstrip(),
                "## Machine",
                rows(("what", "which"), described),
                "## Figures",
                figures,
                "## Proofs",
                rows(("promise", "tests", "seconds"), map(_row, outcomes, outcomes.values())),
                *_told(outcomes),
                *_skipped(outcomes),
            ]
        )
        + "\n"
    )


def _row(promise: str, outcome: Outcome) -> tuple[str, ...]:
    words = str(outcome) if outcome.is_proved else f"**{outcome}**"
    return promise, words, f"{outcome.seconds:.0f}"


def _told(outcomes: Mapping[str, Outcome]) -> list[str]:
    lines = [line for outcome in outcomes.values() for line in outcome.told]
    return ["What the tests counted:\n\n```text\n" + "\n".join(lines) + "\n```"] if lines else []


def _skipped(outcomes: Mapping[str, Outcome]) -> list[str]:
    reasons = sorted({reason for outcome in outcomes.values() for reason in outcome.reasons})
    return [f"Skipped or known to fail, because:\n\n{listed(reasons)}"] if reasons else []
