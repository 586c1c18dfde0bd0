"""Which message a URL means, and what was read of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.http import HttpRequest

from snapshots.archive import Mailbox
from snapshots.catalogue import Located
from snapshots.errors import NotFound, SourceDamaged
from webmail.opened import Opened, opened

FOLDER = "folder"
PART = "part"


def located(request: HttpRequest, mailbox: Mailbox, message_id: str) -> Located:
    """Return the message, in the folder that the URL's parameter hints at, else in any.

    Two folders may hold different messages of one file name, and so of one id: our own links say which.
    Raises: MessageNotFound.
    """
    try:
        return mailbox.catalogue.find(message_id, mailbox.catalogue.folder(request.GET.get(FOLDER, "")))
    except NotFound:
        return mailbox.catalogue.find(message_id)


@contextmanager
def opened_message(request: HttpRequest, mailbox: Mailbox, located: Located) -> Iterator[Opened | None]:
    """Open the message for as long as the block lasts; the one attached to it where the URL names its part.

    None when its stored bytes cannot be read to their end. Raises: PartNotFound, and what `Mailbox.open_source` raises.
    """
    try:
        source = mailbox.open_source(located)
    except SourceDamaged:
        yield None
        return
    with source:
        yield _opened(source, request.GET.get(PART, ""))


def _opened(source: BinaryIO, number: str) -> Opened | None:
    try:
        return opened(source, number)
    except SourceDamaged:
        return None
