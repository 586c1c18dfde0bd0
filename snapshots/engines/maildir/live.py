"""The live Maildirs, where the web host can read them: names only, for what is there now."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime

from snapshots.accounts import LivePath
from snapshots.engines.beneath import HeldDirectory, descending, open_root
from snapshots.engines.deadline import Guard
from snapshots.engines.maildir.listing import ListingCache
from snapshots.engines.maildir.reader import MaildirReader, ReaderOptions
from snapshots.engines.volumes import translate
from snapshots.errors import EngineUnavailable, MailboxNotFound
from snapshots.types import Account, Night

NOW = Night(day=date.max, taken_at=datetime.max.replace(tzinfo=UTC), name="")


class LiveMaildirs:
    """Opens live Maildirs below one root."""

    def __init__(self, path: LivePath, options: ReaderOptions | None = None) -> None:
        self._path = path
        self._guard = Guard(str(path.root))
        self._options = options or ReaderOptions()

    def open(self, account: Account) -> MaildirReader:
        """Open the account's live mailbox; a listing of it is never one kept from before.

        Raises: MailboxNotFound, EngineTimeout, EngineUnavailable.
        """
        components = self._path.components_of(account)
        root = self._guard.call(lambda: self._open(account, components))
        options = replace(self._options, listings=ListingCache(names_limit=0))
        return MaildirReader(root, self._guard, account=account, night=NOW, options=options)

    def _open(self, account: Account, components: tuple[str, ...]) -> HeldDirectory:
        try:
            root = open_root(self._path.root)
        except OSError as error:
            raise EngineUnavailable(f"{self._path.root} is not there") from error
        try:
            with descending(root, components) as mailbox:
                return HeldDirectory(os.dup(mailbox))
        except OSError as error:
            raise translate(error, MailboxNotFound(account=account.address)) from error
        finally:
            os.close(root)
