"""Damaged mail read to its last part, and opened through the site: run by `tests.child` in processes of their own."""

import io
import shutil
import traceback
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.core.signals import got_request_exception
from django.test import Client
from django.urls import reverse

from demo.provider import Provider
from snapshots import headers
from snapshots.body import text_parts
from snapshots.mime import attachments, decoded, find_part, parse, text
from snapshots.snippets import snippet
from tests.child import cpu_seconds, peak_memory_mb, standing_site
from tests.mutants import mutant, originals
from tests.routes import routes
from tests.served import ALICE
from webmail.documents import html_document, text_document
from webmail.opened import opened as opened_message

DAY = date(2026, 11, 21)
BATCH = 250
HEAD_BYTES = 16 * 1024
PARTS_OPENED = 5
DOCUMENT_PARAMETERS = {"day", "message"}
NEVER_MISSING = {"list", "message", "webmail:body", "webmail:text", "webmail:headers"}
MESSAGE_PANE = {"HX-Request": "true", "HX-Target": "message"}


def read(data: bytes) -> None:
    """Read all of a message, in every way a page does."""
    source = io.BytesIO(data)
    message = parse(source)
    headers.envelope_of(data[:HEAD_BYTES])
    headers.fields(message.header_block)
    attachments(message)
    for part in message.parts:
        assert find_part(message, part.number) is part
        assert 0 <= part.header_start <= part.body_start <= part.body_end <= len(data)
        for _ in decoded(source, part):
            pass
    for part in {*text_parts(message).text, *text_parts(message).html}:
        text(source, part).encode()
    snippet(parse(io.BytesIO(data[:HEAD_BYTES])), data[:HEAD_BYTES]).encode()
    for document in (html_document, text_document):
        document(opened_message(io.BytesIO(data))).encode()


def opened(first: int, stop: int, whole: bool = False) -> dict[str, Any]:
    """Read these mutants and open them through the site; with `whole`, those before them and the messages themselves.

    Returns how many answers of each status there were, what failed, and the most that was used.
    """
    sources = originals()
    numbers = range(-len(sources) if whole else first, stop)
    found = _Found()
    with standing_site() as (alice, directory, serve):
        for start in range(0, len(numbers), BATCH):
            batch = [(number, damaged(sources, number)) for number in numbers[start : start + BATCH]]
            for number, data in batch:
                found.read(number, data)
            provider = Provider(directory / str(start))
            night = provider.mailbox(ALICE).night(DAY)
            for _, data in batch:
                night.message(source=data)
            serve(provider)
            found.open_all(alice, len(batch))
            shutil.rmtree(provider.volume)
    return {
        "statuses": dict(found.statuses),
        "failed": found.failed,
        "slowest_seconds": found.slowest_seconds,
        "memory_mb": peak_memory_mb(),
    }


def damaged(sources: list[bytes], number: int) -> bytes:
    """Return the mutant of that number; below 0 the messages themselves."""
    return mutant(sources, number) if number >= 0 else sources[number]


class _Found:
    """What became of the messages so far."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.failed: list[str] = []
        self.slowest_seconds = 0.0
        self.traceback = ""
        got_request_exception.connect(self._remember, weak=False)

    def _remember(self, **_: object) -> None:
        self.traceback = traceback.format_exc()[-1500:]

    def read(self, number: int, data: bytes) -> None:
        try:
            read(data)
        except Exception:  # each must be known by its number
            self.failed.append(f"{number}: {traceback.format_exc()[-1500:]}")

    def open_all(self, alice: Client, count: int) -> None:
        url: str | None = reverse("webmail:folder", args=[DAY, "inbox"])
        rows: list[str] = []
        while url:
            page = self._get(alice, "list", url)
            context = page.context or {}
            rows += [row.id for row in context.get("rows", ())]
            url = context.get("older_url")
        if len(rows) != count:
            self.failed.append(f"{count} messages, {len(rows)} rows")
        for row in rows:
            for url in self._urls(alice, row):
                self._get(alice, "part", url)

    def _urls(self, alice: Client, row: str) -> Iterator[str]:
        page = self._get(alice, "message", reverse("webmail:message", args=[DAY, "inbox", row]), MESSAGE_PANE)
        for route in routes():
            if route.parameters == DOCUMENT_PARAMETERS:
                self._get(alice, route.name, route.url({"day": DAY, "message": row}))
        yield from [link.url for link in (page.context or {}).get("message", {}).get("attachments", ())][:PARTS_OPENED]

    def _get(self, alice: Client, name: str, url: str, extra: dict[str, str] | None = None) -> Any:
        began = cpu_seconds()
        response: Any = alice.get(url, headers=extra or {})
        for _ in response.streaming_content if response.streaming else ():
            pass
        response.close()
        self.slowest_seconds = max(self.slowest_seconds, cpu_seconds() - began)
        self.statuses[f"{name} {response.status_code}"] += 1
        if response.status_code >= 500 or (response.status_code != 200 and name in NEVER_MISSING):
            self.failed.append(f"{response.status_code} {url}: {self.traceback}")
        return response
