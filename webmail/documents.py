"""The documents shown in a message's frame: what its sender wrote, and not a byte around it that is ours to lose.

They run under `access.http.UNTRUSTED_CSP`: no script, no request, no cookie.
"""

import base64
from collections.abc import Mapping
from typing import BinaryIO

from django.utils.html import escape, strip_tags
from django.utils.translation import get_language, gettext

from snapshots.body import HTML, text_parts
from snapshots.mime import Message, Part, decoded, parse, text
from webmail.plain_text import text_as_html, text_of_html
from webmail.sanitise import TooComplex, sanitise

INLINE_IMAGES = 50
INLINE_IMAGES_BYTES = 5 << 20
RASTER = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
STYLE = (
    "html{color-scheme:light dark}body{margin:1rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:break-word}"
    "img{max-width:100%;height:auto}pre,.text{white-space:pre-wrap;font:inherit;max-width:72ch}"
    "blockquote{margin:0 0 0 .25rem;padding-left:.75rem;border-left:3px solid #8888}"
)
PAPER = (
    "html{color-scheme:light}body{background:#fff;color:#191d2d}"
    "@media(prefers-color-scheme:dark){body{background:#e9eaf0}}"
)


def html_document(source: BinaryIO) -> str:
    """Return the message's HTML, made safe; its text where it has none or where it is too much to be made safe."""
    message = parse(source)
    parts = text_parts(message).html
    if not parts:
        return _text_document(source, message)
    images = _inline_images(source, message)
    try:
        return _document("\n<hr>\n".join(_safe(source, part, images) for part in parts), paper=True)
    except TooComplex:
        notice = gettext("This message is built in an unusual way: its text is shown instead.")
        return _text_document(source, message, notice=notice)


def text_document(source: BinaryIO) -> str:
    """Return the message's text; made from its HTML where it has no text of its own."""
    return _text_document(source, parse(source))


def damaged_document() -> str:
    """Return what is shown in place of a message whose stored bytes cannot be read to their end."""
    return _document(f"<p><em>{escape(gettext('This message is damaged in the copy.'))}</em></p>")


def _text_document(source: BinaryIO, message: Message, *, notice: str = "") -> str:
    body = text_parts(message)
    texts = [_plain(source, part) for part in body.text or body.html]
    content = "\n<hr>\n".join(each for each in texts if strip_tags(each).strip())
    said = f"<p><em>{escape(notice)}</em></p>" if notice else ""
    return _document(said + (content or f"<p><em>{escape(gettext('(no text)'))}</em></p>"))


def _plain(source: BinaryIO, part: Part) -> str:
    _rewind(source)
    content = text(source, part)
    if part.content_type == HTML:
        return text_as_html(text_of_html(content))
    return text_as_html(content, flowed=part.is_flowed, delsp=part.deletes_space)


def _safe(source: BinaryIO, part: Part, images: Mapping[str, str]) -> str:
    if part.content_type != HTML:
        return _plain(source, part)
    _rewind(source)
    return sanitise(text(source, part), images=images).html


def _inline_images(source: BinaryIO, message: Message) -> dict[str, str]:
    """Return content id → `data:` URI for the raster images a message shows within its HTML, within bounds."""
    images: dict[str, str] = {}
    room_bytes = INLINE_IMAGES_BYTES
    for part in [part for part in message.parts if part.content_id and not part.is_container][:INLINE_IMAGES]:
        if part.size_bytes > room_bytes:
            continue
        _rewind(source)
        content = b"".join(decoded(source, part))
        kind = raster_type(content)
        if kind:
            room_bytes -= len(content)
            images[part.content_id] = f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
    return images


def raster_type(content: bytes) -> str | None:
    """Return the type of a picture by its first bytes, None for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in RASTER.items() if content.startswith(magic)), None)


def _rewind(source: BinaryIO) -> None:
    if source.seekable():
        source.seek(0)


def _document(content: str, *, paper: bool = False) -> str:
    style = STYLE + PAPER if paper else STYLE
    language = escape(get_language() or "it")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title></title>'
        f"<style>{style}</style></head><body>{content}</body></html>"
    )
