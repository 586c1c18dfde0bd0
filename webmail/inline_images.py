"""The pictures a message holds for its own HTML: which are shown in it, and which are not and must be offered."""

import base64
import re
from collections.abc import Iterable
from typing import BinaryIO
from urllib.parse import unquote

from snapshots.body import HTML, text_parts
from snapshots.mime import Message, Part, decoded, own_parts, text

IMAGES = 50
IMAGES_BYTES = 5 << 20
RASTER = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
_NAMED = re.compile(r"cid:([^\s\"'<>()]{1,1000})", re.IGNORECASE)


def inline_images(source: BinaryIO, message: Message) -> dict[str, str]:
    """Return content id → `data:` URI for the raster images a message may show within its HTML, within bounds."""
    images: dict[str, str] = {}
    room_bytes = IMAGES_BYTES
    for part in [part for part in message.parts if part.content_id and not part.is_container][:IMAGES]:
        if part.size_bytes > room_bytes:
            continue
        source.seek(0)
        content = b"".join(decoded(source, part))
        kind = raster_type(content)
        if kind:
            room_bytes -= len(content)
            images[part.content_id] = f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
    return images


def left_out(source: BinaryIO, message: Message, within: Part | None = None) -> tuple[Part, ...]:
    """Return the inline pictures that the HTML does not show: not named in it, of another kind, or too many."""
    inline = [part for part in own_parts(message, within) if part.is_inline]
    if not inline:
        return ()
    shown = inline_images(source, message).keys() & _named(source, text_parts(message, within).html)
    return tuple(part for part in inline if part.content_id not in shown)


def _named(source: BinaryIO, parts: Iterable[Part]) -> set[str]:
    names: set[str] = set()
    for part in parts:
        if part.content_type == HTML:
            source.seek(0)
            found = _NAMED.findall(text(source, part))
            names.update(found, map(unquote, found))
    return names


def raster_type(content: bytes) -> str | None:
    """Return the type of a picture by its first bytes, None for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in RASTER.items() if content.startswith(magic)), None)
