"""A plain message as HTML that is only text.

Text is cut into tokens first and every token escaped; nothing is replaced in what was escaped.
"""

import re
from collections.abc import Iterable, Iterator
from html import escape
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
