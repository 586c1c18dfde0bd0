"""Messages as one file each, under names that tell their day and subject."""

from collections.abc import Iterator

from snapshots.types import Folder
from webmail import wording
from webmail.archives.contents import Contents, Packable
from webmail.archives.members import COMPONENT_BYTES, PATH_BYTES, FolderPaths, Member, cut
from webmail.filenames import dated_slug

EXTENSION = ".eml"
DIGITS = 4


def members(contents: Contents, *, reserved: str) -> Iterator[Member]:
    """Yield one member a message, in a directory of its folder where there are several; none is called `reserved`."""
    is_flat = len(contents.shares) == 1
    digits = max(DIGITS, len(str(sum(len(share.entries) for share in contents.shares))))
    paths = FolderPaths(reserved)
    number = 0
    for share in contents.shares:
        directory = "" if is_flat else f"{paths.path(_levels(share.folder))}/"
        for message in share.messages:
            number += 1
            yield _member(message, f"{directory}{number:0{digits}}_", len(directory.encode()))


def _levels(folder: Folder) -> tuple[str, ...]:
    return (wording.folder_name(folder),) if folder.role else folder.levels


def _member(message: Packable, beginning: str, directory_bytes: int) -> Member:
    most_bytes = min(directory_bytes + COMPONENT_BYTES, PATH_BYTES) - len(EXTENSION)
    name = cut(beginning + dated_slug(message.row), most_bytes).rstrip("-")
    return Member(f"{name}{EXTENSION}", message.row.internal_date, message.size_bytes, message.chunks)
