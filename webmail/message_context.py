"""What a message's page shows, every value finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from snapshots.body import text_parts
from snapshots.catalogue import Row
from snapshots.filenames import clean_filename
from snapshots.mime import Message, Part
from snapshots.types import Address, Envelope, Folder
from snapshots.walker import Defect
from webmail import wording
from webmail.located import FOLDER
from webmail.rows import names


@dataclass(frozen=True, slots=True)
class AttachmentLink:
    """One attachment as it is offered."""

    name: str
    kind: str
    size: str
    url: str
    is_risky: bool


ADDRESSES = ("body", "text", "headers", "source")
RISKY = frozenset(
    (
        "exe",
        "com",
        "bat",
        "cmd",
        "scr",
        "pif",
        "js",
        "jse",
        "vbs",
        "vbe",
        "wsf",
        "hta",
        "msi",
        "lnk",
        "jar",
        "ps1",
        "reg",
        "iso",
        "img",
    )
)


def message_context(
    message: Message | None, row: Row, offered: Sequence[Part], *, day: date, folder: Folder, as_text: bool = False
) -> Mapping[str, Any]:
    """Return the reading pane's values; without a message (its bytes are damaged) what the list knows."""
    envelope = message.envelope if message else row.envelope
    hint = f"?{FOLDER}={folder.id}"
    urls = {name: reverse(f"webmail:{name}", args=[day, row.id]) + hint for name in ADDRESSES}
    has_html = bool(message and text_parts(message).html)
    shows_text = as_text or not has_html
    return {
        "id": row.id,
        "subject": envelope.subject or gettext("(no subject)"),
        **_sender(envelope),
        "recipients": _recipients(envelope),
        "people": people(envelope),
        "iso": (envelope.date or row.internal_date).isoformat(),
        "date": wording.short_moment(envelope.date) if envelope.date else envelope.date_text,
        "date_written": date_sentence(envelope, row),
        "received": wording.moment(row.internal_date),
        "size": wording.size(row.size_bytes),
        "attachments": [_link(part, day, row.id, hint) for part in offered],
        "frame_url": urls["text"] if shows_text else urls["body"],
        "has_html": has_html,
        "shows_text": shows_text,
        "other_view_url": "?view=html" if shows_text else "?view=text",
        "headers_url": urls["headers"],
        "source_url": urls["source"],
        "notices": notices(message, row),
    }


def _sender(envelope: Envelope) -> dict[str, str]:
    sender = next(iter(envelope.from_ or envelope.sender), Address("", ""))
    name = str(sender) or gettext("(no sender)")
    return {
        "sender_name": name,
        "sender_address": sender.address if sender.name else "",
        "initials": wording.initials(name),
    }


def _recipients(envelope: Envelope) -> str:
    recipients = names(envelope.to or envelope.cc or envelope.bcc)
    return gettext("to %(names)s") % {"names": recipients} if recipients else gettext("(no recipient)")


def people(envelope: Envelope) -> list[tuple[str, str]]:
    """Return label and people for each field that names any."""
    fields = [
        (gettext("From"), envelope.from_ or envelope.sender),
        (gettext("To"), envelope.to),
        (gettext("Cc"), envelope.cc),
        (gettext("Bcc"), envelope.bcc),
        (gettext("Reply to"), envelope.reply_to if envelope.reply_to != envelope.from_ else ()),
    ]
    return [(label, ", ".join(full_name(address) for address in addresses)) for label, addresses in fields if addresses]


def full_name(address: Address) -> str:
    return f"{address.name} <{address.address}>" if address.name and address.address else str(address)


def date_sentence(envelope: Envelope, row: Row) -> str:
    """Return when the message says it was written; as it was written where that is not plain."""
    if envelope.date is not None:
        return wording.moment(envelope.date)
    return envelope.date_text or wording.moment(row.internal_date)


def notices(message: Message | None, row: Row) -> list[str]:
    """Return what is said of a message that could not be read as a whole."""
    if message is None or row.is_truncated:
        return [gettext("This message is damaged in the copy. You can download its source.")]
    if Defect.TOO_LARGE in message.defects:
        return [gettext("This message is too large to be shown here. You can download it.")]
    limits = {Defect.TOO_DEEP, Defect.TOO_MANY_PARTS, Defect.TOO_MANY_HEADERS, Defect.HEADER_BLOCK_TOO_LONG}
    if limits.intersection(message.defects):
        return [
            gettext("Only part of this message is shown: it is built in an unusual way. The download holds all of it.")
        ]
    return []


def _link(part: Part, day: date, message_id: str, hint: str) -> AttachmentLink:
    name = clean_filename(part.filename or _unnamed(part))
    extension = name.rpartition(".")[2].lower()
    return AttachmentLink(
        name=name,
        kind=extension.upper() if 0 < len(extension) <= 5 and extension != name.lower() else part.content_type,
        size=wording.size(part.size_bytes),
        url=reverse("webmail:part", args=[day, message_id, part.number, name]) + hint,
        is_risky=extension in RISKY,
    )


def _unnamed(part: Part) -> str:
    if part.content_type == "message/rfc822":
        return gettext("attached message") + ".eml"
    return gettext("attachment %(number)s") % {"number": part.number}
