"""One mailbox's Maildir as it lies in one snapshot, or live: put messages in, move, flag, delete them.

What a mail client or server would do to the files is done at once, and to this tree only: messages
are links shared with other nights, so never write into one of them.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Self, Unpack

from demo.compose import Said, Words, compose
from demo.maildir import (
    MaildirFolder,
    Message,
    Placement,
    base_name,
    compress,
    crlf_size,
    digest,
    make_private_folder,
    modified_utf7,
    write_private,
)

Layout = Literal["maildir++", "fs"]
Encoding = Literal["mutf7", "utf8"]
INBOX = "INBOX"
FIRST_UIDVALIDITY = 1_578_390_000
SOMEONE = "Anna Neri <anna@example.org>"


@dataclass(slots=True)
class Manner:
    """How one mailbox's trees are written. `delivered` counts its messages, `generation` its births."""

    address: str
    layout: Layout
    encoding: Encoding
    delivered: int = 0
    generation: int = 0


class Tree:
    """A Maildir and what it holds. Folder names have `/` between their levels."""

    def __init__(self, path: Path, manner: Manner, *, until: datetime) -> None:
        self.path = path
        self.manner = manner
        self.until = until
        self.folders: dict[str, MaildirFolder] = {}

    def message(
        self,
        subject: str = "Ciao",
        *,
        source: bytes | None = None,
        received: datetime | None = None,
        folder: str = INBOX,
        flags: str = "",
        keywords: tuple[str, ...] = (),
        new: bool = False,
        listed: bool | None = None,
        guid: str | None = None,
        name: str | None = None,
        compressed: Literal["gz", "zstd"] | None = None,
        **said: Unpack[Said],
    ) -> Message:
        """Deliver a message and return its handle, good on every later night.

        `source` is stored verbatim, else the message is composed of what is said. `flags` are Maildir
        letters. `new` leaves it in new/, where no uidlist knows it unless `listed`; `name` is the base name.
        """
        self.manner.delivered += 1
        received = received or self.until - timedelta(hours=12) + timedelta(seconds=self.manner.delivered)
        source = self._composed(subject, received, said) if source is None else source
        base = name or self._base_name(source, received)
        placement = Placement(Message(guid or base, source, received), base, None, flags, keywords, new)
        listed = not new if listed is None else listed
        self._folder(folder).deliver(placement, compress(source, compressed), listed=listed)
        return placement.message

    def folder(self, name: str, *, subscribed: bool = True) -> Self:
        """Make a folder, or change its subscription. Parents are not made: Maildir++ needs none."""
        if name in self.folders:
            self.folders[name].subscribed = subscribed
        else:
            self._make(name, subscribed=subscribed)
        self._write_subscriptions()
        return self

    def remove_folder(self, name: str) -> Self:
        self.folders.pop(name).delete()
        self._write_subscriptions()
        return self

    def copy(self, message: Message, to: str) -> Self:
        source = self._folder(self.where(message))
        placement = self.placement(message)
        target = self._folder(to)
        taken = any(other.base == placement.base for other in target.placements)
        base = self._base_name(message.source, message.received) if taken else placement.base
        copy = Placement(message, base, None, placement.flags, placement.keywords)
        target.link(copy, source.file(placement))
        return self

    def move(self, message: Message, to: str) -> Self:
        source = self._folder(self.where(message))
        placement = self.placement(message)
        self.copy(message, to)
        source.remove(placement)
        return self

    def delete(self, message: Message, *, folder: str | None = None) -> Self:
        """Expunge the message, from one folder where several hold it. The uidlist keeps its line."""
        self._folder(folder or self.where(message)).remove(self.placement(message, folder=folder))
        return self

    def flag(self, message: Message, flags: str, *, keywords: tuple[str, ...] | None = None) -> Self:
        """Give the message these system flags, and these keywords instead of those it had."""
        placement = self.placement(message)
        kept = placement.keywords if keywords is None else keywords
        self._folder(self.where(message)).mark(placement, flags, kept)
        return self

    def where(self, message: Message) -> str:
        """Return the first folder that holds the message."""
        return next(name for name, folder in self.folders.items() if _find(folder, message))

    def placement(self, message: Message, *, folder: str | None = None) -> Placement:
        found = _find(self._folder(folder or self.where(message)), message)
        if found is None:
            raise LookupError(f"not in {folder}: {message.guid}")
        return found

    def file(self, message: Message, *, folder: str | None = None) -> Path:
        """Return where the message's file lies."""
        name = folder or self.where(message)
        return self._folder(name).file(self.placement(message, folder=name))

    def directory(self, folder: str = INBOX) -> Path:
        """Return the folder's directory, whether it exists or not."""
        if folder == INBOX:
            return self.path
        levels = [self._encoded(level) for level in folder.split("/")]
        return self.path.joinpath(*levels) if self.manner.layout == "fs" else self.path / ("." + ".".join(levels))

    def tidy(self, folder: str = INBOX) -> Self:
        """Rewrite the folder's uidlist, as Dovecot does once in a while."""
        self._folder(folder).rewrite_uidlist()
        return self

    def forget_uids(self, folder: str = INBOX) -> Self:
        """Remove the folder's uidlist, as where a server keeps it on another volume."""
        (self.directory(folder) / "dovecot-uidlist").unlink()
        return self

    def repair(self, folder: str = INBOX, *, guid: str) -> Self:
        """Give the folder another GUID, as Dovecot does when it lost the list."""
        self._folder(folder).guid = guid
        return self.tidy(folder)

    def begin(self) -> None:
        """Make an empty mailbox, another one than was here before."""
        self.manner.generation += 1
        make_private_folder(self.path)
        self._make(INBOX, subscribed=False)

    def derive(self, other: Tree) -> None:
        """Become a copy of another tree: messages linked, everything else copied."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(other.path, self.path, symlinks=True, copy_function=_copy_or_link)
        self.folders = {name: folder.copied_to(self.directory(name)) for name, folder in other.folders.items()}

    def rebase(self, path: Path) -> None:
        """Follow a tree that was moved to another place."""
        self.path = path
        for name, folder in self.folders.items():
            folder.path = self.directory(name)

    def _folder(self, name: str) -> MaildirFolder:
        return self.folders[name] if name in self.folders else self.folder(name).folders[name]

    def _make(self, name: str, *, subscribed: bool) -> None:
        marker = name != INBOX and self.manner.layout == "maildir++"
        guid = digest(self.manner.address, self.manner.generation, name)
        uidvalidity = FIRST_UIDVALIDITY + 1000 * self.manner.generation + len(self.folders)
        folder = MaildirFolder(self.directory(name), uidvalidity, guid, subscribed, marker)
        folder.create()
        self.folders[name] = folder
        self._write_uidvalidity(uidvalidity)

    def _write_uidvalidity(self, uidvalidity: int) -> None:
        for stale in self.path.glob("dovecot-uidvalidity.*"):
            stale.unlink()
        write_private(self.path / "dovecot-uidvalidity", f"{uidvalidity:08x}".encode())
        write_private(self.path / f"dovecot-uidvalidity.{uidvalidity:08x}", b"", mode=0o444)

    def _write_subscriptions(self) -> None:
        names = sorted(name for name, folder in self.folders.items() if folder.subscribed)
        lines = ["V\t2", "", *("\t".join(map(self._encoded, name.split("/"))) for name in names)]
        write_private(self.path / "subscriptions", "".join(f"{line}\n" for line in lines).encode())

    def _encoded(self, level: str) -> str:
        return level if self.manner.encoding == "utf8" else modified_utf7(level)

    def _base_name(self, source: bytes, received: datetime) -> str:
        self.manner.delivered += 1
        seconds = int(received.timestamp())
        return base_name(seconds, self.manner.delivered, stored_bytes=len(source), crlf_bytes=crlf_size(source))

    def _composed(self, subject: str, received: datetime, said: Said) -> bytes:
        sender = said.get("sender", SOMEONE)
        domain = sender.rpartition("@")[2].strip("<> ") or "example.org"
        words = Words(
            subject=subject,
            sender=sender,
            to=said.get("to") or self.manner.address,
            cc=said.get("cc", ""),
            date=said.get("date", received),
            message_id=f"<{digest(self.manner.address, self.manner.delivered)[:12]}@{domain}>",
            text=said.get("text", "A presto."),
            html=said.get("html"),
            attachments=said.get("attachments", ()),
            inline=said.get("inline", ()),
            headers=said.get("headers", {}),
        )
        return compose(words)


def _find(folder: MaildirFolder, message: Message) -> Placement | None:
    return next((placement for placement in folder.placements if placement.message is message), None)


def _copy_or_link(source: str, target: str) -> None:
    path = Path(source)
    if path.parent.name in ("cur", "new"):
        Path(target).hardlink_to(path)
    else:
        shutil.copy2(source, target)
