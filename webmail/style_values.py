"""Inline styles by value: what may stay of a sender's `style` attribute.

A name on a list is not enough: `background: url(…)` has a harmless name. So every token of a value is
looked at, and whatever is not known to be harmless takes its declaration with it.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import tinycss2

STYLE_CHARACTERS = 4 * 1024

_SIDES = ("", "-top", "-right", "-bottom", "-left")
_PROPERTY_NAMES = """
    background background-color border-collapse border-radius border-spacing box-sizing caption-side clear color
    direction display empty-cells float font font-family font-size font-style font-variant font-weight height
    letter-spacing line-height list-style list-style-position list-style-type max-height max-width min-height min-width
    opacity overflow overflow-wrap table-layout text-align text-decoration text-decoration-color text-decoration-line
    text-decoration-style text-indent text-transform unicode-bidi vertical-align visibility white-space width word-break
    word-spacing word-wrap
"""
_PROPERTIES = frozenset(
    _PROPERTY_NAMES.split()
    + [f"{name}{side}" for name in ("border", "margin", "padding") for side in _SIDES]
    + [f"border{side}-{what}" for side in _SIDES for what in ("color", "style", "width")]
)
_NEVER_NEGATIVE = ("margin", "padding", "text-indent", "letter-spacing", "word-spacing", "line-height")
_FUNCTIONS = frozenset(("rgb", "rgba", "hsl", "hsla", "calc"))
# Nothing here can begin a function, a string, an escape, a comment or a block: such styles need no parser.
_PLAIN = re.compile(r"[A-Za-z0-9#%.,;:!/_ \t\r\n-]*")
_IDENTIFIER = re.compile(r"[\w-]+")
_STRING = re.compile(r"[\w .,-]*")
_HASH = re.compile(r"[0-9A-Fa-f]{3,8}")
_UNIT = re.compile(r"[A-Za-z]{1,5}")
_NEGATIVE = re.compile(r"(?:^|[\s,/(])-[\d.]")
_WORD_START = re.compile(r"[\w#'.+-]")
_WORD_END = re.compile(r"[\w%')]\Z")
_IMPORTANT = re.compile(r"\s*!\s*important\s*\Z", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def safe_style(style: str) -> str:
    """Return the harmless declarations of a style attribute, normalised; empty where none is left or it is too long."""
    if len(style) > STYLE_CHARACTERS:
        return ""
    declarations = _plain(style) if _PLAIN.fullmatch(style) else _parsed(style)
    return ";".join(f"{name}:{value}" for name, value in declarations if _is_allowed(name, value))


def _is_allowed(name: str, value: str) -> bool:
    if not value or name not in _PROPERTIES:
        return False
    if name.startswith(_NEVER_NEGATIVE):
        return "calc" not in value and not _NEGATIVE.search(value)
    return True


def _plain(style: str) -> Iterator[tuple[str, str]]:
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        value = " ".join(_IMPORTANT.sub("", value).split())
        if ":" not in value and "!" not in value:
            yield name.strip().lower(), value


def _parsed(style: str) -> Iterator[tuple[str, str]]:
    for node in tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True):
        if node.type == "declaration":
            value = _joined(node.value)
            if value is not None:
                yield node.lower_name, " ".join(value.split())


def _joined(tokens: Iterable[Any]) -> str | None:
    """Return tokens as text; None where one of them must not stay."""
    text = ""
    for token in tokens:
        piece = _serialised(token)
        if piece is None:
            return None
        # Where a comment stood between two words there is nothing now.
        text += f" {piece}" if text and _WORD_END.search(text) and _WORD_START.match(piece) else piece
    return text


def _serialised(token: Any) -> str | None:
    """Return a token as text that means itself and nothing else; None for what must not stay."""
    kind = token.type
    if kind in ("whitespace", "comment"):
        return " "
    if kind == "ident":
        return str(token.value) if _IDENTIFIER.fullmatch(token.value) else None
    if kind == "hash":
        return f"#{token.value}" if _HASH.fullmatch(token.value) else None
    if kind == "string":
        return f"'{token.value}'" if _STRING.fullmatch(token.value) else None
    if kind == "literal":
        return str(token.value) if token.value in (",", "/", "+", "*", "-") else None
    if kind == "function":
        return _function(token)
    return _number(token)


def _number(token: Any) -> str | None:
    if token.type == "number":
        return str(token.representation)
    if token.type == "percentage":
        return f"{token.representation}%"
    if token.type == "dimension" and _UNIT.fullmatch(token.unit):
        return f"{token.representation}{token.unit}"
    return None


def _function(token: Any) -> str | None:
    if token.lower_name not in _FUNCTIONS:
        return None
    arguments = _joined(token.arguments)
    return None if arguments is None else f"{token.lower_name}({arguments.strip()})"
