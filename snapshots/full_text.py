"""What a message is found by when its text is searched: the words of its body and of the messages attached to it,
and the names of its attachments."""

import io
import re
from collections.abc import Iterator

from snapshots.body import HTML, text_parts
from snapshots.html_text import words_of_html
from snapshots.mime import Message, Part, structure, text

# Soft hyphens and joiners stand within a word and are not part of it.
_UNSEEN = re.compile("[\xad\u200b-\u200d\u2060\ufeff]")


def full_text(source: bytes) -> str:
    """Return the words of a message, of which `source` may be the beginning only."""
    words = " ".join(_pieces(source, structure(io.BytesIO(source))))
    return words if words.isascii() else _UNSEEN.sub("", words)


def _pieces(source: bytes, message: Message) -> Iterator[str]:
    for within in (None, *(part for part in message.parts if part.encloses_message)):
        for part in text_parts(message, within).told:
            yield _words(source, part)
    yield from (part.filename for part in message.parts if part.is_attachment)


def _words(source: bytes, part: Part) -> str:
    words = text(io.BytesIO(source), part, limit_bytes=len(source))
    return words_of_html(words) if part.content_type == HTML else words
