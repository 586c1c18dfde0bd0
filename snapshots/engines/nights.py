"""Which nights several volumes hold together."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from snapshots.engines.volumes import Volume
from snapshots.errors import EngineError
from snapshots.types import Account, Night

T = TypeVar("T")
ELSEWHERE_SECONDS = 1.0
"""How long an account found on one volume waits for the others, which hold it only where it was moved."""


def nights_of(volumes: Sequence[Volume], account: Account | None) -> list[Night]:
    """Return the nights, oldest first (`snapshots.engines.base.Engine.nights`)."""
    if account is None:
        return _platform_nights(volumes)
    if len(volumes) == 1:
        return volumes[0].nights(account)
    return _nights_among(volumes, account)


def _platform_nights(volumes: Sequence[Volume]) -> list[Night]:
    answers, failure = _ask((each for each in volumes if each.is_shared), lambda volume: volume.nights(None))
    if failure and not answers:
        raise failure
    return [nights[0] for nights in _by_day(night for answer in answers for night in answer)]


def _nights_among(volumes: Sequence[Volume], account: Account) -> list[Night]:
    """Return the nights that hold the account; where no volume does, and each could be asked, one of them.

    Once they are found on one volume, another one on which they were not before is not waited for long.
    """
    held: set[Night] = set()

    def ask(volume: Volume) -> list[Night]:
        within_seconds = ELSEWHERE_SECONDS if held and not volume.has_held(account) else None
        nights = volume.nights(account, within_seconds=within_seconds)
        held.update(volume.holding(account, nights, within_seconds=within_seconds))
        return nights

    answers, failure = _ask(sorted(volumes, key=lambda volume: _likelihood(volume, account)), ask)
    if failure and not held:
        raise failure
    found = []
    for nights in _by_day(night for answer in answers for night in answer):
        found += [night for night in nights if night in held] or ([] if failure else nights[:1])
    return found


def _likelihood(volume: Volume, account: Account) -> tuple[bool, bool]:
    """Where to ask first: where the account was found before, and of the others where there is an answer."""
    return not volume.has_held(account), volume.guard.looks_hung


def _ask(volumes: Iterable[Volume], question: Callable[[Volume], T]) -> tuple[list[T], EngineError | None]:
    """Ask every volume; one that does not answer must not hide what the others hold."""
    answers: list[T] = []
    failure: EngineError | None = None
    for volume in volumes:
        try:
            answers.append(question(volume))
        except EngineError as error:
            failure = failure or error
    return answers, failure


def _by_day(nights: Iterable[Night]) -> list[list[Night]]:
    by_day: dict[date, list[Night]] = defaultdict(list)
    for night in sorted(nights, key=lambda night: night.volume):
        by_day[night.day].append(night)
    return [by_day[day] for day in sorted(by_day)]
