"""What of a night a request means: one line for every message, before anything else is asked of it."""

from collections.abc import Iterator, Sequence

from access.models import milliseconds
from restores.models import Line, Outcome, Reason, RestoreRequest, What
from restores.sources import flags_of
from snapshots.archive import Mailbox
from snapshots.engines.base import HEADS_AT_ONCE
from snapshots.errors import EngineUnavailable, FolderNotFound
from snapshots.types import Entry, Folder, FolderState, Role, message_id, token

LEFT_OUT = {Role.TRASH, Role.JUNK}


class Survey:
    """Writes a request's lines, in the order of the night; `unreadable` names folders that could not be read."""

    def __init__(self, restore: RestoreRequest, mailbox: Mailbox) -> None:
        self._restore = restore
        self._mailbox = mailbox
        self._count = 0
        self.unreadable: list[str] = []

    def write(self) -> int:
        """Write the lines anew and return how many there are. Raises: the engine's errors."""
        self._restore.lines.all().delete()
        if self._restore.what == What.MESSAGES:
            self._write_messages()
        else:
            for folder in self._folders():
                self._write_folder(folder, self._entries(folder))
        return self._count

    def _folders(self) -> Iterator[Folder]:
        folders = [count.folder for count in self._mailbox.catalogue.folders()]
        if self._restore.what == What.FOLDERS:
            yield from (folder for folder in folders if folder.id in self._restore.folders)
            return
        left_out = [] if self._restore.with_trash else [each.levels for each in folders if each.role in LEFT_OUT]
        for folder in folders:
            if not any(folder.levels[: len(levels)] == levels for levels in left_out):
                yield folder

    def _entries(self, folder: Folder) -> Sequence[Entry]:
        if folder.state is FolderState.LISTED:
            try:
                return self._mailbox.entries(folder)
            except EngineUnavailable:
                pass
        self.unreadable.append("/".join(folder.levels))
        return ()

    def _write_messages(self) -> None:
        chosen: dict[str, list[str]] = {}
        for folder_id, each in self._restore.messages:
            chosen.setdefault(folder_id, []).append(each)
        for folder_id, ids in chosen.items():
            try:
                folder = self._mailbox.catalogue.folder(folder_id)
                entries = {message_id(each.guid, each.ordinal): each for each in self._entries(folder)}
            except FolderNotFound:
                folder, entries = None, {}
            if folder is not None:
                self._write_folder(folder, [entries[each] for each in dict.fromkeys(ids) if each in entries])
            self._write_vanished(folder_id, [each for each in dict.fromkeys(ids) if each not in entries])

    def _write_folder(self, folder: Folder, entries: Sequence[Entry]) -> None:
        for start in range(0, len(entries), HEADS_AT_ONCE):
            some = entries[start : start + HEADS_AT_ONCE]
            dates = {(each.entry.guid, each.entry.ordinal): each for each in self._mailbox.heads(folder, some)}
            lines = [self._line(folder, entry) for entry in some]
            for line, entry in zip(lines, some, strict=True):
                head = dates.get((entry.guid, entry.ordinal))
                if head is None:
                    line.outcome, line.reason = Outcome.REFUSED.value, Reason.DAMAGED.value
                else:
                    # A server keeps whole seconds.
                    line.internal_date_ms = milliseconds(head.internal_date.replace(microsecond=0))
            Line.objects.bulk_create(lines)

    def _write_vanished(self, folder_id: str, ids: Sequence[str]) -> None:
        gone = Outcome.REFUSED.value, Reason.VANISHED.value
        Line.objects.bulk_create(
            Line(restore=self._restore, place=self._next(), folder_id=folder_id, message_id=each, guid="",
                 outcome=gone[0], reason=gone[1])
            for each in ids
        )  # fmt: skip

    def _line(self, folder: Folder, entry: Entry) -> Line:
        return Line(
            restore=self._restore,
            place=self._next(),
            folder_id=folder.id,
            levels=[_writable(level) for level in folder.levels],
            message_id=message_id(entry.guid, entry.ordinal),
            guid=token(entry.guid),
            ordinal=entry.ordinal,
            flags=flags_of(entry),
        )

    def _next(self) -> int:
        self._count += 1
        return self._count


def _writable(level: str) -> str:
    """Return a folder's name without what no server and no database takes: bytes that are no text."""
    return level.encode("utf-8", "replace").decode()
