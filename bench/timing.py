"""Times of several things taken side by side, so that a busy moment hits all of them alike."""

import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Work = Callable[[], object]
Preparation = Callable[[], Work]
"""Makes one run ready, untimed, and returns what is to be timed."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How long one run took, by the clock and on the processors."""

    wall_ms: float
    cpu_ms: float


def side_by_side(preparations: Mapping[str, Preparation], *, runs: int) -> dict[str, Sample]:
    """Return each one's medians over so many rounds; a round before them warms the caches."""
    samples: dict[str, list[Sample]] = {name: [] for name in preparations}
    for number in range(runs + 1):
        for name, prepare in preparations.items():
            sample = timed(prepare())
            if number:
                samples[name].append(sample)
    return {name: medians(taken) for name, taken in samples.items()}


def timed(work: Work) -> Sample:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Sample((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)


def medians(samples: Iterable[Sample]) -> Sample:
    taken = list(samples)
    return Sample(
        statistics.median(sample.wall_ms for sample in taken), statistics.median(sample.cpu_ms for sample in taken)
    )
