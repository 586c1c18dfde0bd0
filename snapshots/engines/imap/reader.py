"""One account's mailbox on one night, read over one connection."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import BinaryIO, TypeVar, cast

from snapshots.closing import Closing
from snapshots.engines.base import HEAD_BYTES, HEADER_BLOCK_BYTES
from snapshots.engines.imap.idle import IdleSessions
from snapshots.engines.imap.listing import ImapEntry, ImapListing, ListingCache, entry_of
from snapshots.engines.imap.source import source_file
from snapshots.errors import EngineUnavailable, FolderNotFound, MessageNotFound
from snapshots.imap import Beginning, Examined, OutOfTime, ReadingSession, ServerUnreachable, moment
from snapshots.roles import assign_roles
from snapshots.types import Account, Entry, Folder, Head, Night, Role

T = TypeVar("T")
SPECIAL_USES = {b"\\Sent": Role.SENT, b"\\Drafts": Role.DRAFTS, b"\\Trash": Role.TRASH, b"\\Junk": Role.JUNK}


class ImapReader(Closing):
    """Reads by one session (the contract: `snapshots.engines.base.MailboxReader`).

    A connection that breaks is opened again, once a call, but not one whose server is slow: a new login says whether
    the night is still there, and the folder's UIDVALIDITY whether it is what it was.
    """

    def __init__(
        self,
        connect: Callable[[], ReadingSession],
        idle: IdleSessions,
        *,
        account: Account,
        night: Night,
        roles: Mapping[str, Role],
        listings: ListingCache,
    ) -> None:
        self._connect = connect
        self._idle = idle
        self._account = account
        self._night = night
        self._roles = roles
        self._listings = listings
        self._examined: dict[str, Examined] = {}
        self._open_sources = 0
        self._is_closed = False
        self._is_let_go = False
        waiting = idle.take(account, night.day)
        self._has_waited = waiting is not None
        self._session = waiting or connect()

    def inbox_guid(self) -> str | None:
        return self._ask(lambda session: session.inbox_guid())

    def folders(self) -> list[Folder]:
        self._renew()
        listed = self._ask(lambda session: session.folders())
        tells_subscribed = any(b"\\Subscribed" in each.flags for each in listed)
        folders = [
            Folder(
                name=each.name,
                subscribed=not tells_subscribed or b"\\Subscribed" in each.flags,
                handle=each.handle,
            )
            for each in sorted(listed, key=lambda each: (each.name != "INBOX", each.name.casefold()))
        ]
        told: dict[str, Role] = {}
        for flag, role in SPECIAL_USES.items():
            names = [each.name for each in listed if flag in each.flags]
            # Where a server gives one role to several folders, their names decide.
            told |= {names[0]: role} if len(names) == 1 else {}
        return assign_roles(folders, {**told, **self._roles})

    def count(self, folder: Folder) -> int:
        count = self._ask(lambda session: session.count(folder.handle))
        if count is None:
            raise self._missing(folder)
        return count

    def entries(self, folder: Folder) -> ImapListing:
        def look(session: ReadingSession) -> ImapListing:
            examined = self._open(session, folder)
            key = (self._account.address, self._night, folder.handle, examined)
            return self._listings.get(key, lambda: ImapListing(session.names()))

        return self._ask(look)

    def find(self, folder: Folder, message_id: str) -> ImapEntry | None:
        return self.entries(folder).find_all((message_id,)).get(message_id)

    def find_all(self, folder: Folder, message_ids: Collection[str]) -> dict[str, ImapEntry]:
        return self.entries(folder).find_all(message_ids)

    def records(self, folder: Folder) -> list[str]:
        return self.entries(folder).records()

    def entry(self, folder: Folder, record: str) -> ImapEntry:
        return entry_of(record)

    def heads(self, folder: Folder, entries: Sequence[Entry], *, read_bytes: int = HEAD_BYTES) -> list[Head]:
        wanted = [cast("ImapEntry", entry) for entry in entries]

        def read(session: ReadingSession) -> list[Head]:
            self._open(session, folder)
            found = session.beginnings([entry.uid for entry in wanted], read_bytes)
            cut = [each.uid for each in found.values() if _is_cut(each, read_bytes)]
            found |= session.beginnings(cut, HEADER_BLOCK_BYTES)
            return [_head(entry, found[entry.uid]) for entry in wanted if _is_it(entry, found.get(entry.uid))]

        return self._ask(read) if wanted else []

    def open_source(self, folder: Folder, entry: Entry) -> BinaryIO:
        wanted = cast("ImapEntry", entry)

        def look(session: ReadingSession) -> Beginning | None:
            self._open(session, folder)
            return session.beginnings([wanted.uid], 1).get(wanted.uid)

        found = self._ask(look)
        if found is None or not _is_it(wanted, found):
            raise MessageNotFound(
                account=self._account.address, day=self._night.day, folder=folder.name, guid=wanted.guid
            )

        def piece(offset: int, size_bytes: int) -> bytes:
            def read(session: ReadingSession) -> bytes:
                self._open(session, folder)
                return session.piece(wanted.uid, offset, size_bytes) or b""

            return self._ask(read)

        self._open_sources += 1
        return source_file(piece, found.size_bytes, self._source_closed)

    def close(self) -> None:
        """Let the session go, as soon as no source is read through it any more."""
        self._is_closed = True
        if not self._open_sources and not self._is_let_go:
            self._is_let_go = True
            self._idle.keep(self._account, self._night.day, self._session)

    def _source_closed(self) -> None:
        self._open_sources -= 1
        if self._is_closed:
            self.close()

    def _ask(self, question: Callable[[ReadingSession], T]) -> T:
        """Ask the session; where its connection broke, ask a new one, once."""
        if self._is_let_go:
            raise ValueError("the reader is closed")
        try:
            return question(self._session)
        except OutOfTime:
            raise
        except ServerUnreachable:
            self._session, self._has_waited = self._connect(), False
            return question(self._session)

    def _renew(self) -> None:
        """Log in, unless that was done just now: a session that waited does not know that its night is gone."""
        if self._has_waited:
            self._session.close()
            self._session, self._has_waited = self._connect(), False

    def _open(self, session: ReadingSession, folder: Folder) -> Examined:
        examined = session.examine(folder.handle)
        if examined is None:
            raise self._missing(folder)
        if self._examined.setdefault(folder.handle, examined).uid_validity != examined.uid_validity:
            raise EngineUnavailable("The folder is not what it was a moment ago")
        return examined

    def _missing(self, folder: Folder) -> Exception:
        """Return what it means that a folder cannot be opened: there is none, or it may not be read.

        Raises: SnapshotGone where the night is gone.
        """
        self._renew()
        is_listed = any(each.handle == folder.handle for each in self._ask(lambda session: session.folders()))
        kind = EngineUnavailable if is_listed else FolderNotFound
        return kind(account=self._account.address, day=self._night.day, folder=folder.name)


def _is_it(entry: ImapEntry, found: Beginning | None) -> bool:
    """Whether a UID still stands for the message it was listed with, as far as the server says."""
    return found is not None and found.size_bytes == entry.size_bytes and found.guid in (None, entry.guid)


def _is_cut(found: Beginning, read_bytes: int) -> bool:
    """Whether the header block goes on after what was read."""
    is_whole = b"\n\n" in found.data or b"\n\r\n" in found.data
    return len(found.data) == read_bytes and read_bytes < HEADER_BLOCK_BYTES and not is_whole


def _head(entry: ImapEntry, found: Beginning) -> Head:
    return Head(entry, moment(found.date), found.size_bytes, found.data)
