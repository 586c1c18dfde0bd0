"""The documents shown in a message's frame: what its sender wrote, and not a byte around it that is ours to lose.

They run under `access.http.UNTRUSTED_CSP`: no script, no request, no cookie.
"""

from collections.abc import Mapping
from typing import BinaryIO

from django.utils.html import escape
from django.utils.translation import get_language, gettext

from snapshots.body import HTML, text_parts
from snapshots.mime import Message, Part, parse, text
from webmail.inline_images import inline_images
from webmail.plain_text import text_as_html, text_of_html
from webmail.sanitise import TooComplex, sanitise

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
    images = inline_images(source, message)
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
    texts = [(part, _text(source, part)) for part in body.text or body.html]
    content = "\n<hr>\n".join(_text_as_html(part, words) for part, words in texts if words.strip())
    said = f"<p><em>{escape(notice)}</em></p>" if notice else ""
    return _document(said + (content or f"<p><em>{escape(gettext('(no text)'))}</em></p>"))


def _text(source: BinaryIO, part: Part) -> str:
    source.seek(0)
    content = text(source, part)
    return text_of_html(content) if part.content_type == HTML else content


def _text_as_html(part: Part, words: str) -> str:
    return text_as_html(words, flowed=part.is_flowed, delsp=part.deletes_space)


def _safe(source: BinaryIO, part: Part, images: Mapping[str, str]) -> str:
    if part.content_type != HTML:
        return _text_as_html(part, _text(source, part))
    source.seek(0)
    return sanitise(text(source, part), images=images).html


def _document(content: str, *, paper: bool = False) -> str:
    style = STYLE + PAPER if paper else STYLE
    language = escape(get_language() or "it")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title></title>'
        f"<style>{style}</style></head><body>{content}</body></html>"
    )
