"""The faults of a chaos run: each is played for a while against a site that runs, and then taken away."""

import os
import random
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import date, datetime, timedelta
from datetime import time as clock
from functools import partial
from pathlib import Path

from bench.line import Line
from demo.provider import STAMP, TIME_ZONE
from tests.faults.kernel import FOR_EVER, full, injected, may_trace

Below = Callable[[], Mapping[str, list[int]]]
Fault = Callable[[], AbstractContextManager[object]]
KEPT_NIGHTS = 6


def all_faults(below: Below, *, line: Line, state: Path, volumes: list[Path], rotating: "Rotating") -> dict[str, Fault]:
    """Return the faults by name; `below` tells the site's processes, of `volumes` one is chosen each time."""
    faults: dict[str, Fault] = {
        "builder killed": partial(_signalled, below, "builder", signal.SIGKILL),
        "builder stopped": partial(_signalled, below, "builder", signal.SIGSTOP),
        "restore worker killed": partial(_signalled, below, "worker", signal.SIGKILL),
        "web worker killed": partial(_signalled, below, "web worker", signal.SIGKILL),
        "web worker stopped": partial(_signalled, below, "web worker", signal.SIGSTOP),
        "web server killed": partial(_signalled, below, "web", signal.SIGKILL),
        "mail server down": line.down,
        "mail server hangs": line.hanging,
        "mail server's lines cut": line.cutting,
        "nights rotate": rotating.rotated,
        "state disk full": partial(full, state),
        "mailboxes' tree away": partial(_away, volumes),
    }
    if may_trace():
        for name, fault in {"EIO": "error=EIO", "EACCES": "error=EACCES", "ESTALE": "error=ESTALE"}.items():
            faults[f"volume answers {name}"] = partial(_injected, below, fault, volumes)
        faults["volume hangs"] = partial(_injected, below, FOR_EVER, volumes)
    return faults


@contextmanager
def _signalled(below: Below, name: str, number: signal.Signals) -> Iterator[None]:
    victims = below().get(name, [])[:1]
    for pid in victims:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
    yield
    for pid in victims if number is signal.SIGSTOP else ():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@contextmanager
def _injected(below: Below, fault: str, volumes: list[Path]) -> Iterator[None]:
    volume = random.choice(volumes)  # noqa: S311 - nobody is to be kept from guessing
    with injected(below().get("web worker", []), fault, volume):
        yield


@contextmanager
def _away(volumes: list[Path]) -> Iterator[None]:
    """Take the snapshots' directory of a volume away, as an unmounted one is."""
    snapshots = random.choice(volumes) / ".snapshot"  # noqa: S311
    aside = snapshots.with_name("unmounted")
    snapshots.rename(aside)
    try:
        yield
    finally:
        aside.rename(snapshots)


class Rotating:
    """A volume whose newest night is always `nightly.0`: another one comes, the oldest goes, all take new names."""

    def __init__(
        self,
        volume: Path,
        newest: date,
        *,
        last: date,
        came: Callable[[date, date], None],
        went: Callable[[date], None],
    ) -> None:
        """`came` hears of a new night and the one it is a copy of, `went` of one that is about to go."""
        self._came, self._went = came, went
        self._snapshots = volume / ".snapshot"
        self._newest = newest
        self._last = last

    @contextmanager
    def rotated(self) -> Iterator[None]:
        """Rotate once; where no day is left, take the newest night away for a while instead."""
        if self._newest < self._last:
            self._rotate()
            yield
        else:
            aside = self._snapshots / "aside"
            (self._snapshots / "nightly.0").rename(aside)
            yield
            aside.rename(self._snapshots / "nightly.0")

    def _rotate(self) -> None:
        tonight = self._newest + timedelta(days=1)
        staged = self._snapshots / "staged"
        shutil.copytree(self._snapshots / "nightly.0", staged, copy_function=os.link)
        (staged / STAMP).unlink()
        (staged / STAMP).write_text(f"{datetime.combine(tonight, clock(), TIME_ZONE).isoformat()}\n")
        count = len(list(self._snapshots.glob("nightly.*")))
        for number in reversed(range(count)):
            (self._snapshots / f"nightly.{number}").rename(self._snapshots / f"nightly.{number + 1}")
        staged.rename(self._snapshots / "nightly.0")
        self._came(self._newest, tonight)
        self._newest = tonight
        if count >= KEPT_NIGHTS:
            self._went(tonight - timedelta(days=count))
            shutil.rmtree(self._snapshots / f"nightly.{count}")
