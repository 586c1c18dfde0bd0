"""The maildir engine: nights and mailboxes on mounted snapshots."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar

from snapshots.engines.maildir.reader import MaildirReader, ReaderOptions
from snapshots.engines.volumes import Volume
from snapshots.errors import EngineError
from snapshots.types import Account, Night

T = TypeVar("T")


class MaildirEngine:
    """Reads Maildirs below one or more volumes (the contract: `snapshots.engines.base.Engine`)."""

    def __init__(self, volumes: Sequence[Volume], options: ReaderOptions | None = None) -> None:
        self._volumes = list(volumes)
        self._options = options or ReaderOptions()

    def nights(self, account: Account | None) -> list[Night]:
        if account is None:
            return self._platform_nights()
        if len(self._volumes) == 1:
            return self._volumes[0].nights(account)
        return self._nights_among_volumes(account)

    def open(self, account: Account, night: Night) -> MaildirReader:
        volume = self._volumes[night.volume]
        root = volume.guard.call(lambda: volume.open_mailbox(account, night))
        return MaildirReader(root, volume.guard, account=account, night=night, options=self._options)

    def _platform_nights(self) -> list[Night]:
        answers, failure = _ask((each for each in self._volumes if each.is_shared), lambda volume: volume.nights(None))
        if failure and not answers:
            raise failure
        return [nights[0] for nights in _by_day(night for answer in answers for night in answer)]

    def _nights_among_volumes(self, account: Account) -> list[Night]:
        """Return the nights that hold the account; where no volume does, and each could be asked, one of them."""

        def ask(volume: Volume) -> tuple[list[Night], list[Night]]:
            nights = volume.nights(account)
            return nights, volume.holding(account, nights)

        answers, failure = _ask(self._volumes, ask)
        held = {night for _, holding in answers for night in holding}
        if failure and not held:
            raise failure
        found = []
        for nights in _by_day(night for answer, _ in answers for night in answer):
            found += [night for night in nights if night in held] or ([] if failure else nights[:1])
        return found


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
    for night in nights:
        by_day[night.day].append(night)
    return [by_day[day] for day in sorted(by_day)]
