"""Every URL of the site, read from its resolver, with values filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from webmail.help import TOPICS

OPEN_TO_ALL = {
    "healthz",
    "readyz",
    "metrics",
    "webmail:login",
    "webmail:logout",
    "webmail:preferences",
    "webmail:brand_style",
    "webmail:brand_logo",
    "webmail:help",
    *(f"webmail:help_{name}" for name in TOPICS),
    "support:login",
    "support:enrol",
}
IDS = frozenset({"folder", "message"})


@dataclass(frozen=True, slots=True)
class Route:
    """One named URL and what it must be given."""

    name: str
    parameters: frozenset[str]

    def url(self, values: Mapping[str, Any]) -> str:
        """Return the URL with the values it takes; a parameter this test knows nothing of fails here."""
        return reverse(self.name, kwargs={parameter: values[parameter] for parameter in self.parameters})


def routes() -> list[Route]:
    return list(_routes(get_resolver(), ""))


def closed_routes() -> list[Route]:
    """Return what needs a reader."""
    return [route for route in routes() if route not in open_routes() and route not in console_routes()]


def open_routes() -> list[Route]:
    return [route for route in routes() if route.name in OPEN_TO_ALL]


def console_routes() -> list[Route]:
    """Return what needs an operator."""
    closed = [route for route in routes() if route.name not in OPEN_TO_ALL]
    return [route for route in closed if route.name.startswith("support:")]


def _routes(resolver: URLResolver, namespace: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield Route(f"{namespace}{pattern.name}", frozenset(pattern.pattern.converters))
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _routes(pattern, inner)
