"""The rows of a message list, every value finished before the template sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext

from snapshots.catalogue import Row
from snapshots.types import Address, Flag, Folder, Role
from webmail import wording
from webmail.fate_tags import FateTag, fate_tag

OUTGOING = (Role.SENT, Role.DRAFTS)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One message of a list as it is printed."""

    id: str
    url: str
    correspondent: str
    subject: str
    snippet: str
    date: str
    moment: str
    iso: str
    size: str
    is_unread: bool
    is_answered: bool
    is_flagged: bool
    has_attachments: bool
    is_alarm: bool
    tag: FateTag | None = None

    def __getitem__(self, name: str) -> object:
        """Let a template, which asks for an item before an attribute, find it at once: a list asks a thousand times."""
        return getattr(self, name)


def list_rows(rows: Sequence[Row], folder: Folder, day: date, query: str = "") -> list[ListRow]:
    """Return rows of one folder; in outgoing ones the correspondent is the recipient.

    `query` in their links keeps the list beside the message as it is.
    """
    url = reverse("webmail:folder", args=[day, folder.id])
    return [list_row(row, day, url, query=query, outgoing=folder.role in OUTGOING) for row in rows]


def list_row(row: Row, day: date, folder_url: str, *, query: str = "", outgoing: bool = False) -> ListRow:
    tag = fate_tag(row.fate)
    when = row.internal_date.astimezone(wording.zone())
    id_ = escape(row.id)
    return ListRow(
        id=id_,
        url=_escaped(folder_url) + id_ + _escaped(f"/{query}"),
        correspondent=_escaped(_correspondent(row, outgoing=outgoing)),
        subject=row.envelope.subject or (gettext("(damaged message)") if row.is_damaged else gettext("(no subject)")),
        snippet=row.snippet,
        date=_escaped(wording.list_date(when, day)),
        moment=wording.moment(when),
        iso=row.internal_date.isoformat(),
        size=_escaped(wording.size(row.size_bytes)),
        is_unread=Flag.SEEN not in row.flags,
        is_answered=Flag.ANSWERED in row.flags,
        is_flagged=Flag.FLAGGED in row.flags,
        has_attachments=row.has_attachments,
        is_alarm=tag is not None and tag.is_alarm,
        tag=tag,
    )


@lru_cache(maxsize=4096)
def _escaped(words: str) -> str:
    """Escape words that many rows share; a template would do it for each of them, at a tenth of the page's time."""
    return escape(words)


def _correspondent(row: Row, *, outgoing: bool) -> str:
    if outgoing:
        recipients = names(row.envelope.to or row.envelope.cc or row.envelope.bcc)
        return gettext("To: %(names)s") % {"names": recipients} if recipients else gettext("(no recipient)")
    return names(row.envelope.from_ or row.envelope.sender) or gettext("(no sender)")


def names(addresses: tuple[Address, ...], *, most: int = 3) -> str:
    """Return a few people's names, each by its name or else its address."""
    shown = ", ".join(str(address) for address in addresses[:most])
    return f"{shown}…" if len(addresses) > most else shown
