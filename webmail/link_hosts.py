"""Links that say one host and lead to another: the real one is written beside them."""

import re
from functools import lru_cache
from html import escape, unescape
from urllib.parse import urlsplit

import idna

from webmail.html_limits import TooComplex

INTERNATIONAL_NAMES = 1_000

# In HTML the cleaner wrote: attributes in double quotes, links not within links.
_LINK = re.compile(r'<a (?:[^<>"]|"[^"]*")*>(.*?)</a>(?: <small>\[([^<>]*)\]</small>)?', re.DOTALL)
_TARGET = re.compile(r' href="(https?://[^"]*)"', re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_CLAIM = re.compile(r"\s*(?:https?://)?((?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62})(?:[:/?#]\S*)?\s*", re.IGNORECASE)
_CLAIM_CHARACTERS = 2_000
_HOST_CHARACTERS = 253


def with_real_hosts(cleaned: str) -> str:
    """Return cleaned HTML with the host behind every link whose text names another. It must be cleaned again.

    Raises: TooComplex where it names more hosts in other scripts than can be compared in good time.
    """
    return _LINK.sub(_Hosts().told, cleaned) if "<a " in cleaned else cleaned


class _Hosts:
    """Compares the hosts that links claim with those they lead to."""

    def __init__(self) -> None:
        self.names_left = INTERNATIONAL_NAMES

    def told(self, link: re.Match[str]) -> str:
        target = _TARGET.search(link[0], 0, link.start(1) - link.start())
        claimed = self._claimed(link[1]) if target else ""
        host = self._host(unescape(target[1])) if target and claimed else ""
        if not host or _is_same(claimed, host) or link[2] == escape(host, quote=False):
            return link[0]
        return f"{link[0]} <small>[{escape(host, quote=False)}]</small>"

    def _claimed(self, content: str) -> str:
        if len(content) > _CLAIM_CHARACTERS:
            return ""
        claim = _CLAIM.fullmatch(unescape(_TAG.sub("", content)))
        return self._ascii(claim[1]) if claim else ""

    def _host(self, url: str) -> str:
        try:
            return self._ascii(urlsplit(url).hostname or "")
        except ValueError:
            return ""

    def _ascii(self, host: str) -> str:
        """Return a host as the network knows it, so that letters that look alike do not."""
        host = host.lower().strip(".")
        if host.isascii() or len(host) > _HOST_CHARACTERS:
            return host
        self.names_left -= 1
        if self.names_left < 0:
            raise TooComplex
        return _a_labels(host)


@lru_cache(maxsize=2 * INTERNATIONAL_NAMES)
def _a_labels(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return host


def _is_same(claimed: str, host: str) -> bool:
    claimed, host = claimed.removeprefix("www."), host.removeprefix("www.")
    return claimed == host or host.endswith(f".{claimed}")
