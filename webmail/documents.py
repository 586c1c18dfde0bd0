"""The documents shown in a message's frame: what its sender wrote, and not a byte around it that is ours to lose.

They run under `access.http.UNTRUSTED_CSP`: no script, no request, no cookie.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.translation import get_language, gettext

from snapshots.body import HTML
from snapshots.html_text import text_of_html
from snapshots.mime import Part
from webmail.inline_images import inline_images
from webmail.opened import Opened
from webmail.plain_text import text_as_html
from webmail.report_text import report_text
from webmail.sanitise import TooComplex, sanitise

STYLE = (
    "body{margin:1rem;font:1rem/1.5 system-ui,sans-serif;overflow-wrap:break-word}"
    "img{max-width:100%;height:auto}pre,.text{white-space:pre-wrap;font:inherit;max-width:72ch}"
    "blockquote{margin:0 0 0 .25rem;padding-left:.75rem;border-left:3px solid #8888}"
)
RULE = "\n<hr>\n"
_PAPER = "body{background:#fff;color:#191d2d}"
_DIMMED = "body{background:#e9eaf0}"
PAPERS = {
    "": f"html{{color-scheme:light}}{_PAPER}@media(prefers-color-scheme:dark){{{_DIMMED}}}",
    "light": f"html{{color-scheme:light}}{_PAPER}",
    "dark": f"html{{color-scheme:light}}{_PAPER}{_DIMMED}",
}
SCHEMES = {"": "light dark", "light": "light", "dark": "dark"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says as HTML that can do nothing; `is_html` when its sender wrote HTML."""

    html: str
    is_html: bool


def html_document(opened: Opened, theme: str = "") -> str:
    """Return the message's HTML, made safe; its text where it has none or where it is too much to be made safe.

    `theme` is light or dark, else the reader's system decides. HTML stands on paper in both.
    """
    content = html_content(opened)
    return document(content.html, PAPERS[theme] if content.is_html else _scheme(theme))


def text_document(opened: Opened, theme: str = "") -> str:
    """Return the message's text; made from its HTML where it has no text of its own."""
    return document(text_content(opened).html, _scheme(theme))


def damaged_document(theme: str = "") -> str:
    """Return what is shown in place of a message whose stored bytes cannot be read to their end."""
    return document(_said(gettext("This message is damaged in the copy.")), _scheme(theme))


def html_content(opened: Opened) -> Content:
    if not opened.body.html:
        return text_content(opened)
    images = inline_images(opened.source, opened.message)
    try:
        safe = [_safe(opened, part, images) for part in opened.body.html]
    except TooComplex:
        return text_content(
            opened, notice=gettext("This message is built in an unusual way: its text is shown instead.")
        )
    return Content(RULE.join([*safe, *_reports(opened)]), is_html=True)


def text_content(opened: Opened, *, notice: str = "") -> Content:
    texts = [(part, _text(opened, part)) for part in opened.body.text or opened.body.html]
    shown = [_text_as_html(part, words) for part, words in texts if words.strip()] + list(_reports(opened))
    return Content(_said(notice) + (RULE.join(shown) or _said(gettext("(no text)"))), is_html=False)


def document(content: str, style: str) -> str:
    """Return a whole document around content that is safe."""
    language = escape(get_language() or "it")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title></title>'
        f"<style>{STYLE}{style}</style></head><body>{content}</body></html>"
    )


def _scheme(theme: str) -> str:
    return f"html{{color-scheme:{SCHEMES[theme]}}}"


def _said(words: str) -> str:
    return f"<p><em>{escape(words)}</em></p>" if words else ""


def _text(opened: Opened, part: Part) -> str:
    content = opened.text(part)
    return text_of_html(content) if part.content_type == HTML else content


def _text_as_html(part: Part, words: str) -> str:
    return text_as_html(words, flowed=part.is_flowed, delsp=part.deletes_space)


def _safe(opened: Opened, part: Part, images: Mapping[str, str]) -> str:
    if part.content_type != HTML:
        return _text_as_html(part, opened.text(part))
    return sanitise(opened.text(part), images=images).html


def _reports(opened: Opened) -> Iterable[str]:
    for part in opened.body.reports:
        if words := report_text(part.content_type, opened.text(part)):
            yield text_as_html(words)
