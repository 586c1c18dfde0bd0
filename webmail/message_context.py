"""What a message's page shows, every value finished."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from snapshots.catalogue import Row
from snapshots.mime import Part
from snapshots.types import Address, Envelope, Folder
from webmail import wording
from webmail.image_release import PARAMETER
from webmail.located import FOLDER, PART
from webmail.notices import notices
from webmail.opened import Opened, part_name
from webmail.rows import names

DOCUMENTS = ("body", "text", "print", "headers", "source")
RISKY_NAMES = "exe com bat cmd scr pif js jse vbs vbe wsf hta msi lnk jar ps1 reg iso img"
RISKY = frozenset(RISKY_NAMES.split())


@dataclass(frozen=True, slots=True)
class MessageUrls:
    """Where the documents and parts of one message lie, or of the message attached to it as part `number`."""

    day: date
    folder: Folder
    id: str
    number: str = ""

    @property
    def page(self) -> str:
        return reverse("webmail:message", args=[self.day, self.folder.id, self.id])

    @property
    def show_images(self) -> str:
        return reverse("webmail:show_images", args=[self.day, self.folder.id, self.id]) + self._query(
            {PART: self.number}
        )

    def document(self, name: str, *, images: str = "") -> str:
        query = self._query({FOLDER: self.folder.id, PART: self.number, PARAMETER: images})
        return reverse(f"webmail:{name}", args=[self.day, self.id]) + query

    def part(self, part: Part) -> str:
        return self._named("part", part.number, part_name(part))

    def thumbnail(self, part: Part) -> str:
        return self._named("thumbnail", part.number)

    def eml(self, within: Part | None = None) -> str:
        """Return where the message's own bytes are downloaded, or those of the one attached to it."""
        return self.part(within) if within else self._named("eml")

    def attached(self, part: Part) -> str:
        return f"{self.page}?{urlencode({PART: part.number})}"

    def other_view(self, *, shows_text: bool) -> str:
        return self._query({"view": "html" if shows_text else "text", PART: self.number})

    def _named(self, name: str, *args: str) -> str:
        return reverse(f"webmail:{name}", args=[self.day, self.id, *args]) + f"?{FOLDER}={self.folder.id}"

    def _query(self, values: Mapping[str, str]) -> str:
        query = urlencode({name: value for name, value in values.items() if value})
        return f"?{query}" if query else ""


@dataclass(frozen=True, slots=True)
class AttachmentLink:
    """One attachment as it is offered."""

    name: str
    kind: str
    size: str
    url: str
    thumbnail_url: str
    open_url: str
    is_risky: bool


def message_context(
    opened: Opened | None, row: Row, *, day: date, folder: Folder, as_text: bool = False, images: str = ""
) -> Mapping[str, Any]:
    """Return the reading pane's values; without a message (its bytes are damaged) what the list knows.

    `images` is the token with which remote pictures are shown.
    """
    envelope = opened.envelope if opened else row.envelope
    urls = MessageUrls(day, folder, row.id, opened.within.number if opened and opened.within else "")
    has_html = bool(opened and opened.body.html)
    shows_text = as_text or not has_html
    return {
        "id": row.id,
        "subject": envelope.subject or gettext("(no subject)"),
        **_sender(envelope),
        "recipients": _recipients(envelope),
        "people": people(envelope),
        "message_id": envelope.message_id,
        "iso": (envelope.date or row.internal_date).isoformat(),
        "date": wording.short_moment(envelope.date) if envelope.date else envelope.date_text,
        "date_written": date_sentence(envelope, row),
        "received": wording.moment(row.internal_date),
        "size": wording.size(row.size_bytes),
        "has_html": has_html,
        "shows_text": shows_text,
        "frame_url": urls.document("text") if shows_text else urls.document("body", images=images),
        "page_url": urls.page,
        "notices": notices(opened, row),
        **{f"{name}_url": urls.document(name) for name in DOCUMENTS},
        "eml_url": urls.eml(opened.within if opened else None),
        "other_view_url": urls.other_view(shows_text=shows_text),
        **(_attachments(opened, urls) if opened else {}),
        **(_images(opened, urls, released=bool(images)) if opened and not shows_text else {}),
        "outer_subject": _outer_subject(opened) if opened and opened.within else "",
    }


def _outer_subject(opened: Opened) -> str:
    return opened.message.envelope.subject or gettext("(no subject)")


def _images(opened: Opened, urls: MessageUrls, *, released: bool) -> dict[str, str]:
    count = opened.remote_images
    if not count:
        return {}
    if released:
        return {"images_sentence": gettext("Pictures shown for this message."), "hide_images_url": urls.page}
    sentence = ngettext(
        "%(count)d remote picture blocked for your privacy.",
        "%(count)d remote pictures blocked for your privacy.",
        count,
    )
    return {"images_sentence": sentence % {"count": count}, "show_images_url": urls.show_images}


def _attachments(opened: Opened, urls: MessageUrls) -> dict[str, Any]:
    offered = opened.offered
    links = [_link(part, opened, urls) for part in offered]
    if len(links) < 2:
        return {"attachments": links}
    total = wording.size(sum(part.size_bytes for part in offered))
    return {"attachments": links, "all_url": urls.document("attachments"), "all_kind": f"ZIP, {total}"}


def _link(part: Part, opened: Opened, urls: MessageUrls) -> AttachmentLink:
    name = part_name(part)
    extension = name.rpartition(".")[2].lower()
    return AttachmentLink(
        name=name,
        kind=extension.upper() if 0 < len(extension) <= 5 and extension != name.lower() else part.content_type,
        size=wording.size(part.size_bytes),
        url=urls.part(part),
        thumbnail_url=urls.thumbnail(part) if part.number in opened.pictures else "",
        open_url=urls.attached(part) if part.encloses_message else "",
        is_risky=extension in RISKY,
    )


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
