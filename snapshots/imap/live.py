"""Log in to the live server, and ask it whose mailbox this is."""

import re
import ssl
from collections.abc import Iterable, Iterator
from typing import Any

from snapshots.closing import Closing
from snapshots.imap.client import Client, Credentials, declined, hang_up, logged_in
from snapshots.imap.failures import ServerUnreachable, translated
from snapshots.imap.names import MOST_BYTES, Spaces, is_below, names_now
from snapshots.imap.place import ImapUrl, Timeouts
from snapshots.now import Now

GUIDS_AT_ONCE = 2000
_GUID = re.compile(rb'X-GUID (?:"([^"]*)"|([^ ()"{]+))')


def check_login(
    url: ImapUrl,
    *,
    user: str,
    password: str,
    client_address: str = "",
    session_id: str = "",
    on_behalf_of: str = "",
    timeouts: Timeouts | None = None,
    tls: ssl.SSLContext | None = None,
) -> "LiveMailbox":
    """Log in and return the open mailbox, to be closed by the caller.

    `client_address` and `session_id` tell the server who is really asking; the rest is `logged_in`'s.
    Raises: WrongPassword, ServerUnreachable, TlsFailure; IllegalText before anything is sent.
    """
    said = {"x-originating-ip": client_address, "x-session-ext-id": session_id}
    credentials = Credentials(user, password, on_behalf_of)
    return LiveMailbox(logged_in(url, credentials, said=said, timeouts=timeouts, tls=tls))


class LiveMailbox(Closing):
    """An authenticated connection to one mailbox; `client` is for what this class does not ask."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def inbox_guid(self) -> str | None:
        """Return the INBOX's own GUID (Dovecot tells it); None where the server knows no such thing.

        Empty where it knows and refuses: owners can take their own right to see the INBOX away.
        Raises: ServerUnreachable.
        """
        found: set[bytes] = set()
        with translated(), declined():
            kind, data = self.client.connection.status("INBOX", "(X-GUID)")
            found = _guids(data) if kind == "OK" else {b""}
        return found.pop().decode("ascii", "replace").lower() if found else None

    def shares_guids(self, candidates: Iterable[str], *, timeout_seconds: float = 2.0) -> bool:
        """Say whether a message of these guids lies in the mailbox; False when time runs out undecided.

        One that lies in a public or another's folder as well does not count: a copy keeps its guid, and
        everybody may have one. Only EXAMINE, never SELECT. Raises: ServerUnreachable.
        """
        wanted = {guid.encode("utf-8", "surrogateescape") for guid in candidates}
        self.client.connection.bound(seconds=timeout_seconds, size_bytes=None)
        try:
            with translated():
                return bool(wanted) and self._shares(wanted)
        except ServerUnreachable:
            if self.client.connection.is_out_of_time:
                return False
            raise
        finally:
            self.client.connection.bound(seconds=None, size_bytes=None)

    def names(self, *, timeout_seconds: float) -> Now | None:
        """Return the names of all messages in the owner's own folders.

        None where a folder cannot be read, or time runs out: then the connection is at its end too.
        Raises: ServerUnreachable.
        """
        self.client.connection.bound(seconds=timeout_seconds, size_bytes=MOST_BYTES)
        try:
            with translated():
                personal, foreign = self.namespaces()
                return names_now(self.client, foreign, personal)
        except ServerUnreachable:
            is_late = self.client.connection.is_out_of_time
            self.client.connection.shutdown()
            if is_late:
                return None
            raise
        finally:
            self.client.connection.bound(seconds=None, size_bytes=None)

    def _shares(self, wanted: set[bytes]) -> bool:
        foreign: set[bytes] | None = None
        own_names, foreign_names = self._folder_names()
        for found in self._guids_of(own_names):
            shared = wanted & found
            if shared and foreign is None:
                foreign = {guid for others in self._guids_of(foreign_names) for guid in wanted & others}
            if shared - (foreign or set()):
                return True
        return False

    def _folder_names(self) -> tuple[list[str], list[str]]:
        """Return the names of the owner's own folders, INBOX first, and of those that others see too."""
        listed = self.client.list_folders()
        names = [name for flags, _, name in listed if b"\\Noselect" not in flags and name.upper() != "INBOX"]
        _, spaces = self.namespaces()
        foreign = {name for name in names if is_below(name, spaces)}
        return ["INBOX", *(name for name in names if name not in foreign)], sorted(foreign)

    def namespaces(self) -> tuple[Spaces, Spaces]:
        """Return how the names of one's own folders begin, and those of others' and of public ones."""
        own, *others = self.client.namespace() if self.client.has_capability("NAMESPACE") else ((),)
        return list(own or ()), [space for spaces in others for space in spaces or () if space[0]]

    def _guids_of(self, names: Iterable[str]) -> Iterator[set[bytes]]:
        for name in names:
            with declined():
                yield from self._folder_guids(name)

    def _folder_guids(self, name: str) -> Iterator[set[bytes]]:
        count = int(self.client.select_folder(name, readonly=True).get(b"EXISTS", 0))
        for last in range(count, 0, -GUIDS_AT_ONCE):
            first = max(1, last - GUIDS_AT_ONCE + 1)
            yield _guids(self.client.connection.fetch(f"{first}:{last}", "(X-GUID)")[1])

    def close(self) -> None:
        hang_up(self.client)


def _guids(data: Iterable[Any]) -> set[bytes]:
    found = {item[1] for item in data if isinstance(item, tuple)}
    for item in data:
        if isinstance(item, bytes):
            found.update(quoted or bare for quoted, bare in _GUID.findall(item))
    return found
