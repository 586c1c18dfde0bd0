"""Log in to the live server, and ask it whose mailbox this is."""

import contextlib
import imaplib
import re
import ssl
from collections.abc import Iterable, Iterator
from typing import Any

from imapclient import IMAPClient
from imapclient.imapclient import _literal as MessageBytes

from snapshots.closing import Closing
from snapshots.imap.connection import Connection
from snapshots.imap.failures import ServerUnreachable, refusal, refuse_controls, translated
from snapshots.imap.names import MOST_BYTES, Spaces, is_below, names_now
from snapshots.imap.place import ImapUrl, Timeouts
from snapshots.now import Now

GUIDS_AT_ONCE = 2000
GOODBYE_SECONDS = 1.0
GOODBYE_BYTES = 64 * 1024
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

    `client_address` and `session_id` tell the server who is really asking; `on_behalf_of` is the SASL
    authorization identity (whom a master user acts for). `tls` stands in for the system's trust store.
    Raises: WrongPassword, ServerUnreachable, TlsFailure; IllegalText before anything is sent.
    Source: RFC 4616 for PLAIN, RFC 2971 for ID.
    """
    refuse_controls(user, password, client_address, session_id, on_behalf_of)
    with translated():
        client = Client(url, timeouts=timeouts or Timeouts(), tls=tls or ssl.create_default_context())
    try:
        with translated():
            client.introduce(client_address, session_id)
            client.authenticate(f"{on_behalf_of}\0{user}\0{password}".encode())
    except BaseException:
        client.connection.shutdown()
        raise
    client.connection.bound(seconds=None, size_bytes=None)
    return LiveMailbox(client)


class Client(IMAPClient):  # type: ignore[misc]
    """imapclient over our bounded connection; every argument of every command refuses NUL, CR and LF."""

    def __init__(self, url: ImapUrl, *, timeouts: Timeouts, tls: ssl.SSLContext) -> None:
        self._open = (url, timeouts, tls)
        super().__init__(url.host, url.port, ssl=url.scheme == "imaps")
        self.normalise_times = False
        self.connection.debug = 0  # imapclient turns imaplib's log of every line on

    @property
    def connection(self) -> Connection:
        connection: Connection = self._imap
        return connection

    def introduce(self, client_address: str, session_id: str) -> None:
        """Tell a server that listens who is really asking; one that declines is no worse off."""
        said = {"x-originating-ip": client_address, "x-session-ext-id": session_id}
        known = {name: value for name, value in said.items() if value}
        if known and "ID" in self.connection.capabilities:
            with declined():
                self.id_(known)

    def authenticate(self, response: bytes) -> None:
        kind, answer = self.connection.authenticate_plain(response)
        if kind != "OK":
            raise refusal(answer)

    def _create_IMAP4(self) -> Connection:
        return Connection(*self._open)

    def _set_read_timeout(self) -> None:
        """The connection sets its own before every read."""

    def _raw_command(self, command: bytes, args: Any, uid: bool = True) -> Any:
        listed = args if isinstance(args, list | tuple) else [args]
        refuse_controls(*(arg for arg in listed if not isinstance(arg, MessageBytes)))
        return super()._raw_command(command, args, uid=uid)


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
        self.client.connection.bound(seconds=GOODBYE_SECONDS, size_bytes=GOODBYE_BYTES)
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self.client.logout()
        self.client.connection.shutdown()


@contextlib.contextmanager
def declined() -> Iterator[None]:
    """Let a NO or BAD to an optional question pass; a broken connection still raises."""
    try:
        yield
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return


def _guids(data: Iterable[Any]) -> set[bytes]:
    found = {item[1] for item in data if isinstance(item, tuple)}
    for item in data:
        if isinstance(item, bytes):
            found.update(quoted or bare for quoted, bare in _GUID.findall(item))
    return found
