"""Bytes that claim a character set → text fit to be shown.

Mail names character sets by aliases no registry knows, and often names the wrong one.
"""

import codecs
import re
from functools import lru_cache

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_NAME = re.compile(r"[a-z0-9][a-z0-9._:+-]{0,39}")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SEPARATORS = str.maketrans("", "", "-_.: ")

# As browsers do (WHATWG's Encoding standard): the wider set that a label stands for in practice.
_CODECS = {
    "ascii": ("ascii", "usascii", "ansix341968", "iso646us", "unknown8bit", "unknown", "x-unknown", "8bit", "default"),
    "cp1252": ("iso88591", "latin1", "windows1252", "xcp1252", "ansi", "iso8859", "88591", "l1"),
    "cp1254": ("iso88599", "latin5", "windows1254"),
    "cp874": ("windows874", "xwindows874", "iso885911", "tis620", "cp874"),
    "cp932": ("shiftjis", "sjis", "xsjis", "mskanji", "windows31j", "cswindows31j", "cp932"),
    "cp949": ("euckr", "ksc56011987", "ksc5601", "ksc56011989", "korean", "windows949", "xwindows949", "cp949"),
    "gb18030": ("gb2312", "gbk", "xgbk", "gb18030", "cp936", "windows936", "euccn", "gb231280", "chinese"),
    "big5hkscs": ("big5", "xxbig5", "big5hkscs", "cnbig5", "windows950", "cp950"),
    "iso2022_jp_ext": ("iso2022jp", "csiso2022jp", "iso2022jp2", "cp50220", "cp50221"),
    "iso8859_8": ("iso88598i", "iso88598e", "visual", "logical"),
    "mac_cyrillic": ("xmaccyrillic", "maccyrillic", "xmacukrainian"),
    "mac_roman": ("macintosh", "xmacroman", "macroman", "mac"),
    "mac_latin2": ("xmacce", "macce", "xmaccentraleurroman"),
    "mac_greek": ("xmacgreek",),
    "mac_turkish": ("xmacturkish",),
    "utf-8": ("utf8", "unicode11utf8", "utf8mb4", "xutf8", "cp65001", "unicode20utf8"),
    "utf-16": ("utf16", "unicode", "ucs2", "iso10646ucs2"),
    "utf-7": ("utf7", "unicode11utf7"),
}
_ALIASES = {alias: codec for codec, aliases in _CODECS.items() for alias in aliases}
# Codecs that run code-like transformations or take quadratic time are none of a sender's business.
_REFUSED = frozenset(
    ("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "utf-8-sig")
)
_UTF8 = "utf-8"
_ASCII = "ascii"
_WESTERN = "cp1252"
_UTF16 = frozenset(("utf-16", "utf-16-le", "utf-16-be"))
_HIGH = bytes(range(0x80, 0x100))
_LOWER_HALF = bytes(range(0xC0, 0xE0))
_BEYOND_ASCII = re.compile(rb"[\xc0-\xff]{3,}")
_CYRILLIC_LETTERS = 8
_ESCAPED_WINDOWS = {0xDC00 + byte: bytes((byte,)).decode(_WESTERN, "replace") for byte in _HIGH}
_ISO2022_MARKS = (b"\x1b$B", b"\x1b$@", b"\x1b(J")


@lru_cache(maxsize=512)
def codec(label: str) -> str | None:
    """Return Python's name of the codec that a charset label of mail means, None where there is none."""
    name = label.strip(" \t\"'<>").lower()
    alias = _ALIASES.get(name.translate(_SEPARATORS))
    if alias:
        return alias
    if not _NAME.fullmatch(name):
        return None
    return next((found for found in map(_looked_up, (name, name.removeprefix("x-"))) if found), None)


def _looked_up(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    known = bool(getattr(found, "_is_text_encoding", True)) and found.name not in _REFUSED
    return found.name if known else None


def decode(data: bytes, label: str | None = None, *, otherwise: str | None = None) -> str:
    """Return text as people see it elsewhere: by the label where it is true, else UTF-8, `otherwise`, Windows-1252.

    Never raises; the text still holds control characters (see `shown`).
    """
    name = codec(label) if label else None
    if name is None or name == _ASCII or (name in _UTF16 and _is_plain(data)):
        return _guessed(data, otherwise)
    try:
        return data.decode(name).removeprefix("\ufeff")
    except UnicodeError:
        return _recovered(data, name).removeprefix("\ufeff")


def _is_plain(data: bytes) -> bool:
    """Whether bytes are ASCII without a NUL, as no text in two bytes a character is."""
    return data.isascii() and b"\0" not in data


def _guessed(data: bytes, otherwise: str | None) -> str:
    if any(mark in data for mark in _ISO2022_MARKS):
        return data.decode("iso2022_jp_ext", "replace")
    second = (codec(otherwise) if otherwise else None) or _ASCII
    # Western is what is guessed at last, and not before it is asked whether the letters are Cyrillic.
    for name in (_UTF8, _ASCII if second == _WESTERN else second):
        try:
            return data.decode(name).removeprefix("\ufeff")
        except UnicodeError:
            continue
    return _as_utf8_or_windows(data, tail="")


def _recovered(data: bytes, name: str) -> str:
    if name == _UTF8:
        # Said to be UTF-8: a last character that is incomplete was only cut off.
        return _as_utf8_or_windows(data, tail=REPLACEMENT)
    try:
        return data.decode(_UTF8)
    except UnicodeError:
        return data.decode(name, "replace")


def _as_utf8_or_windows(data: bytes, *, tail: str) -> str:
    text = data.decode(_UTF8, "replace")
    broken = text.removesuffix(tail).count(REPLACEMENT)
    other = len(text) - len(text.encode("ascii", "ignore")) - text.count(REPLACEMENT)
    return text if other >= broken else _eight_bit(data)


def _eight_bit(data: bytes) -> str:
    """Return text in one byte a character: Cyrillic where whole words are beyond ASCII, else Western.

    What is UTF-8 within it was pasted from elsewhere and is read as that.
    """
    letters = b"".join(_BEYOND_ASCII.findall(data))
    high = len(data) - len(data.translate(None, _HIGH))
    if len(letters) >= _CYRILLIC_LETTERS and 5 * len(letters) >= 4 * high:
        # Most letters are small ones, and each of the two has them where the other has capitals.
        small_in_koi8 = len(letters) - len(letters.translate(None, _LOWER_HALF))
        return data.decode("koi8_r" if 2 * small_in_koi8 > len(letters) else "cp1251", "replace")
    return data.decode(_UTF8, "surrogateescape").translate(_ESCAPED_WINDOWS)


def shown(text: str) -> str:
    """Return text without anything a page or a database cannot take: controls and surrogates become U+FFFD."""
    return text if text.isprintable() else _UNFIT.sub(REPLACEMENT, text)
