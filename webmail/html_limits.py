"""How much HTML is too much to be cleaned, found in linear time before anything that takes longer sees it.

The HTML parser's time grows with the square of nesting, of attributes in one tag and of open formatting
elements, and it cannot be stopped. Every `<` followed by a letter counts as a tag wherever it stands:
guessing what is a comment or a script would hide tags from the count.
"""

import re
from collections import Counter

HTML_CHARACTERS = 2 * 1024 * 1024
TAGS = 50_000
DEPTH = 256
ATTRIBUTE_CHARACTERS = 64 * 1024

_ATTRIBUTES = 200
_ELEMENTS = 1_000_000
_SAME_FORMATTING = 3
# Written back, these two take the square of their number within one text.
_COSTLY = ("&", "\xa0")
_COSTLY_CHARACTERS = 50_000
_BLANK = r"[ \t\n\f\r/]"
_ATTRIBUTE = (
    rf"{_BLANK}*+[^ \t\n\f\r/>][^ \t\n\f\r/>=]*+"
    r"(?:[ \t\n\f\r]*+=[ \t\n\f\r]*+(?:\"[^\"]*+\"?|'[^']*+'?|[^ \t\n\f\r>]*+))?"
)
_TAG = re.compile(rf"<(/?)([A-Za-z][^ \t\n\f\r/>]*+)((?:{_ATTRIBUTE}){{0,{_ATTRIBUTES}}}+){_BLANK}*+(>|\Z)?")
_START = re.compile(r"<(?=/?[A-Za-z])")
_DATA_IMAGE = re.compile(r"[\"']?data:image/[A-Za-z0-9.+-]{1,20};base64,[A-Za-z0-9+/=\s]*+[\"']?")

# Elements that their next sibling closes, or that hold nothing: they do not nest by being left open.
_NOT_NESTING_NAMES = """
    area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr
    p li dt dd tr td th thead tbody tfoot colgroup caption option optgroup rp rt html head body
"""
_FORMATTING_NAMES = "b big code em font i nobr s small strike strong tt u"
_NOT_NESTING = frozenset(_NOT_NESTING_NAMES.split())
_FORMATTING = frozenset(_FORMATTING_NAMES.split())


class TooComplex(Exception):
    """The HTML is beyond a limit: the message's text is shown instead."""


def check(html: str) -> None:
    """Raise TooComplex where cleaning this HTML could take long or much memory."""
    if len(html) > HTML_CHARACTERS or sum(map(html.count, _COSTLY)) > _COSTLY_CHARACTERS:
        raise TooComplex
    counts = _Counts(budget=4 * len(html) + ATTRIBUTE_CHARACTERS)
    for start in _START.finditer(html):
        counts.take(html, start.start())


class _Counts:
    """What has been seen so far; `budget` bounds the characters looked at where tags seem to lie in one another."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.tags = 0
        self.depth = 0
        self.open: Counter[str] = Counter()
        self.formatting: set[str] = set()

    def take(self, html: str, position: int) -> None:
        tag = _TAG.match(html, position)
        if tag is None or tag[4] is None:
            raise TooComplex
        self.tags += 1
        self.budget -= tag.end() - position
        if self.tags > TAGS or self.budget < 0 or not _is_short(tag[3]):
            raise TooComplex
        self._nest(tag[2].lower(), closing=bool(tag[1]))
        if self.depth > DEPTH:
            raise TooComplex
        self._format(tag)

    def _nest(self, name: str, *, closing: bool) -> None:
        if name in _NOT_NESTING:
            return
        if not closing:
            self.open[name] += 1
            self.depth += 1
        elif self.open[name]:
            self.open[name] -= 1
            self.depth -= 1

    def _format(self, tag: re.Match[str]) -> None:
        """Bound what is built anew in every block: at most three alike of the formatting elements left open."""
        if not tag[1] and tag[2].lower() in _FORMATTING:
            self.formatting.add(tag[2].lower() + tag[3])
        if _SAME_FORMATTING * len(self.formatting) * self.tags > _ELEMENTS:
            raise TooComplex


def _is_short(attributes: str) -> bool:
    if len(attributes) <= ATTRIBUTE_CHARACTERS:
        return True
    return len(_DATA_IMAGE.sub("", attributes)) <= ATTRIBUTE_CHARACTERS
