"""Which message a URL means that names no folder."""

from django.http import HttpRequest

from snapshots.archive import Mailbox
from snapshots.catalogue import Located
from snapshots.errors import NotFound

FOLDER = "folder"


def located(request: HttpRequest, mailbox: Mailbox, message_id: str) -> Located:
    """Return the message, in the folder that the URL's parameter hints at, else in any.

    Two folders may hold different messages of one file name, and so of one id: our own links say which.
    Raises: MessageNotFound.
    """
    try:
        return mailbox.catalogue.find(message_id, mailbox.catalogue.folder(request.GET.get(FOLDER, "")))
    except NotFound:
        return mailbox.catalogue.find(message_id)
