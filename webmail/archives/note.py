"""The note that lies in an archive when something that was asked for is missing from it."""

from collections.abc import Sequence

from django.utils.translation import gettext, ngettext

from webmail import wording
from webmail.archives.contents import Cause, Lost

SUBJECT_LENGTH = 200


def name() -> str:
    return gettext("README.txt")


def text(lost: Sequence[Lost]) -> str:
    """Return the note's text, its lines as Windows ends them."""
    opening = ngettext(
        "%(count)s thing that was asked for is missing from this download:",
        "%(count)s things that were asked for are missing from this download:",
        len(lost),
    ) % {"count": len(lost)}
    closing = gettext("Everything else is here, byte for byte as it lay in the copy.")
    lines = [opening, "", *(f"- {sentence(each)}" for each in lost), "", closing]
    return "".join(f"{line}\r\n" for line in lines)


def message(lost: Sequence[Lost]) -> bytes:
    """Return the note as a message, for containers that hold nothing else."""
    head = f"From: MAILER-DAEMON\nSubject: {name()}\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
    return f"{head}Content-Transfer-Encoding: 8bit\n\n{text(lost)}".encode()


def sentence(lost: Lost) -> str:
    """Return one line that names what is missing, and why."""
    if lost.row is None and lost.folder is not None:
        return gettext("%(folder)s: this folder could not be read") % {"folder": wording.folder_name(lost.folder)}
    if lost.row is None:
        return gettext("A message that this copy does not hold")
    subject = lost.row.envelope.subject or gettext("(no subject)")
    what = f"{wording.moment(lost.row.internal_date)}, {_one_line(subject)}"
    if lost.cause is Cause.VANISHED:
        return gettext("%(message)s: it is no longer in this copy") % {"message": what}
    return gettext("%(message)s: it is damaged in this copy") % {"message": what}


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:SUBJECT_LENGTH])
