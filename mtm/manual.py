"""The manual a provider hands to its customers: one HTML file with its own name, limits and prices in it."""

import base64
import re

from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from django.utils.html import escape

from webmail.contact import contact_url
from webmail.help import figures

DIRECTORY = settings.BASE_DIR / "docs/manual"
LANGUAGES = tuple(code for code, _ in settings.LANGUAGES)
BLANK_LINES = re.compile(r"\n\s*\n")
# What of Markdown the manual is written in.
IMAGE = re.compile(r"!\[([^\]]*)\]\(([\w./-]+)\)")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
STRONG = re.compile(r"\*\*([^*]+)\*\*")
LISTS = {"ol": re.compile(r"^\d+\. ", re.MULTILINE), "ul": re.compile(r"^- ", re.MULTILINE)}
HEADINGS = {"h1": "# ", "h2": "## "}
PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def manual(language: str) -> str:
    """Return the whole manual in a language, its pictures in it. Raises: FileNotFoundError for one not yet made."""
    body = "\n".join(_block(block) for block in BLANK_LINES.split(filled(language).strip()))
    style = (DIRECTORY / "manual.css").read_text()
    return PAGE.format(language=language, title=escape(settings.MTM_BRAND_NAME), style=style, body=body)


def filled(language: str) -> str:
    """Return the manual's Markdown with this provider's name, limits, prices and contact."""
    contact = settings.MTM_SUPPORT_CONTACT
    own = {"brand_name": settings.MTM_BRAND_NAME, "support_contact": contact, "support_url": contact_url(contact)}
    with translation.override(language):
        context = Context({**figures(), **own}, autoescape=False)
        return Template((DIRECTORY / f"{language}.md").read_text()).render(context)


def _block(text: str) -> str:
    for tag, mark in HEADINGS.items():
        if text.startswith(mark):
            return f"<{tag}>{_inline(text.removeprefix(mark))}</{tag}>"
    for tag, item in LISTS.items():
        if item.match(text):
            items = "".join(f"<li>{_inline(each.strip())}</li>\n" for each in item.split(text)[1:])
            return f"<{tag}>\n{items}</{tag}>"
    return f"<p>{_inline(text)}</p>"


def _inline(text: str) -> str:
    marked = STRONG.sub(r"<strong>\1</strong>", IMAGE.sub(_picture, escape(text)))
    return LINK.sub(r'<a href="\2">\1</a>', marked)


def _picture(found: re.Match[str]) -> str:
    content = base64.b64encode((DIRECTORY / found[2]).read_bytes()).decode()
    return f'<img alt="{found[1]}" src="data:image/webp;base64,{content}">'
