"""The maildir engine: nights and mailboxes on mounted snapshots."""

from collections.abc import Sequence

from snapshots.engines.beneath import HeldDirectory
from snapshots.engines.maildir.folders import is_dbox
from snapshots.engines.maildir.reader import MaildirReader, ReaderOptions
from snapshots.engines.nights import nights_of
from snapshots.engines.volumes import Volume, translate
from snapshots.errors import NotMaildir, SnapshotGone
from snapshots.types import Account, Night


class MaildirEngine:
    """Reads Maildirs below one or more volumes (the contract: `snapshots.engines.base.Engine`)."""

    def __init__(self, volumes: Sequence[Volume], options: ReaderOptions | None = None) -> None:
        self._volumes = list(volumes)
        self._options = options or ReaderOptions()

    def nights(self, account: Account | None) -> list[Night]:
        return nights_of(self._volumes, account)

    def open(self, account: Account, night: Night) -> MaildirReader:
        volume = self._volumes[night.volume]
        root = volume.guard.call(lambda: _maildir(volume, account, night))
        return MaildirReader(root, volume.guard, account=account, night=night, options=self._options)


def _maildir(volume: Volume, account: Account, night: Night) -> HeldDirectory:
    root = volume.open_mailbox(account, night)
    try:
        with root.opened() as directory:
            if is_dbox(directory):
                raise NotMaildir(account=account.address, day=night.day)
    except OSError as error:
        root.close()
        raise translate(error, SnapshotGone(account=account.address, day=night.day)) from error
    except NotMaildir:
        root.close()
        raise
    return root
