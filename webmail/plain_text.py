"""Text ↔ HTML: a plain message as HTML that is only text, and an HTML message as text.

Text is cut into tokens first and every token escaped; nothing is replaced in what was escaped.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape, unescape
from itertools import groupby

_DEEPEST_QUOTE = 20
_TRIMMED_CHARACTERS = 4
_QUOTE = re.compile(r"(?:> ?)+")
_LINK = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"\ufffd]{1,2000}+)|(?P<www>(?<![\w.@/-])www\.[^\s<>\"\ufffd]{1,2000}+)"
    r"|(?P<address>(?<![\w.+/@-])[A-Za-z0-9._+-]{1,64}+@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b)",
    re.IGNORECASE,
)
_PREFIXES = {"url": "", "www": "http://", "address": "mailto:"}
_AFTER_LINK = ".,;:!?'*_"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_SIGNATURE = "-- "

_UNSEEN = re.compile(r"<(!--|(?:script|style|title|head|template|svg)(?=[\s/>]))", re.IGNORECASE)
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20})[^<>]*>|<[!?/][^<>]*>")
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_LINE_ENDS = 3
_PARAGRAPH, _LINE = "\ue000", "\ue001"
_MARKS = re.compile(f"[ \n{_PARAGRAPH}{_LINE}]++")
_PARAGRAPH_NAMES = "p h1 h2 h3 h4 h5 h6 ul ol dl table blockquote pre hr"
_LINE_NAMES = "div tr li dt dd center section article header footer address figure caption form"
_PARAGRAPHS = frozenset(_PARAGRAPH_NAMES.split())
_LINES = frozenset(_LINE_NAMES.split())


def text_as_html(text: str, *, flowed: bool = False, delsp: bool = False) -> str:
    """Return plain text as HTML: quoted levels as blockquotes, addresses and URLs as links, everything else escaped."""
    lines = unflowed(text.split("\n"), delsp=delsp) if flowed else map(_quoted, text.split("\n"))
    return "".join(_blocks(lines))


def _quoted(line: str) -> tuple[int, str]:
    marks = _QUOTE.match(line)
    return (marks[0].count(">"), line[marks.end() :]) if marks else (0, line)


def unflowed(lines: Iterable[str], *, delsp: bool) -> Iterator[tuple[int, str]]:
    """Yield quote level and paragraph of format=flowed text. Source: RFC 3676."""
    level, pieces = 0, list[str]()
    for line in lines:
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        if pieces and (depth != level or content == _SIGNATURE):
            yield level, "".join(pieces)
            pieces = []
        level = depth
        if content.endswith(" ") and content != _SIGNATURE:
            pieces.append(content[:-1] if delsp else content)
        else:
            yield level, "".join([*pieces, content])
            pieces = []
    if pieces:
        yield level, "".join(pieces)


def _blocks(lines: Iterable[tuple[int, str]]) -> Iterator[str]:
    open_levels = 0
    for level, group in groupby(lines, key=lambda line: min(line[0], _DEEPEST_QUOTE)):
        yield "<blockquote>" * (level - open_levels) + "</blockquote>" * (open_levels - level)
        content = "\n".join("".join(_linked(line)) for _, line in group)
        yield f'<div class="text" dir="auto">{content}</div>'
        open_levels = level
    yield "</blockquote>" * open_levels


def _linked(line: str) -> Iterator[str]:
    position = 0
    for match in _LINK.finditer(line):
        link = _trimmed(match[0])
        target = escape(_PREFIXES[match.lastgroup or "url"] + link)
        yield escape(line[position : match.start()])
        yield f'<a href="{target}" target="_blank" rel="noopener noreferrer nofollow">{escape(link)}</a>'
        position = match.start() + len(link)
    yield escape(line[position:])


def _trimmed(link: str) -> str:
    """Leave the punctuation around a link to the sentence it stands in."""
    for _ in range(_TRIMMED_CHARACTERS):
        opening = _BRACKETS.get(link[-1])
        if link[-1] not in _AFTER_LINK and (opening is None or link.count(link[-1]) <= link.count(opening)):
            break
        link = link[:-1]
    return link


def text_of_html(html: str) -> str:
    """Return the text of HTML, one paragraph or table row a line; takes linear time whatever it is given."""
    marked = _TAG.sub(_as_mark, _BLANKS.sub(" ", "".join(_seen(html))))
    lines = _MARKS.sub(_as_line_ends, marked).split("\n")
    return "\n".join(_BLANKS.sub(" ", unescape(line).replace("\xa0", " ")).strip() for line in lines).strip()


def _seen(html: str) -> Iterator[str]:
    """Yield what lies outside comments, scripts, styles; one that is not closed hides the rest."""
    lower = html.lower()
    position = 0
    while (start := _UNSEEN.search(html, position)) is not None:
        yield html[position : start.start()]
        end = "-->" if start[1] == "!--" else f"</{start[1].lower()}"
        position = lower.find(end, start.end() - 2 if start[1] == "!--" else start.end())
        if position < 0:
            return
        position += len(end) if start[1] == "!--" else 0
    yield html[position:]


def _as_mark(tag: re.Match[str]) -> str:
    name = (tag[1] or "").lower()
    if name in _PARAGRAPHS:
        return _PARAGRAPH
    if name in _LINES:
        return f"{_LINE}• " if name == "li" and not tag[0].startswith("</") else _LINE
    return {"br": "\n", "td": " ", "th": " "}.get(name, "")


def _as_line_ends(marks: re.Match[str]) -> str:
    """Return what a run of blocks' beginnings and ends looks like: they do not add up, line breaks do."""
    run = marks[0]
    if run.isspace() and "\n" not in run:
        return run
    blocks = 2 if _PARAGRAPH in run else 1 if _LINE in run else 0
    return "\n" * min(_LINE_ENDS, max(blocks, run.count("\n") + bool(blocks)))
