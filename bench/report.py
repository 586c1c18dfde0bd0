"""Figures beside their floors and goals, as a Markdown table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HEADER = ("what", "floor", "figure", "ratio", "goal", "reached")
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured; `most` and `most_ratio` are what it may be at most, the latter times its floor."""

    what: str
    value: float
    unit: str = "ms"
    floor: float | None = None
    most: float | None = None
    most_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def is_reached(self) -> bool | None:
        """Whether every goal is reached; None where there is none."""
        pairs = ((self.value, self.most), (self.ratio, self.most_ratio))
        kept = [value is not None and value <= most for value, most in pairs if most is not None]
        return all(kept) if kept else None

    @property
    def goal(self) -> str:
        ratio = "" if self.most_ratio is None else f"≤ {self.most_ratio:g} ×"
        absolute = "" if self.most is None else f"≤ {self.most:g} {self.unit}"
        return ", ".join(filter(None, (ratio, absolute))) or NOTHING

    def cells(self) -> tuple[str, ...]:
        reached = {True: "yes", False: "**no**", None: NOTHING}[self.is_reached]
        floor = NOTHING if self.floor is None else quantity(self.floor, self.unit)
        ratio = NOTHING if self.ratio is None else f"{self.ratio:.2f} ×"
        return self.what, floor, quantity(self.value, self.unit), ratio, self.goal, reached


@dataclass(frozen=True, slots=True)
class Findings:
    """What one subject of the bench found, and what a reader of the figures has to know."""

    figures: Sequence[Figure] = ()
    remarks: Sequence[str] = field(default=())


def quantity(value: float, unit: str) -> str:
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"


def table(figures: Iterable[Figure]) -> str:
    return rows(HEADER, (figure.cells() for figure in figures))


def rows(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    body = [header, ["---"] * len(header), *lines]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in body)


def listed(remarks: Iterable[str]) -> str:
    return "\n".join(f"- {remark}" for remark in remarks)


def combined(findings: Sequence[Findings]) -> str:
    """Return one table of all figures, the remarks below it."""
    figures = [figure for each in findings for figure in each.figures]
    remarks = [remark for each in findings for remark in each.remarks]
    return "\n\n".join(filter(None, (table(figures) if figures else "", listed(remarks))))
