"""What a reader chose to download: found and measured, or refused in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from snapshots.archive import Mailbox
from snapshots.catalogue import Located, Row
from snapshots.errors import FolderNotFound, MessageNotFound
from snapshots.types import Folder
from webmail import wording
from webmail.archives import note
from webmail.archives.contents import Cause, Lost, Packable, measured

MEGABYTE = 1 << 20


class Refusal(Exception):
    """Nothing is downloaded: why, in words, and what of the choice can never be."""

    def __init__(self, sentence: str, *, status: int = 422, lost: Sequence[Lost] = ()) -> None:
        self.sentence = sentence
        self.status = status
        self.lost = lost
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Choice:
    """Messages of one night, in the order they were chosen, each once."""

    mailbox: Mailbox
    ids: Sequence[str]
    found: Sequence[Located]
    rows: Sequence[Row]

    @classmethod
    def of(cls, mailbox: Mailbox, ids: Sequence[str], *, open_folder: str = "") -> Self:
        """Return what was chosen; a message that several folders hold is that of the folder that was open."""
        ids = list(dict.fromkeys(ids))
        by_id = mailbox.catalogue.find_all(ids, first=_folder(mailbox, open_folder))
        found = [by_id[each] for each in ids if each in by_id]
        return cls(mailbox, ids, found, mailbox.catalogue.rows(found))

    def measured(self) -> tuple[list[Packable], list[Lost]]:
        """Return the messages that can go, and what cannot. Raises: Refusal; MessageNotFound for ids of nothing."""
        if not self.ids:
            raise Refusal(gettext("Select at least one message."))
        if len(self.ids) > settings.MTM_DOWNLOAD_LIMIT:
            raise Refusal(_limit_sentence())
        if not self.found:
            raise MessageNotFound
        messages, lost = self._sorted_out()
        if not messages:
            raise Refusal(gettext("Nothing of this can be read in this copy."), lost=lost)
        return messages, lost

    def _sorted_out(self) -> tuple[list[Packable], list[Lost]]:
        most_bytes = settings.MTM_DOWNLOAD_SIZE_MB * MEGABYTE
        messages: list[Packable] = []
        lost = [Lost(Cause.VANISHED)] * (len(self.ids) - len(self.found))
        for located, row in zip(self.found, self.rows, strict=True):
            match measured(self.mailbox, located, row, most_bytes=most_bytes):
                case Packable() as message:
                    messages.append(message)
                    most_bytes -= message.size_bytes
                case missing:
                    lost.append(missing)
            if most_bytes < 0:
                raise Refusal(_size_sentence())
        return messages, lost


def _folder(mailbox: Mailbox, folder_id: str) -> Folder | None:
    try:
        return mailbox.catalogue.folder(folder_id)
    except FolderNotFound:
        return None


@dataclass(frozen=True, slots=True)
class Chosen:
    """One chosen message as the page of a refusal lists it."""

    id: str
    subject: str
    moment: str
    size: str


def refusal_context(choice: Choice, refusal: Refusal) -> dict[str, Any]:
    """Return what the page of a refusal shows: why, and the choice, to be changed and sent again."""
    day = choice.mailbox.night.day
    listed = zip(choice.found, choice.rows, strict=True) if len(refusal.lost) < len(choice.ids) else ()
    return {
        "sentence": refusal.sentence,
        "lost": [note.sentence(lost) for lost in refusal.lost],
        "chosen": [_chosen(located, row) for located, row in listed],
        "folder_id": choice.found[0].folder.id if choice.found else "",
        "download_url": reverse("webmail:download", args=[day]),
        "back_url": reverse("webmail:folder", args=[day, choice.found[0].folder.id])
        if choice.found
        else reverse("webmail:mailbox", args=[day]),
    }


def _chosen(located: Located, row: Row) -> Chosen:
    subject = row.envelope.subject or (gettext("(damaged message)") if row.is_damaged else gettext("(no subject)"))
    return Chosen(located.id, subject, wording.moment(row.internal_date), wording.size(row.size_bytes))


def _limit_sentence() -> str:
    words = gettext(
        "You can download %(download_limit)s messages at a time. Download these, then go on with the others."
    )
    return words % {"download_limit": settings.MTM_DOWNLOAD_LIMIT}


def _size_sentence() -> str:
    size = f"{wording.number(settings.MTM_DOWNLOAD_SIZE_MB)} MB"
    return gettext("These messages exceed %(size)s. Download fewer at a time.") % {"size": size}
