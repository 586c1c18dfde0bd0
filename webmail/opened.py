"""A message, or one that is attached to it, taken apart as far as its pages need."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from mimetypes import guess_extension
from typing import BinaryIO

from django.utils.translation import gettext

from snapshots import headers
from snapshots.body import HTML, Body, text_parts
from snapshots.decoding import raw
from snapshots.errors import PartNotFound
from snapshots.filenames import clean_filename
from snapshots.mime import TEXT_BYTES, Message, Part, attachments, decoded, find_part, parse, text
from snapshots.part_headers import ENCLOSED
from snapshots.types import Envelope
from webmail import html_limits
from webmail.inline_images import left_out, raster_type

MAGIC_BYTES = 16
PICTURES = 50
PICTURE_BYTES = 10 << 20

_REMOTE_PICTURE = re.compile(r"<img\s[^<>]*?\bsrc\s*=\s*[\"']?\s*https?:", re.IGNORECASE)


@dataclass(frozen=True)
class Opened:
    """What was read of a message; with `within` it is the message attached there that is shown."""

    source: BinaryIO
    message: Message
    within: Part | None = None

    @cached_property
    def header_block(self) -> bytes:
        """The header block of the message shown."""
        if self.within is None:
            return self.message.header_block
        end = min(self.within.body_end, self.within.body_start + headers.HEADER_BLOCK_BYTES)
        self.source.seek(0)
        return headers.header_block(b"".join(raw(self.source, self.within.body_start, end)))

    @cached_property
    def envelope(self) -> Envelope:
        return headers.envelope(self.header_block) if self.within else self.message.envelope

    @cached_property
    def body(self) -> Body:
        return text_parts(self.message, self.within)

    @cached_property
    def offered(self) -> tuple[Part, ...]:
        """The parts to download: the attachments, and the inline pictures that the HTML does not show."""
        inline = left_out(self.source, self.message, self.within)
        return attachments(self.message, self.within) + inline

    @cached_property
    def pictures(self) -> frozenset[str]:
        """The numbers of the offered parts that are pictures by their first bytes, and small enough to be drawn."""
        claimed = (part for part in self.offered if part.content_type.startswith("image/"))
        return frozenset(part.number for part in islice(claimed, PICTURES) if self.picture_type(part))

    def picture_type(self, part: Part) -> str | None:
        """Return a part's type where it is a picture that may be drawn."""
        if part.size_bytes > PICTURE_BYTES:
            return None
        return raster_type(next(self.content(part), b"")[:MAGIC_BYTES])

    @cached_property
    def remote_images(self) -> int:
        """How many pictures the HTML would load from elsewhere; 0 where it is too much to be shown as HTML."""
        texts = [self.text(part) for part in self.body.html if part.content_type == HTML]
        count = sum(len(_REMOTE_PICTURE.findall(html)) for html in texts)
        try:
            for html in texts if count else ():
                html_limits.check(html)
        except html_limits.TooComplex:
            return 0
        return count

    def text(self, part: Part, *, limit_bytes: int = TEXT_BYTES) -> str:
        """Return the beginning of a part's content as text."""
        self.source.seek(0)
        return text(self.source, part, limit_bytes=limit_bytes)

    def content(self, part: Part) -> Iterator[bytes]:
        """Return a part's content in chunks, its transfer encoding undone; of one part at a time."""
        self.source.seek(0)
        return decoded(self.source, part)


def opened(source: BinaryIO, number: str = "") -> Opened:
    """Take a message apart; with `number`, the message attached to it as that part is the one to show.

    Raises: PartNotFound; what reading `source` raises.
    """
    message = parse(source)
    within = find_part(message, number) if number else None
    if within is not None and not within.encloses_message:
        raise PartNotFound
    return Opened(source, message, within)


def part_name(part: Part) -> str:
    """Return the name a part is saved under."""
    return clean_filename(part.filename or _unnamed(part))


def _unnamed(part: Part) -> str:
    if part.content_type in ENCLOSED:
        return gettext("attached message") + ".eml"
    number = part.number.replace(".", "-")
    return gettext("attachment %(number)s") % {"number": number} + (guess_extension(part.content_type) or "")
