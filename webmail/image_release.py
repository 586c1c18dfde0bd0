"""The leave to load one message's remote pictures: signed, for this reader and message, never kept.

There is no proxy: the reader's own browser asks the sender's server, who learns that the mail was opened.
"""

from datetime import date

from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from access.mailboxes import required_reader
from snapshots.types import token

RELEASE_SECONDS = 3600
PARAMETER = "images"
SALT = "webmail.image_release"


def release(request: HttpRequest, day: date, message: str) -> str:
    """Return a token for the frame's address that lets it load remote pictures for an hour."""
    return signing.TimestampSigner(salt=SALT).sign(_digest(request, day, message))


def is_released(request: HttpRequest, day: date, message: str) -> bool:
    """Tell whether the request carries a token of this reader for this message."""
    try:
        signed = request.GET.get(PARAMETER, "")
        subject = signing.TimestampSigner(salt=SALT).unsign(signed, max_age=RELEASE_SECONDS)
    except signing.BadSignature:
        return False
    return constant_time_compare(subject, _digest(request, day, message))


def _digest(request: HttpRequest, day: date, message: str) -> str:
    """Return what the token stands for; a digest, since addresses have no place in a URL."""
    reader = required_reader(request)
    return token("\n".join((reader.role, reader.name, reader.account.address, day.isoformat(), message)))
