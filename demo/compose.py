"""RFC 5322 bytes from a few words, the same bytes every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses
from typing import TypedDict

POLICY = SMTP.clone(linesep="\n", cte_type="7bit")

Attachment = tuple[str, str, bytes]
"""File name (for an inline image its Content-ID), media type, content."""


class Said(TypedDict, total=False):
    """What may be said of a message beside its subject; what is not has a plain default."""

    sender: str
    to: str | None
    cc: str
    date: datetime
    text: str
    html: str | None
    attachments: Sequence[Attachment]
    inline: Sequence[Attachment]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says. `inline` images are shown by the HTML as `cid:` and their name."""

    subject: str
    sender: str
    to: str
    date: datetime
    message_id: str
    text: str = ""
    html: str | None = None
    cc: str = ""
    attachments: Sequence[Attachment] = ()
    inline: Sequence[Attachment] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def compose(words: Words) -> bytes:
    """Return the message as a mail server stores it, lines ending in LF."""
    message = EmailMessage(policy=POLICY)
    _head(message, words)
    _body(message, words)
    for name, media_type, content in words.attachments:
        _attach(message, name, media_type, content)
    _fix_boundaries(message, words.message_id)
    return message.as_bytes()


def _head(message: EmailMessage, words: Words) -> None:
    message["Date"] = format_datetime(words.date)
    message["From"] = _addresses(words.sender)
    message["To"] = _addresses(words.to)
    if words.cc:
        message["Cc"] = _addresses(words.cc)
    message["Subject"] = words.subject
    message["Message-ID"] = words.message_id
    for name, value in words.headers.items():
        message[name] = value


def _addresses(text: str) -> tuple[Address, ...]:
    return tuple(Address(display_name=name, addr_spec=address) for name, address in getaddresses([text]))


def _body(message: EmailMessage, words: Words) -> None:
    message.set_content(words.text + "\n")
    if words.html is None:
        return
    message.add_alternative(words.html + "\n", subtype="html")
    page = message.get_payload(1)
    assert isinstance(page, EmailMessage)  # noqa: S101
    for content_id, media_type, content in words.inline:
        kind, subtype = media_type.split("/")
        page.add_related(content, kind, subtype, cid=f"<{content_id}>", filename=content_id.split("@")[0])


def _attach(message: EmailMessage, name: str, media_type: str, content: bytes) -> None:
    kind, subtype = media_type.split("/")
    if kind == "message":
        message.add_attachment(_enclosed(content), filename=name)
    elif kind == "text":
        message.add_attachment(content.decode(), subtype=subtype, filename=name)
    else:
        message.add_attachment(content, kind, subtype, filename=name)


def _enclosed(source: bytes) -> EmailMessage:
    enclosed = message_from_bytes(source, policy=POLICY)
    assert isinstance(enclosed, EmailMessage)  # noqa: S101
    return enclosed


def _fix_boundaries(message: EmailMessage, message_id: str) -> None:
    """The library would draw them at random."""
    multiparts = [part for part in message.walk() if part.is_multipart() and part.get_content_maintype() == "multipart"]
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{number}_{message_id.strip('<>').split('@')[0]}")
