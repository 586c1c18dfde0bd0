"""The first words of a message, from no more than came with its header."""

import io
import re
from html import unescape

from snapshots.body import HTML, text_parts
from snapshots.mime import Message, text

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
        is_html = part.content_type == HTML
        content = text(io.BytesIO(head), part, limit_bytes=HTML_BYTES if is_html else TEXT_BYTES)
        if is_html:
            content = unescape(_UNSEEN.sub(" ", content))
        else:
            content = _QUOTED.sub("", _SIGNATURE.sub("", content))
        return " ".join(content[: 8 * SNIPPET_LENGTH].split())[:SNIPPET_LENGTH]
    return ""
