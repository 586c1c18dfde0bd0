"""A stranger's HTML → HTML that can do nothing. The response's headers are the wall, this is the second one.

Nothing may be done to the result: what is edited after cleaning is not clean. Source: security.md section 2.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import nh3

from webmail import html_limits
from webmail.html_limits import TooComplex
from webmail.link_hosts import with_real_hosts
from webmail.style_values import safe_style

__all__ = ["SafeHtml", "TooComplex", "sanitise"]

STYLES_CHARACTERS = 256 * 1024
# One picture shown a thousand times is written a thousand times.
REPEATS_CHARACTERS = 4 * 1024 * 1024

_PASSES = 5

_TAG_NAMES = """
    a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn
    dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li main mark menu
    nav ol p pre q rp rt ruby s samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u
    ul var wbr
"""
_DROPPED_NAMES = (
    "script style title svg math iframe noframes noembed template object applet audio video canvas frameset"
)
_TAGS = set(_TAG_NAMES.split())
_DROPPED_WITH_CONTENT = set(_DROPPED_NAMES.split())
_CELL = "abbr align bgcolor colspan height nowrap rowspan scope valign width"
_ATTRIBUTES = {
    tag: set(names.split())
    for tag, names in {
        "*": "align dir lang style title",
        "a": "href",
        "br": "clear",
        "col": "span valign width",
        "colgroup": "span valign width",
        "font": "color face size",
        "hr": "color noshade size width",
        "img": "alt border height hspace src vspace width",
        "li": "type value",
        "ol": "reversed start type",
        "table": "bgcolor border cellpadding cellspacing height width",
        "td": _CELL,
        "th": _CELL,
        "tr": "bgcolor height valign",
        "ul": "type",
    }.items()
}
_LINK_SCHEMES = ("http:", "https:", "mailto:", "tel:")
_ENCLOSED = "cid:"
_REMOTE_SCHEMES = ("http:", "https:")
_SCHEMES = {"http", "https", "mailto", "tel", "cid", "data"}
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]*={0,2}")
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """Cleaned HTML for a body element, and how many of its pictures lie on other servers: the CSP decides over them."""

    html: str
    remote_images: int


def sanitise(html: str, *, images: Mapping[str, str]) -> SafeHtml:
    """Return what may be shown of a message's HTML; `images` has data: URIs by Content-ID for its cid: pictures.

    Raises: TooComplex where it is beyond the limits; the text is shown then.
    """
    html_limits.check(html)
    keeper = _AttributeKeeper()
    settled = _settled(_clean(html, keeper))
    # Enclosed pictures come last, since they can be a thousand times as long as all the rest.
    with_images = _clean(settled, _AttributeKeeper(images)) if _ENCLOSED in settled else settled
    return SafeHtml(with_images, keeper.remote_images)


def _settled(cleaned: str) -> str:
    """Return cleaned HTML that a parser reads back as it is; what never comes to rest is not shown."""
    for _ in range(_PASSES):
        again = _clean(with_real_hosts(cleaned), _AttributeKeeper())
        if again == cleaned:
            return cleaned
        cleaned = again
    raise TooComplex


def _clean(html: str, keeper: "_AttributeKeeper") -> str:
    return nh3.clean(
        _UNFIT.sub("\N{REPLACEMENT CHARACTER}", html),
        tags=_TAGS,
        clean_content_tags=_DROPPED_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=keeper.kept,
        strip_comments=True,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes=_SCHEMES,
        url_relative="deny",
    )


class _AttributeKeeper:
    """Decides over every attribute the lists allow; without `images` a cid: picture stays one, to be filled in."""

    def __init__(self, images: Mapping[str, str] | None = None) -> None:
        self.images = images
        self.remote_images = 0
        self.styles_left = STYLES_CHARACTERS
        self.shown: set[str] = set()
        self.repeats_left = REPEATS_CHARACTERS

    def kept(self, tag: str, name: str, value: str) -> str | None:
        """Return the value to keep, None to drop the attribute. Never raises: the library would only print it."""
        try:
            return self._kept(tag, name, value)
        except Exception:  # a broken filter must close, not open
            return None

    def _kept(self, tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return self._style(value)
        if name == "src":
            return self._picture(value)
        if name == "href":
            return value if _scheme(value) in _LINK_SCHEMES else None
        return value

    def _style(self, value: str) -> str | None:
        self.styles_left -= len(value)
        return (safe_style(value) or None) if self.styles_left >= 0 else None

    def _picture(self, value: str) -> str | None:
        scheme = _scheme(value)
        if scheme == _ENCLOSED:
            return self._enclosed(value)
        if scheme == "data:":
            return value if _DATA_IMAGE.fullmatch(value) else None
        if scheme in _REMOTE_SCHEMES:
            self.remote_images += 1
            # The frame's policy lets nothing else through, and hardly a server answers without TLS only.
            return f"https:{value.strip().partition(':')[2]}"
        return None

    def _enclosed(self, value: str) -> str | None:
        if self.images is None:
            return value
        content_id = value.strip()[len(_ENCLOSED) :]
        name = content_id if content_id in self.images else unquote(content_id)
        image = self.images.get(name, "")
        if name in self.shown:
            self.repeats_left -= len(image)
            if self.repeats_left < 0:
                return None
        self.shown.add(name)
        return image if _DATA_IMAGE.fullmatch(image) else None


def _scheme(url: str) -> str:
    scheme, colon, _ = url.strip().partition(":")
    return scheme.lower() + colon
