"""`manage.py timeindex check|rebuild|stats ACCOUNT`: an account's time indexes, for administrators at the shell."""

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from snapshots import configured
from snapshots.accounts import BadAddress
from snapshots.archive import Archive, Guids
from snapshots.errors import SnapshotError
from snapshots.types import Account


class Command(BaseCommand):
    help = "Compare an account's time indexes with its snapshots, build them anew, or say how far they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=("check", "rebuild", "stats"))
        parser.add_argument("account", help="the mailbox's address")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            account = configured.address_book().account(options["account"])
            archive = configured.archive()
            found = list(_rights(archive, account))
            if not found:
                self.stdout.write(f"{account}: no index")
            for guids in found:
                getattr(self, f"_{options['what']}")(archive, account, guids)
        except BadAddress as error:
            raise CommandError(f"{options['account']} is no account's address") from error
        except SnapshotError as error:
            raise CommandError(str(error)) from error

    def _check(self, archive: Archive, account: Account, guids: Guids) -> None:
        differences = list(archive.check_index(account, guids=guids))
        for difference in differences:
            self.stdout.write(difference)
        if differences:
            raise CommandError(f"{_told(account, guids)}: {len(differences)} differences")
        self.stdout.write(f"{_told(account, guids)}: no differences")

    def _rebuild(self, archive: Archive, account: Account, guids: Guids) -> None:
        archive.condemn_index(account, guids=guids)
        archive.build_index(account, guids=guids, budget_seconds=float("inf"))
        self._stats(archive, account, guids)

    def _stats(self, archive: Archive, account: Account, guids: Guids) -> None:
        history = archive.open_history(account, guids=guids)
        if history is None:
            self.stdout.write(f"{_told(account, guids)}: waits for its builder")
            return
        with history:
            progress = history.progress()
            self.stdout.write(
                f"{_told(account, guids)}: {progress.stage}, {progress.heads_done} of {progress.heads_total} heads"
            )
            for night in history.nights():
                counts = f"{night.messages} messages, {night.size_bytes} bytes" if night.messages is not None else "-"
                self.stdout.write(f"  {night.day}  {night.state}  {counts}")


def _rights(archive: Archive, account: Account) -> Iterator[Guids]:
    """Yield the rights to this account that have an index: all nights', or those of some of its INBOX GUIDs."""
    guids = sorted({guid for guid in archive.inbox_guids(account).values() if guid})
    chosen = (frozenset(some) for count in range(1, len(guids) + 1) for some in combinations(guids, count))
    yield from (right for right in (None, *chosen) if archive.has_index(account, guids=right))


def _told(account: Account, guids: Guids) -> str:
    return f"{account}, {'all nights' if guids is None else ' '.join(sorted(guids))}"
