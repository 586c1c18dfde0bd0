"""imapclient over our bounded connection, and the one way to log in."""

import contextlib
import imaplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from imapclient import IMAPClient
from imapclient.imapclient import _literal as MessageBytes

from snapshots.imap.connection import Connection
from snapshots.imap.failures import SaidGoodbye, refusal, refuse_controls, translated
from snapshots.imap.place import ImapUrl, Timeouts

GOODBYE_SECONDS = 1.0
GOODBYE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who logs in. `on_behalf_of` is the SASL authorization identity: whom a master user acts for."""

    user: str
    password: str = field(repr=False)
    on_behalf_of: str = ""


def logged_in(
    url: ImapUrl,
    credentials: Credentials,
    *,
    said: Mapping[str, str] | None = None,
    timeouts: Timeouts | None = None,
    tls: ssl.SSLContext | None = None,
) -> "Client":
    """Connect, log in by SASL PLAIN and return the client, to be closed by the caller.

    `said` is what ID tells the server of who is really asking; `tls` stands in for the system's trust store.
    Raises: WrongPassword, ServerUnreachable, SaidGoodbye, TlsFailure; IllegalText before anything is sent.
    Source: RFC 4616 for PLAIN, RFC 2971 for ID.
    """
    who = (credentials.on_behalf_of, credentials.user, credentials.password)
    refuse_controls(*who, *(said or {}).values())
    with translated():
        client = Client(url, timeouts=timeouts or Timeouts(), tls=tls or ssl.create_default_context())
    try:
        with translated():
            client.introduce(said or {})
            client.authenticate("\0".join(who).encode())
    except BaseException:
        client.connection.shutdown()
        raise
    client.connection.bound(seconds=None, size_bytes=None)
    return client


def hang_up(client: "Client") -> None:
    """Say goodbye, for a moment at most, and close the connection."""
    client.connection.bound(seconds=GOODBYE_SECONDS, size_bytes=GOODBYE_BYTES)
    with contextlib.suppress(OSError, imaplib.IMAP4.error):
        client.logout()
    client.connection.shutdown()


@contextlib.contextmanager
def declined() -> Iterator[None]:
    """Let a NO or BAD to an optional question pass; a broken connection still raises."""
    try:
        yield
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        return


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

    def introduce(self, said: Mapping[str, str]) -> None:
        """Tell a server that listens who is really asking; one that declines is no worse off."""
        known = {name: value for name, value in said.items() if value}
        if known and "ID" in self.connection.capabilities:
            with declined():
                self.id_(known)

    def authenticate(self, response: bytes) -> None:
        try:
            kind, answer = self.connection.authenticate_plain(response)
        except (OSError, imaplib.IMAP4.abort):
            self.raise_goodbye()
            raise
        if kind != "OK":
            raise refusal(answer)

    def list_detailed(self) -> list[tuple[tuple[bytes, ...], bytes | None, str]]:
        """Return all folders, with what they are for and whether they are subscribed where the server tells."""
        told = [name for name in ("SUBSCRIBED", "SPECIAL-USE") if self.has_capability(name) or name == "SUBSCRIBED"]
        if not self.has_capability("LIST-EXTENDED"):
            folders: list[tuple[tuple[bytes, ...], bytes | None, str]] = self.list_folders()
            return folders
        connection: Any = self.connection
        kind, data = connection._simple_command("LIST", '""', '"*"', f"RETURN ({' '.join(told)})")
        if kind != "OK":
            raise imaplib.IMAP4.error("LIST was refused")
        folders = self._proc_folder_list(connection._untagged_response(kind, data, "LIST")[1])
        return folders

    def raise_goodbye(self) -> None:
        """Raise SaidGoodbye where the server said why it hung up."""
        said = [text for text in self.connection.untagged_responses.get("BYE", ()) if isinstance(text, bytes)]
        if said:
            raise SaidGoodbye(said[-1].decode("utf-8", "replace"))

    def _create_IMAP4(self) -> Connection:
        return Connection(*self._open)

    def _set_read_timeout(self) -> None:
        """The connection sets its own before every read."""

    def _raw_command(self, command: bytes, args: Any, uid: bool = True) -> Any:
        listed = args if isinstance(args, list | tuple) else [args]
        refuse_controls(*(arg for arg in listed if not isinstance(arg, MessageBytes)))
        return super()._raw_command(command, args, uid=uid)
