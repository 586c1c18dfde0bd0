"""A provider's own logo: a small SVG or PNG file, read once."""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings

MOST_BYTES = 256 * 1024
PNG = b"\x89PNG\r\n\x1a\n"
SVG = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<svg[\s>]", re.DOTALL)
DECLARES = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)


class BadLogo(Exception):
    """The file is no logo; says why."""


@dataclass(frozen=True, slots=True)
class Logo:
    """What the file holds; `edition` changes with it."""

    content: bytes
    content_type: str
    edition: str


def brand_logo() -> Logo | None:
    """Return the provider's logo, if it has one. Raises: BadLogo."""
    return _read(settings.MTM_BRAND_LOGO) if settings.MTM_BRAND_LOGO else None


@cache
def _read(path: str) -> Logo:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadLogo(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > MOST_BYTES:
        raise BadLogo(f"{path} is larger than {MOST_BYTES // 1024} KB")
    return Logo(content, _type(path, content), sha256(content).hexdigest()[:12])


def _type(path: str, content: bytes) -> str:
    if content.startswith(PNG):
        return "image/png"
    if SVG.match(content) and not DECLARES.search(content):
        return "image/svg+xml"
    raise BadLogo(f"{path} is neither a PNG nor a plain SVG without a DOCTYPE")
