"""The first words of a message, from no more than came with its header."""

import io
import re
from html import unescape

from snapshots.body import HTML, text_parts
from snapshots.mime import Message, Part, text

SNIPPET_LENGTH = 120
TEXT_BYTES = 1024
HTML_BYTES = 8 * 1024

_UNSEEN = re.compile(
    r"<(style|script|title|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)", re.DOTALL | re.IGNORECASE
)
_SIGNATURE = re.compile(r"^-- ?$.*", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"^>.*$", re.MULTILINE)


def snippet(message: Message, head: bytes) -> str:
    """Return a message's first words, at most SNIPPET_LENGTH characters; empty where `head` holds none of them.

    `message` is what `head`, its beginning, was taken apart to.
    """
    body = text_parts(message)
    for part in body.text[:1] or body.html[:1]:
        words = _of_html(head, part) if part.content_type == HTML else _of_text(head, part)
        return " ".join(words[: 8 * SNIPPET_LENGTH].split())[:SNIPPET_LENGTH]
    return ""


def _of_text(head: bytes, part: Part) -> str:
    return _QUOTED.sub("", _SIGNATURE.sub("", text(io.BytesIO(head), part, limit_bytes=TEXT_BYTES)))


def _of_html(head: bytes, part: Part) -> str:
    return unescape(_UNSEEN.sub(" ", text(io.BytesIO(head), part, limit_bytes=HTML_BYTES)))
