"""What the pages of a message's headers and source show, every value finished."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from snapshots import charsets, route
from snapshots.decoding import raw
from snapshots.headers import fields
from snapshots.types import Folder
from webmail import wording
from webmail.message_context import MessageUrls
from webmail.notices import defects_in_words
from webmail.opened import Opened

SOURCE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class HopLine:
    """One step of a message's way; `words` stands for a header no pattern fits."""

    way: str
    moment: str
    iso: str
    words: str


def headers_context(opened: Opened | None, *, day: date, folder: Folder, message: str) -> dict[str, Any]:
    block = opened.header_block if opened else b""
    return _common(opened, day, folder, message) | {
        "hops": [_hop_line(hop) for hop in route.route(block)],
        "declarations": route.declarations(block),
        "fields": fields(block),
        "defects": defects_in_words(opened.message.defects) if opened else [],
    }


def _hop_line(hop: route.Hop) -> HopLine:
    ends = {"sender": hop.sender or "?", "receiver": hop.receiver or "?"}
    is_told = hop.sender or hop.receiver
    return HopLine(
        way=gettext("From %(sender)s to %(receiver)s") % ends if is_told else "",
        moment=wording.moment(hop.at) if hop.at else "",
        iso=hop.at.isoformat() if hop.at else "",
        words="" if is_told else hop.text,
    )


def source_context(opened: Opened | None, *, day: date, folder: Folder, message: str) -> dict[str, Any]:
    """Return the first SOURCE_BYTES of the stored bytes; without a message none can be shown."""
    context = _common(opened, day, folder, message)
    if opened is None:
        return context
    start = opened.within.body_start if opened.within else 0
    end = opened.within.body_end if opened.within else opened.message.size_bytes
    opened.source.seek(0)
    content = b"".join(raw(opened.source, start, min(end, start + SOURCE_BYTES)))
    is_cut = end - start > SOURCE_BYTES
    return context | {
        "source": charsets.shown(charsets.decode(content, None).replace("\r\n", "\n")),
        "cut_notice": gettext("This is the first megabyte. The download holds all of it.") if is_cut else "",
    }


def _common(opened: Opened | None, day: date, folder: Folder, message: str) -> dict[str, Any]:
    within = opened.within if opened else None
    urls = MessageUrls(day, folder, message, within.number if within else "")
    return {
        "subject": (opened.envelope.subject if opened else "") or gettext("(no subject)"),
        "message_url": urls.attached(within) if within else urls.page,
        "eml_url": urls.eml(within),
        "day_sentence": wording.full_day(day),
    }
