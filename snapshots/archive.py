"""The front door: which days there are, and an account's mailbox on one of them.

Everything is asked anew on each request, since a night can expire or take another name between two clicks.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from snapshots.calendar import Calendar, Day, DayState, offered_days
from snapshots.catalogue import Catalogue, Located
from snapshots.closing import Closing
from snapshots.engines.base import Engine, MailboxReader
from snapshots.errors import MailboxLocked, MailboxNotFound, NotMaildir, SnapshotGone, SnapshotNotFound
from snapshots.history import History
from snapshots.listing import ListingCatalogue
from snapshots.live import now_of
from snapshots.now import NamedBy, Now
from snapshots.timeindex.builder import SLICE_SECONDS, build
from snapshots.timeindex.check import differences
from snapshots.timeindex.past import open_history
from snapshots.timeindex.purge import purge
from snapshots.timeindex.steady import IndexedCatalogue
from snapshots.timeindex.store import IndexFile
from snapshots.types import Account, Entry, Folder, Head, Night

SAMPLE_SIZE = 500
NOW_LASTS = timedelta(minutes=1)
"""How long a look at the live mailbox is good for, while its owner is there."""
Guids = frozenset[str] | None
"""INBOX GUIDs proved to be this person's mailbox; None where the live server tells none."""


class Mailbox(Closing):
    """One account's mail on one night, open for reading; to be closed, or used in a `with`."""

    def __init__(self, account: Account, night: Night, reader: MailboxReader, index: IndexFile | None = None) -> None:
        self.account = account
        self.night = night
        self.catalogue: Catalogue = ListingCatalogue(reader)
        self.before_source: Callable[[Located], None] = lambda located: None
        self._reader = reader
        self._indexed = IndexedCatalogue.open(index, night, reader, self.catalogue) if index else None
        if self._indexed:
            self.catalogue = self._indexed

    def folders(self) -> list[Folder]:
        """Return every folder, uncounted.

        Raises: SnapshotGone, EngineTimeout, EngineUnavailable.
        """
        return self._reader.folders()

    def open_source(self, located: Located) -> BinaryIO:
        """Open a message's stored bytes, unless `before_source` raises.

        Raises: MessageNotFound, SnapshotGone, EngineTimeout, EngineUnavailable.
        """
        self.before_source(located)
        return self._reader.open_source(located.folder, located.entry)

    def entries(self, folder: Folder) -> Sequence[Entry]:
        """Return all messages of a folder as its listing knows them, oldest first; opens none.

        Raises: FolderNotFound, SnapshotGone, EngineTimeout, EngineUnavailable.
        """
        return self._reader.entries(folder)

    def heads(self, folder: Folder, entries: Sequence[Entry]) -> list[Head]:
        """Return the beginnings of some messages (`MailboxReader.heads`); what cannot be read is left out."""
        return self._reader.heads(folder, entries)

    def close(self) -> None:
        if self._indexed:
            self._indexed.close()
        self._reader.close()


