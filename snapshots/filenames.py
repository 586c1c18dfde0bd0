"""A sender's file name → one that is safe on every disk and in every header."""

import re
import unicodedata

NAME_BYTES = 150

_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(f'[{_CONTROLS}{_DIRECTIONS}\\\\/:*?"<>|]')
_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|conin\$|conout\$)\s*(\..*)?", re.IGNORECASE | re.DOTALL)
_EXTENSION_BYTES = 20


def clean_filename(name: str, *, otherwise: str = "attachment") -> str:
    """Return a name to save a part under, at most NAME_BYTES of UTF-8, its extension kept; never empty.

    Source: RFC 6266 section 4.3, Microsoft's "Naming Files, Paths, and Namespaces".
    """
    name = unicodedata.normalize("NFC", _UNSAFE.sub("_", name)).lstrip(". ").rstrip(". ")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shortened(name) or otherwise


def _shortened(name: str) -> str:
    if len(name.encode()) <= NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    ending = f"{dot}{extension}" if stem and len(extension.encode()) <= _EXTENSION_BYTES else ""
    room = NAME_BYTES - len(ending.encode())
    start = (stem if ending else name).encode()[:room].decode("utf-8", "ignore")
    return start.rstrip(". ") + ending
