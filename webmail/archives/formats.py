"""The formats a download or an export can have."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import ModuleType

from webmail.archives import eml, maildir, mbox, note, tar, zip
from webmail.archives.contents import Contents
from webmail.archives.members import Member, text_member


class Format(StrEnum):
    """What a reader chooses among; the value is that of the form."""

    EML = "eml"
    MBOX = "mbox"
    MAILDIR = "maildir"
    MAILDIR_TAR = "maildir-tar"

    @property
    def ending(self) -> str:
        """What the name of an archive of several messages ends with."""
        return ENDINGS[self]


ENDINGS = {
    Format.EML: ".zip",
    Format.MBOX: ".mbox",
    Format.MAILDIR: "_maildir.zip",
    Format.MAILDIR_TAR: "_maildir.tar",
}
Arrange = Callable[[Contents, datetime], Iterator[Member]]
ARRANGED: dict[Format, Arrange] = {
    Format.EML: lambda contents, made_at: eml.members(contents, reserved=note.name()),
    Format.MAILDIR: lambda contents, made_at: maildir.members(contents, separator=maildir.SEMICOLON, made_at=made_at),
    Format.MAILDIR_TAR: lambda contents, made_at: maildir.members(contents, separator=maildir.COLON, made_at=made_at),
}


@dataclass(frozen=True, slots=True)
class Packing:
    """An archive about to leave: its bytes, and how many they are where that can be known."""

    format: Format
    contents: Contents
    made_at: datetime

    def chunks(self) -> Iterator[bytes]:
        """Yield the archive. Raises: what reading a message raises, in the middle."""
        if self.format is Format.MBOX:
            return mbox.stream(self.contents.messages, self._note_as_message())
        chunks: Iterator[bytes] = self._framing.stream(self._members())
        return chunks

    @property
    def size_bytes(self) -> int | None:
        """The size of the whole, if nothing in `contents` waits to be measured; None where only the end tells."""
        return None if self.format is Format.MBOX else self._framing.size_bytes(self._members())

    @property
    def _framing(self) -> ModuleType:
        return tar if self.format is Format.MAILDIR_TAR else zip

    def _members(self) -> Iterator[Member]:
        yield from ARRANGED[self.format](self.contents, self.made_at)
        if self.contents.lost:
            yield text_member(note.name(), note.text(self.contents.lost), self.made_at)

    def _note_as_message(self) -> Iterator[bytes]:
        if self.contents.lost:
            yield note.message(self.contents.lost)


def packing(format_: Format, contents: Contents) -> Packing:
    return Packing(format_, contents, datetime.now(UTC))
