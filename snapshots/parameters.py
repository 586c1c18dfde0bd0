"""Values with parameters (Content-Type, Content-Disposition) → value and decoded parameters.

Source: RFC 2231; and what mailers write instead: encoded words, raw 8-bit text, names without quotes.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from snapshots import charsets
from snapshots.words import words_decoded

PARAMETERS = 100

_PARAMETER = re.compile(r';\s*([^\s=;"]{1,100})\s*=\s*(?:"((?:[^"\\]|\\.)*+)"?|([^;]*))', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\])')
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_EXTENDED = re.compile(r"([^']*)'[^']*'(.*)", re.DOTALL)


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Return the value before the first semicolon, lower-case, and its parameters, decoded, names lower-case."""
    value, _, rest = text.partition(";")
    value, _, glued = value.strip().partition(" ")
    value = charsets.shown(value.lower())
    return value, _parameters(f";{glued};{rest}") if rest or glued else {}


def _parameters(text: str) -> dict[str, str]:
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(text)):
        if count >= PARAMETERS:
            break
        value = match[3].strip() if match[2] is None else _ESCAPE.sub(r"\1", match[2])
        name = _SECTION.fullmatch(match[1].lower())
        if name is None or (name[2] is None and name[3] is None):
            plain.setdefault(match[1].lower(), words_decoded(value))
        else:
            sections.setdefault(name[1], {}).setdefault(int(name[2] or 0), (value, bool(name[3])))
    return plain | {name: _joined(found) for name, found in sections.items()}


def _joined(sections: Mapping[int, tuple[str, bool]]) -> str:
    charset = ""
    data = bytearray()
    for position, (_, (value, extended)) in enumerate(sorted(sections.items())):
        marked = _EXTENDED.fullmatch(value) if extended and position == 0 else None
        if marked:
            charset, value = marked[1], marked[2]
        data += unquote_to_bytes(value) if extended else value.encode("utf-8", "replace")
    return words_decoded(charsets.decode(bytes(data), charset or None))
