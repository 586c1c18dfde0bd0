"""The header of one part → what the walker and the pages must know of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from snapshots import parameters
from snapshots.headers import Finder, is_type, own_charset
from snapshots.words import decoded, unfolded

IDENTITY = frozenset(("", "7bit", "8bit", "binary"))
ENCODINGS = IDENTITY | {"base64", "quoted-printable", "x-uuencode", "uuencode", "x-uue", "uue"}
PLAIN = "text/plain"
ENCLOSED = frozenset(("message/rfc822", "message/global"))

_BOUNDARY_BYTES = 4_000
_NAME_CHARACTERS = 1_000
# A thousand parts may each have such a header.
_VALUE_BYTES = 8 * 1024
# Inner parts mostly have one of a few headers, letter by letter.
_OFTEN_BYTES = 256
_WRONG_BUT_CLEAR = {"text": PLAIN, "text/text": PLAIN, "html": "text/html", "text/htm": "text/html"}


@dataclass(frozen=True, slots=True)
class PartHeader:
    """What a part's header says, decoded."""

    content_type: str = PLAIN
    parameters: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    disposition: str = ""
    filename: str = ""
    content_id: str = ""
    boundary: bytes | None = None
    too_many_parameters: bool = False

    @property
    def encloses_message(self) -> bool:
        return self.content_type in ENCLOSED and self.encoding in IDENTITY


def read(block: bytes, default_type: str = PLAIN) -> PartHeader:
    """Return what the header block of a part says; `default_type` where it names none."""
    return (_read_often if len(block) <= _OFTEN_BYTES else _read)(block, default_type)


def _read(block: bytes, default_type: str) -> PartHeader:
    raw = Finder(block).raw
    charset = None if block.isascii() else own_charset(block)
    type_text = unfolded(raw(b"content-type")[:_VALUE_BYTES], body_charset=charset)
    disposition_text = unfolded(raw(b"content-disposition")[:_VALUE_BYTES], body_charset=charset)
    content_type, found = parameters.parse(type_text)
    disposition, disposition_parameters = parameters.parse(disposition_text)
    name = disposition_parameters.get("filename") or disposition_parameters.get("name") or found.get("name", "")
    return PartHeader(
        content_type=_type(content_type) or (PLAIN if content_type else default_type),
        parameters=found,
        encoding=_encoding(raw(b"content-transfer-encoding")[:_VALUE_BYTES]),
        disposition=disposition,
        filename=name[:_NAME_CHARACTERS],
        content_id=decoded(raw(b"content-id")[:_VALUE_BYTES]).strip("<> \t")[:_NAME_CHARACTERS],
        boundary=_boundary(content_type, found),
        too_many_parameters=max(len(found), len(disposition_parameters)) >= parameters.PARAMETERS,
    )


_read_often = lru_cache(maxsize=1024)(_read)


def _type(value: str) -> str:
    value = _WRONG_BUT_CLEAR.get(value, value)
    return value if is_type(value) else ""


def _encoding(raw: bytes) -> str:
    words = decoded(raw).lower().replace(";", " ").replace("(", " ").split(maxsplit=1)
    return words[0].strip("\"'") if words else ""


def _boundary(content_type: str, found: Mapping[str, str]) -> bytes | None:
    if not content_type.startswith("multipart/"):
        return None
    # What was read as UTF-8 must be sought as the bytes it came from.
    boundary = found.get("boundary", "").rstrip().encode("utf-8", "replace")
    return boundary if 0 < len(boundary) <= _BOUNDARY_BYTES else None
