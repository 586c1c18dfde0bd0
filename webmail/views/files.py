"""What leaves: a message's stored bytes, and its attachments."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import BinaryIO

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from access.http import FILE_CSP, limit_patience, untrusted, untrusted_file
from access.mailboxes import open_mailbox, record
from access.models import Action
from snapshots.filenames import clean_filename
from snapshots.mime import decoded, find_part, parse
from webmail.filenames import message_filename
from webmail.located import located as located_in

CHUNK_BYTES = 256 * 1024


@untrusted(FILE_CSP)
@require_GET
def source(request: HttpRequest, day: date, message: str) -> HttpResponseBase:
    """Download one message."""
    return stored_message(request, day, message)


def stored_message(request: HttpRequest, day: date, message: str) -> HttpResponseBase:
    """Answer a message byte for byte as it lay in the snapshot, on record."""
    with open_mailbox(request, day, doing=Action.DOWNLOAD) as mailbox:
        located = located_in(request, mailbox, message)
        row = mailbox.catalogue.row(located)
        record(request, Action.DOWNLOAD, mailbox, located)
        stream = mailbox.open_source(located)
    limit_patience(request)
    content = OpenContent(stream, iter(partial(stream.read, CHUNK_BYTES), b""))
    return untrusted_file(content, filename=message_filename(row), size_bytes=_size_bytes(stream))


@untrusted(FILE_CSP)
@require_GET
def part(request: HttpRequest, day: date, message: str, number: str, name: str) -> HttpResponseBase:
    """Download one attachment. Its name in the URL is decoration: the number finds it."""
    with open_mailbox(request, day, doing=Action.DOWNLOAD) as mailbox:
        located = located_in(request, mailbox, message)
        with mailbox.open_source(located) as source:
            wanted = find_part(parse(source), number)
        record(request, Action.DOWNLOAD, mailbox, located)
        stream = mailbox.open_source(located)
    limit_patience(request)
    return untrusted_file(OpenContent(stream, decoded(stream, wanted)), filename=clean_filename(wanted.filename))


def _size_bytes(stream: BinaryIO) -> int | None:
    """Return how many bytes a stream holds; None where it would have to be decompressed to know."""
    try:
        size_bytes = stream.seek(0, io.SEEK_END)
    except io.UnsupportedOperation:
        return None
    stream.seek(0)
    return size_bytes


@dataclass(frozen=True, slots=True)
class OpenContent:
    """What is read of an open file. The answer closes it, also when nobody waited for the first byte."""

    stream: BinaryIO
    chunks: Iterable[bytes]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.chunks)

    def close(self) -> None:
        self.stream.close()
