"""What leaves: a message's stored bytes, and its attachments."""

import io
from contextlib import ExitStack
from datetime import date
from functools import partial
from typing import BinaryIO

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from access.http import FILE_CSP, limit_patience, untrusted, untrusted_file, untrusted_picture
from access.mailboxes import open_mailbox, record
from access.models import Action
from snapshots.errors import PartNotFound
from snapshots.mime import decoded, find_part, parse
from webmail.archives import parts, zip
from webmail.filenames import attachments_filename, message_filename
from webmail.located import located as located_in
from webmail.located import opened_message
from webmail.opened import opened, part_name
from webmail.sending import Sending

CHUNK_BYTES = 256 * 1024


@untrusted(FILE_CSP)
@require_GET
def eml(request: HttpRequest, day: date, message: str) -> HttpResponseBase:
    """Download one message byte for byte as it lay in the snapshot, on record."""
    with open_mailbox(request, day, doing=Action.DOWNLOAD) as mailbox:
        located = located_in(request, mailbox, message)
        row = mailbox.catalogue.row(located)
        record(request, Action.DOWNLOAD, mailbox, located)
        stream = mailbox.open_source(located)
    limit_patience(request)
    size_bytes = _size_bytes(stream)
    content = Sending.begun(iter(partial(stream.read, CHUNK_BYTES), b""), stream)
    return untrusted_file(content, filename=message_filename(row), size_bytes=size_bytes)


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
    return untrusted_file(Sending.begun(decoded(stream, wanted), stream), filename=part_name(wanted))


@untrusted(FILE_CSP)
@require_GET
def attachments(request: HttpRequest, day: date, message: str) -> HttpResponseBase:
    """Download everything attached to a message as one ZIP archive."""
    with ExitStack() as resources:
        mailbox = resources.enter_context(open_mailbox(request, day, doing=Action.DOWNLOAD))
        located = located_in(request, mailbox, message)
        row = mailbox.catalogue.row(located)
        read = resources.enter_context(opened_message(request, mailbox, located))
        if read is None or not read.offered:
            raise PartNotFound
        members = parts.members(read, row.internal_date)
        record(request, Action.DOWNLOAD, mailbox, located)
        limit_patience(request)
        content = Sending.begun(zip.stream(members), resources.pop_all())
    return untrusted_file(content, filename=attachments_filename(row), size_bytes=zip.size_bytes(members))


@untrusted(FILE_CSP)
@require_GET
def thumbnail(request: HttpRequest, day: date, message: str, number: str) -> HttpResponseBase:
    """Answer an attached picture, for the page to draw small; only what is one by its first bytes."""
    with open_mailbox(request, day, doing=Action.OPEN) as mailbox:
        located = located_in(request, mailbox, message)
        with mailbox.open_source(located) as source:
            read = opened(source)
            wanted = find_part(read.message, number)
            kind = read.picture_type(wanted)
            if kind is None:
                raise PartNotFound
            return untrusted_picture(b"".join(read.content(wanted)), kind=kind)


def _size_bytes(stream: BinaryIO) -> int | None:
    """Return how many bytes a stream holds; None where it would have to be decompressed to know."""
    try:
        size_bytes = stream.seek(0, io.SEEK_END)
    except io.UnsupportedOperation:
        return None
    stream.seek(0)
    return size_bytes
