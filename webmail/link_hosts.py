"""Links that say one host and lead to another: the real one is written beside them."""

import re
from html import escape, unescape
from urllib.parse import urlsplit

import idna

# In HTML the cleaner wrote: attributes in double quotes, links not within links.
_LINK = re.compile(r'<a (?:[^<>"]|"[^"]*")*>(.*?)</a>(?: <small>\[([^<>]*)\]</small>)?', re.DOTALL)
_TARGET = re.compile(r' href="(https?://[^"]*)"', re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_CLAIM = re.compile(r"\s*(?:https?://)?((?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62})(?:[:/?#]\S*)?\s*", re.IGNORECASE)
_CLAIM_CHARACTERS = 2_000


def with_real_hosts(cleaned: str) -> str:
    """Return cleaned HTML with the host behind every link whose text names another. It must be cleaned again."""
    return _LINK.sub(_told, cleaned) if "<a " in cleaned else cleaned


def _told(link: re.Match[str]) -> str:
    target = _TARGET.search(link[0], 0, link.start(1) - link.start())
    host = _host(unescape(target[1])) if target else ""
    claimed = _claimed(link[1])
    if not host or not claimed or _is_same(claimed, host) or link[2] == escape(host, quote=False):
        return link[0]
    return f"{link[0]} <small>[{escape(host, quote=False)}]</small>"


def _claimed(content: str) -> str:
    if len(content) > _CLAIM_CHARACTERS:
        return ""
    claim = _CLAIM.fullmatch(unescape(_TAG.sub("", content)))
    return _ascii(claim[1]) if claim else ""


def _host(url: str) -> str:
    try:
        return _ascii(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def _ascii(host: str) -> str:
    """Return a host as the network knows it, so that letters that look alike do not."""
    host = host.lower().strip(".")
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return host


def _is_same(claimed: str, host: str) -> bool:
    claimed, host = claimed.removeprefix("www."), host.removeprefix("www.")
    return claimed == host or host.endswith(f".{claimed}")
