"""The names of all messages in a live mailbox, within a short time or not at all."""

import imaplib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient

from snapshots.headers import field
from snapshots.now import NamedBy, Now, NowFolder
from snapshots.types import Role, token

MOST_BYTES = 64 << 20
ROLES = {b"\\Sent": Role.SENT, b"\\Drafts": Role.DRAFTS, b"\\Trash": Role.TRASH, b"\\Junk": Role.JUNK}
UNSELECTABLE = {b"\\noselect", b"\\nonexistent"}
HEADER_ITEM = "(BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"

_GUID = re.compile(rb'X-GUID (?:"([^"]*)"|([^ ()"{]+))')


Spaces = Sequence[tuple[str, str]]
"""How the names of some folders begin, and what separates their levels."""


def is_below(name: str, spaces: Spaces) -> bool:
    return any(f"{name}{separator}".startswith(start) for start, separator in spaces)


def plain_name(name: str, delimiter: bytes | None, personal: Spaces) -> str:
    """Return a folder's name with `/` between its levels, without what the server puts before one's own."""
    if name.upper() == "INBOX":
        return "INBOX"
    prefix = next((start for start, _ in personal if start and name.startswith(start)), "")
    return "/".join(name[len(prefix) :].split(delimiter.decode("ascii", "replace")) if delimiter else [name])


def names_now(client: IMAPClient, foreign: Spaces, personal: Spaces) -> Now | None:
    """Return what every folder holds, but for `foreign` ones; None where a folder of the owner's cannot be read.

    `personal` are the beginnings of the owner's own names, which are not on disk. Only EXAMINE, never SELECT.
    Raises: OSError, imaplib's errors.
    """
    taken_at = datetime.now(UTC)
    for named_by in NamedBy:
        lister = Lister(client, named_by, personal)
        try:
            folders = {
                lister.name_of(name, delimiter): lister.folder(name, flags)
                for flags, delimiter, name in client.list_folders()
                if not is_below(name, foreign) and UNSELECTABLE.isdisjoint(flag.lower() for flag in flags)
            }
        except Unknown:
            continue
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error:
            return None
        return Now(taken_at, named_by, folders)
    return None


class Unknown(Exception):
    """The server does not know what was asked for."""


class Lister:
    """Lists folders by one kind of name."""

    def __init__(self, client: IMAPClient, named_by: NamedBy, personal: Spaces) -> None:
        self._client = client
        self._named_by = named_by
        self._personal = personal

    def name_of(self, name: str, delimiter: bytes | None) -> str:
        """Return a folder's name as the nights have it."""
        return plain_name(name, delimiter, self._personal)

    def folder(self, name: str, flags: Sequence[bytes]) -> NowFolder:
        """Return what a folder holds. Raises: Unknown."""
        count = int(self._client.select_folder(name, readonly=True).get(b"EXISTS", 0))
        role = next((ROLES[flag] for flag in flags if flag in ROLES), None)
        return NowFolder(self._names() if count else (), role)

    def _names(self) -> list[str]:
        is_guid = self._named_by is NamedBy.GUID
        try:
            data = self._client._imap.fetch("1:*", "(X-GUID)" if is_guid else HEADER_ITEM)[1]
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise Unknown from error
        found = _guids(data) if is_guid else _message_ids(data)
        if is_guid and not found:
            raise Unknown
        return [token(name) for name in found]


def _guids(data: Iterable[Any]) -> list[str]:
    found = []
    for item in data:
        if isinstance(item, tuple):
            found.append(item[1])
        elif isinstance(item, bytes):
            found += [quoted or bare for quoted, bare in _GUID.findall(item)]
    return [guid.decode("utf-8", "surrogateescape") for guid in found]


def _message_ids(data: Iterable[Any]) -> list[str]:
    """Return Message-IDs as the index has them; who has none cannot be told from others, and is left out."""
    blocks = [item[1] for item in data if isinstance(item, tuple)]
    return [message_id for block in blocks if (message_id := field(block, "message-id"))]
