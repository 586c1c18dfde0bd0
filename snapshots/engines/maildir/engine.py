"""The maildir engine: nights and mailboxes on mounted snapshots."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from snapshots.engines.maildir.reader import MaildirReader, ReaderOptions
from snapshots.engines.volumes import Volume
from snapshots.errors import EngineError
from snapshots.types import Account, Night


class MaildirEngine:
    """Reads Maildirs below one or more volumes (the contract: `snapshots.engines.base.Engine`)."""

    def __init__(self, volumes: Sequence[Volume], options: ReaderOptions | None = None) -> None:
        self._volumes = list(volumes)
        self._options = options or ReaderOptions()

    def nights(self, account: Account | None) -> list[Night]:
        if account is None:
            shared = [volume for volume in self._volumes if volume.is_shared]
            return [nights[0] for nights in _by_day(self._nights_of(shared, None))]
        by_day = _by_day(self._nights_of(self._volumes, account))
        if len(self._volumes) == 1:
            return [nights[0] for nights in by_day]
        held = self._held(account, [night for nights in by_day for night in nights])
        return [night for nights in by_day for night in ([n for n in nights if n in held] or nights[:1])]

    def open(self, account: Account, night: Night) -> MaildirReader:
        volume = self._volumes[night.volume]
        root = volume.guard.call(lambda: volume.open_mailbox(account, night))
        return MaildirReader(root, volume.guard, account=account, night=night, options=self._options)

    def _nights_of(self, volumes: Sequence[Volume], account: Account | None) -> list[Night]:
        """One volume that does not answer must not hide what the others hold; none answering is an error."""
        nights: list[Night] = []
        failures: list[EngineError] = []
        for volume in volumes:
            try:
                nights.extend(volume.nights(account))
            except EngineError as error:
                failures.append(error)
        if failures and len(failures) == len(volumes):
            raise failures[0]
        return nights

    def _held(self, account: Account, nights: Sequence[Night]) -> set[Night]:
        """Return those of the nights whose volume holds the account then, each volume visited once."""
        held: set[Night] = set()
        for number, volume in enumerate(self._volumes):
            own = [night for night in nights if night.volume == number]
            if own:
                held.update(volume.holding(account, own))
        return held


def _by_day(nights: Iterable[Night]) -> list[list[Night]]:
    by_day: dict[date, list[Night]] = defaultdict(list)
    for night in nights:
        by_day[night.day].append(night)
    return [by_day[day] for day in sorted(by_day)]
