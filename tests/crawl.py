"""A reader who opens everything: every page of every list, every message, all that belongs to it."""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any

from django.test import Client
from django.urls import reverse

from snapshots.accounts import parse_address
from snapshots.configured import archive

DOCUMENTS = ("body", "text", "print", "headers", "source")


@dataclass(frozen=True, slots=True)
class Visit:
    """One answer, read to its end. `milliseconds` is how long that took."""

    name: str
    url: str
    status: int
    content: bytes
    milliseconds: float
    response: Any

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def visit(client: Client, name: str, url: str, form: Mapping[str, str] | None = None) -> Visit:
    """Open a URL; what takes a form only is sent this one."""
    began = time.perf_counter()
    response = client.get(url)
    if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response = client.post(url, form or {})
    content = response.getvalue()
    return Visit(name, url, response.status_code, content, (time.perf_counter() - began) * 1000, response)


def folder_ids(address: str, day: date) -> list[str]:
    """Return the ids of all folders of a mailbox, shown on its pages or not."""
    with archive().open_mailbox(parse_address(address), day) as mailbox:
        return [count.folder.id for count in mailbox.catalogue.folders()]


def lists(client: Client, day: date, folder: str = "inbox") -> Iterator[Visit]:
    """Yield a folder's pages, following the link to older messages."""
    url = reverse("webmail:folder", args=[day, folder])
    while url:
        page = visit(client, "list", url)
        yield page
        url = page.response.context["older_url"]


def messages(client: Client, day: date, message: str, folder: str = "inbox") -> Iterator[Visit]:
    """Yield a message's page, its documents, its source, and every attachment its page offers."""
    page = visit(client, "message", reverse("webmail:message", args=[day, folder, message]))
    yield page
    for name in (*DOCUMENTS, "eml"):
        yield visit(client, name, reverse(f"webmail:{name}", args=[day, message]) + f"?folder={folder}")
    for url in part_urls(page):
        yield visit(client, "part", url)


def part_urls(page: Visit) -> list[str]:
    """Return where a message's page says its attachments are."""
    return re.findall(r'href="([^"]*/parts/[^"]*)"', page.content.decode())


def crawl(client: Client, day: date, folder: str = "inbox", *, known: Sequence[str] = ()) -> Iterator[Visit]:
    """Yield everything of a folder but the messages already `known`."""
    pages = list(lists(client, day, folder))
    yield from pages
    for row in [row for page in pages for row in page.response.context["rows"]]:
        if row.id not in known:
            yield from messages(client, day, row.id, folder)