class Archive:
    """Opens mailboxes of the past."""

    def __init__(
        self,
        engine: Engine,
        calendar: Calendar,
        *,
        days: int,
        clock: Callable[[], datetime],
        indexes: Path | None = None,
        offers_text: bool = True,
        live: Callable[[Account], MailboxReader] | None = None,
    ) -> None:
        """`indexes` is the directory of time indexes; without one there are none.

        `offers_text`: readers may ask that their messages' text can be searched. `live` opens live mailboxes.
        """
        self._offers_text = offers_text
        self._indexes = indexes
        self._live = live
        self._engine = engine
        self._calendar = calendar
        self._days = days
        self._clock = clock

    def today(self) -> date:
        return self._calendar.today(self._clock())

    def days(self, account: Account | None = None) -> list[Day]:
        """Return today and the days before it that are offered, oldest first, each with its state.

        Without an account: what is known of the whole platform before a login.
        Raises: EngineTimeout, EngineUnavailable.
        """
        return offered_days(self._engine.nights(account), self.today(), self._days)

    def open_mailbox(self, account: Account, day: date, *, guids: Guids = None) -> Mailbox:
        """Open the mailbox as the snapshot of `day` holds it, read-only.

        `guids` are the INBOX GUIDs known to be this person's; a night that says another one stays closed,
        for a password proves who one is today only.
        Raises: SnapshotGone for a day before the oldest offered, SnapshotNotFound, MailboxNotFound,
        MailboxLocked, NotMaildir, EngineTimeout, EngineUnavailable.
        """
        night, reader = self.open_reader(account, day, guids=guids)
        return Mailbox(account, night, reader, self.index_file(account, guids=guids))

    def open_reader(self, account: Account, day: date, *, guids: Guids = None) -> tuple[Night, MailboxReader]:
        """Open what the engine says of the mailbox on `day`. Raises: what `open_mailbox` raises."""
        night, reader = self._open(account, day)
        try:
            guid = reader.inbox_guid() if guids is not None else None
            if guids is not None and guid is not None and guid not in guids:
                raise MailboxLocked(account=account.address, day=day)
        except BaseException:
            reader.close()
            raise
        return night, reader

    def open_history(self, account: Account, *, guids: Guids = None) -> History | None:
        """Open what is known across this reader's nights of the account; None while there is no index of them.

        Raises: EngineTimeout, EngineUnavailable.
        """
        file = self.index_file(account, guids=guids)
        if file is None:
            return None
        return open_history(
            file,
            self.days(account),
            offered_days=self._days,
            offers_text=self._offers_text,
            now_from=self._clock() - NOW_LASTS if self._live else None,
        )

    def ask_for_text(self, account: Account, *, guids: Guids = None) -> None:
        """Let the builder read the text of this reader's messages too, where that is offered. Raises: OSError."""
        file = self.index_file(account, guids=guids)
        if file is not None and self._offers_text:
            file.ask_for_text()

    def index_file(self, account: Account, *, guids: Guids = None) -> IndexFile | None:
        """Return where the time index of this reader's nights lies, or will; None where there are none."""
        return IndexFile.of(self._indexes, account, guids) if self._indexes else None

    def purge_indexes(self, *, kept_seconds: float) -> int:
        """Let unused indexes and expired nights go (`snapshots.timeindex.purge.purge`)."""
        if self._indexes is None:
            return 0
        return purge(self._indexes, oldest_day=self.today() - timedelta(days=self._days), kept_seconds=kept_seconds)

    def forget_wakes(self) -> None:
        """Let the next page wake the builder, whenever the last one did."""
        for path in self._indexes.glob("*.wake") if self._indexes else ():
            path.unlink(missing_ok=True)

    @property
    def reads_live(self) -> bool:
        """Whether live mailboxes can be listed at any time, so that no login needs to."""
        return self._live is not None

    def note_now(self, account: Account, now: Now | None, *, guids: Guids = None) -> None:
        """Keep what a login saw of the live mailbox, in place of what one before saw. Raises: OSError."""
        file = self.index_file(account, guids=guids)
        if file is not None:
            file.note_now(now.as_bytes() if now else None)

    def now(self, account: Account, *, guids: Guids = None) -> Now | None:
        """Return what the live mailbox holds now, or held when its owner logged in; None where nobody knows.

        Raises: NotFound, SnapshotGone, EngineTimeout, EngineUnavailable.
        """
        if self._live is not None:
            with self._live(account) as reader:
                return now_of(reader, self._clock)
        file = self.index_file(account, guids=guids)
        now = file.noted_now() if file else None
        if now and now.named_by is NamedBy.GUID and not self._tells_guids(account, guids):
            return None
        return now

    def _tells_guids(self, account: Account, guids: Guids) -> bool:
        """Whether the newest night names messages as the live server does: some it can only tell by Dovecot's list."""
        newest = [day.day for day in self.days(account) if day.state is DayState.AVAILABLE][-1:]
        if not newest:
            return False
        with self.open_reader(account, newest[0], guids=guids)[1] as reader:
            return reader.inbox_guid() is not None

    def build_index(self, account: Account, *, guids: Guids = None, budget_seconds: float = SLICE_SECONDS) -> bool:
        """Build on at the time index of this reader's nights (`snapshots.timeindex.builder.build`)."""
        if self._indexes is None:
            return True
        return build(account, guids, self, self._indexes, offers_text=self._offers_text, budget_seconds=budget_seconds)

    def has_index(self, account: Account, *, guids: Guids = None) -> bool:
        """Say whether a time index of this reader's nights was begun."""
        return self._indexes is not None and IndexFile.of(self._indexes, account, guids).path.exists()

    def condemn_index(self, account: Account, *, guids: Guids = None) -> None:
        """Let nobody read the index any more; its builder makes it anew."""
        if self._indexes is not None:
            IndexFile.of(self._indexes, account, guids).mark_damaged()

    def check_index(self, account: Account, *, guids: Guids = None) -> Iterator[str]:
        """Yield what the index says otherwise than the snapshots do. Raises: EngineTimeout, EngineUnavailable."""
        database = IndexFile.of(self._indexes, account, guids).open_to_read() if self._indexes else None
        if database is None:
            yield "the index cannot be read"
            return
        with closing(database):
            yield from differences(database, account, guids, self)

    def _open(self, account: Account, day: date) -> tuple[Night, MailboxReader]:
        """Open a night; one that took another name a moment ago is found under that, once."""
        night = self._night(account, day)
        try:
            return night, self._engine.open(account, night)
        except SnapshotGone as gone:
            try:
                renamed = self._night(account, day)
            except SnapshotNotFound:
                raise gone from None
            if renamed == night:
                raise
            return renamed, self._engine.open(account, renamed)

    def inbox_guids(self, account: Account) -> dict[date, str | None]:
        """Return, for every offered night that holds it as a Maildir, its INBOX's GUID (None where it has none)."""
        guids: dict[date, str | None] = {}
        for day in self.days(account):
            if day.state is not DayState.AVAILABLE or len(day.nights) > 1:
                continue
            try:
                with self._engine.open(account, day.nights[0]) as reader:
                    guids[day.day] = reader.inbox_guid()
            except (MailboxNotFound, NotMaildir, SnapshotGone):
                continue
        return guids

    def sample_guids(self, account: Account, day: date) -> list[str]:
        """Return guids of that night's messages, at most SAMPLE_SIZE: of each folder its newest and its oldest."""
        with self._engine.open(account, self._night(account, day)) as reader:
            folders = reader.folders()
            share = max(2, SAMPLE_SIZE // len(folders))
            return [guid for folder in folders for guid in _ends(reader, folder, share)][:SAMPLE_SIZE]

    def _night(self, account: Account, day: date) -> Night:
        address = account.address
        days = {each.day: each for each in self.days(account)}
        if day not in days and day < self.today():
            raise SnapshotGone(account=address, day=day)
        nights = days[day].nights if day in days else ()
        if not nights:
            raise SnapshotNotFound(account=address, day=day)
        if len(nights) > 1:
            raise MailboxLocked("Two volumes hold this mailbox on that night", account=address, day=day)
        return nights[0]


def _ends(reader: MailboxReader, folder: Folder, share: int) -> list[str]:
    if folder.state != "listed":
        return []
    entries = reader.entries(folder)
    half = share // 2
    return [entry.guid for entry in [*entries[-half:], *entries[: min(half, max(0, len(entries) - half))]]]
