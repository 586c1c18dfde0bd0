"""The messages of a night as a restore sends them: found by its lines, measured, every line ended by CRLF."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from restores.models import Line, Reason
from snapshots.archive import Mailbox
from snapshots.catalogue import Located
from snapshots.engines.base import HEADS_AT_ONCE
from snapshots.errors import FolderNotFound, MessageNotFound, SourceDamaged
from snapshots.headers import field
from snapshots.types import Entry, Flag, Folder, message_id

CHUNK_BYTES = 256 * 1024
SYSTEM_FLAGS = {Flag.SEEN: "\\Seen", Flag.ANSWERED: "\\Answered", Flag.FLAGGED: "\\Flagged", Flag.DRAFT: "\\Draft"}
FORWARDED = "$Forwarded"
_MORE_CR = re.compile(rb"\r(\r+\n)")


class Unusable(Exception):
    """The message cannot be restored; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a message comes to with CRLF, and whether it has CR too many: several before an LF, or one at its end."""

    size_bytes: int
    digest: str
    has_more_cr: bool = False


class Sources:
    """Finds and reads what the lines of a request stand for; each folder is listed once."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self._listed: dict[str, tuple[Folder, dict[str, Entry]]] = {}

    def located(self, line: Line) -> Located:
        """Return where a line's message lies. Raises: Unusable."""
        try:
            folder, entries = self._folder(line.folder_id)
            return Located(folder, entries[line.message_id])
        except (FolderNotFound, KeyError):
            raise Unusable(Reason.VANISHED) from None

    def chunks(self, line: Line) -> Iterator[bytes]:
        """Yield a line's message with CRLF. Raises: Unusable."""
        yield from self.chunks_of(self.located(line))

    def chunks_of(self, located: Located) -> Iterator[bytes]:
        """Yield the message that lies there with CRLF. Raises: Unusable."""
        try:
            with self.mailbox.open_source(located) as stream:
                yield from with_crlf(iter(lambda: stream.read(CHUNK_BYTES), b""))
        except MessageNotFound:
            raise Unusable(Reason.VANISHED) from None
        except SourceDamaged:
            raise Unusable(Reason.DAMAGED) from None

    def measure(self, line: Line) -> Measured:
        """Read a message to its end. Raises: Unusable, also for what no server takes as it is."""
        digest, size_bytes, has_more_cr, end = hashlib.sha256(), 0, False, b""
        for chunk in self.chunks(line):
            if b"\0" in chunk:
                raise Unusable(Reason.NUL)
            digest.update(chunk)
            size_bytes += len(chunk)
            has_more_cr = has_more_cr or b"\r\r\n" in end + chunk
            end = (end + chunk)[-2:]
        if not size_bytes:
            raise Unusable(Reason.EMPTY)
        return Measured(size_bytes, digest.hexdigest(), has_more_cr or end.endswith(b"\r"))

    def measure_plain(self, line: Line) -> Measured:
        """Measure what Dovecot keeps of a message that has CR too many. Raises: Unusable."""
        digest, size_bytes = hashlib.sha256(), 0
        for chunk in with_fewer_cr(self.chunks(line)):
            digest.update(chunk)
            size_bytes += len(chunk)
        return Measured(size_bytes, digest.hexdigest())

    def message_ids(self, lines: Sequence[Line]) -> dict[int, str]:
        """Return the Message-IDs of lines, by their place; empty for a message that has none."""
        found: dict[int, str] = {}
        for folder_id in dict.fromkeys(line.folder_id for line in lines):
            mine = {line.message_id: line.place for line in lines if line.folder_id == folder_id}
            folder, entries = self._folder(folder_id)
            wanted = [entries[each] for each in mine if each in entries]
            for start in range(0, len(wanted), HEADS_AT_ONCE):
                for head in self.mailbox.heads(folder, wanted[start : start + HEADS_AT_ONCE]):
                    place = mine[message_id(head.entry.guid, head.entry.ordinal)]
                    found[place] = field(head.data, "message-id")
        return found

    def _folder(self, folder_id: str) -> tuple[Folder, dict[str, Entry]]:
        if folder_id not in self._listed:
            folder = self.mailbox.catalogue.folder(folder_id)
            entries = self.mailbox.entries(folder)
            self._listed[folder_id] = folder, {message_id(each.guid, each.ordinal): each for each in entries}
        return self._listed[folder_id]


def flags_of(entry: Entry) -> list[str]:
    """Return a message's flags as IMAP has them; deleted is none that anybody wants back."""
    system = [name for flag, name in SYSTEM_FLAGS.items() if flag in entry.flags]
    forwarded = [FORWARDED] if Flag.FORWARDED in entry.flags else []
    return list(dict.fromkeys([*system, *forwarded, *entry.keywords]))


def with_crlf(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes with CR before every LF that has none."""
    ended_by_cr = False
    for chunk in chunks:
        text = chunk.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        # The CR before this LF came with the chunk before.
        yield text[1:] if ended_by_cr and chunk.startswith(b"\n") else text
        ended_by_cr = chunk.endswith(b"\r")


def with_fewer_cr(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes with one CR less where several come before an LF, and where one comes at the end."""
    kept = b""
    for chunk in chunks:
        text = kept + chunk
        end = len(text.rstrip(b"\r"))
        kept = text[end:]
        yield _MORE_CR.sub(rb"\1", text[:end])
    yield kept[1:]
