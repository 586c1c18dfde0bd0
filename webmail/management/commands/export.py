"""`manage.py export ACCOUNT --day D`: a folder or a whole night in one file, for operators at the shell."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from access import audit
from access.models import Action
from snapshots import configured
from snapshots.accounts import BadAddress
from snapshots.archive import Mailbox
from snapshots.errors import FolderNotFound, SnapshotError
from snapshots.types import Account, Folder
from webmail.archives import note
from webmail.archives.contents import Contents
from webmail.archives.formats import Format, packing
from webmail.archives.whole import whole
from webmail.progress import Progress

STANDARD_OUTPUT = "-"
UNFINISHED = ".part"


class Command(BaseCommand):
    help = "Write a folder or a whole night of a mailbox to one file, as it lay in the snapshot."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help="the mailbox's address")
        parser.add_argument("--day", type=date.fromisoformat, required=True, help="the night, as YYYY-MM-DD")
        parser.add_argument("--folder", help="one folder, by its name (Clienti/Rossi) or its id (inbox); default: all")
        parser.add_argument("--format", choices=[each.value for each in Format], required=True)
        parser.add_argument("--output", default=STANDARD_OUTPUT, help="the file to write, default: standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        account = _account(options["account"])
        with translation.override(settings.MTM_LANGUAGE):
            try:
                with configured.archive().open_mailbox(account, options["day"]) as mailbox:
                    self._export(mailbox, options)
            except SnapshotError as error:
                raise CommandError(str(error)) from error

    def _export(self, mailbox: Mailbox, options: dict[str, Any]) -> None:
        folders = _folders(mailbox, options["folder"])
        progress = Progress(sys.stderr, total=0)
        contents = whole(mailbox, folders, told=lambda taken: progress.count())
        progress.total = sum(len(share.entries) for share in contents.shares)
        _record(mailbox, folders, contents, options["format"])
        try:
            with _output(options["output"]) as out:
                for chunk in packing(Format(options["format"]), contents).chunks():
                    out.write(progress.pass_on(chunk))
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}") from error
        finally:
            progress.end()
        for lost in contents.lost:
            self.stderr.write(f"missing: {note.sentence(lost)}")


def _account(text: str) -> Account:
    try:
        return configured.address_book().account(text)
    except BadAddress as error:
        raise CommandError(f"{text} is no account's address") from error


def _folders(mailbox: Mailbox, wanted: str | None) -> list[Folder]:
    folders = [count.folder for count in mailbox.catalogue.folders()]
    if wanted is None:
        return folders
    found = [folder for folder in folders if wanted in (folder.name, folder.id)]
    if not found:
        raise FolderNotFound(account=mailbox.account.address, day=mailbox.night.day, folder=wanted)
    return found[:1]


def _record(mailbox: Mailbox, folders: list[Folder], contents: Contents, format_: str) -> None:
    total = sum(len(share.entries) for share in contents.shares)
    audit.record(
        None,
        Action.EXPORT,
        account=mailbox.account.address,
        day=mailbox.night.day,
        objects=[folder.id for folder in folders],
        count=total,
        size_bytes=sum(entry.size_bytes or 0 for share in contents.shares for entry in share.entries),
        details={"format": format_},
    )


@contextmanager
def _output(name: str) -> Iterator[BinaryIO]:
    """Give what is written to; a file gets its name only when it is complete."""
    if name == STANDARD_OUTPUT:
        if sys.stdout.isatty():
            raise CommandError("an archive is nothing for a terminal: send it to a file, or name one with --output")
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = Path(f"{name}{UNFINISHED}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        yield out
    unfinished.replace(name)
