"""A message on paper: our table of its headers and its body, in the same sandboxed kind of document."""

from datetime import datetime

from django.conf import settings
from django.utils.html import escape
from django.utils.translation import gettext

from snapshots.catalogue import Row
from webmail import wording
from webmail.documents import document, html_content, text_content
from webmail.message_context import date_sentence, people
from webmail.opened import Opened, part_name

STYLE = (
    "html{color-scheme:light}body{background:#fff;color:#000}"
    ".heads{margin-bottom:1rem;border-bottom:1px solid #000;break-inside:avoid}.heads h1{font-size:1.25rem}"
    ".heads th{padding-right:1rem;text-align:left;vertical-align:top;font-weight:600}.heads td{overflow-wrap:anywhere}"
    ".foot{margin-top:1.5rem;padding-top:.5rem;border-top:1px solid #000;font-size:.875rem}"
    ".screen{padding:.5rem 1rem;background:#eceef5}h1,h2,h3{break-after:avoid}@page{margin:2cm}"
    "@media print{.screen{display:none}body{margin:0}.said a[href]::after{content:' <' attr(href) '>'}}"
)


def print_document(opened: Opened, row: Row, *, taken_at: datetime, as_text: bool = False) -> str:
    """Return the message with what a reader on paper needs to know of it."""
    content = text_content(opened) if as_text else html_content(opened)
    return document(f'{_heads(opened, row)}<div class="said">{content.html}</div>{_foot(taken_at)}', STYLE)


def _heads(opened: Opened, row: Row) -> str:
    rows = [*people(opened.envelope), (gettext("Date"), date_sentence(opened.envelope, row))]
    if opened.offered:
        rows.append((gettext("Attachments"), ", ".join(map(part_name, opened.offered))))
    table = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td dir="auto">{escape(value)}</td></tr>' for label, value in rows
    )
    note = escape(gettext("To print, press Ctrl+P (Cmd+P on a Mac)."))
    subject = escape(opened.envelope.subject or gettext("(no subject)"))
    heads = f'<header class="heads"><h1 dir="auto">{subject}</h1><table>{table}</table></header>'
    return f'<p class="screen">{note}</p>{heads}'


def _foot(taken_at: datetime) -> str:
    words = {
        "day": wording.full_day(taken_at.astimezone(wording.zone()).date()),
        "time": wording.clock_time(taken_at),
    }
    sentence = escape(gettext("Copy of %(day)s, at %(time)s.") % words)
    return f'<footer class="foot">{sentence} {escape(settings.MTM_BRAND_NAME)}</footer>'
