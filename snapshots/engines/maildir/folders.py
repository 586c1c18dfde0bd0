"""The folders of a Maildir, in both of Dovecot's layouts and both encodings of names.

Maildir++ keeps `.Clienti.Pi&APk-` beside `cur`; LAYOUT=fs keeps `Clienti/Pi&APk-/cur`. The bytes on disk
are a folder's identity; what cannot be decoded and encoded back to the same bytes is shown as it lies.
Source: Dovecot's documentation of Maildir; RFC 3501 section 5.1.3 for modified UTF-7.
"""

import errno
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import islice

from imapclient import imap_utf7

from snapshots.engines.beneath import NOT_OF_ONE, NOT_THERE, descending, open_directory, read_file
from snapshots.types import Folder, FolderState

MAX_FOLDERS = 5000
MAX_DEPTH = 32
MAX_NAME_BYTES = 1024
SUBSCRIPTIONS_BYTES = 1 << 20
DBOX = {"dbox-Mails", "mailboxes", "storage"}
MESSAGE_DIRECTORIES = ("cur", "new", "tmp")


class Encoding(StrEnum):
    """How folder names are kept on disk; AUTO is modified UTF-7 where that gives the same bytes back."""

    AUTO = "auto"
    UTF7 = "mutf7"
    UTF8 = "utf8"


Codec = tuple[Callable[[bytes], str], Callable[[str], bytes]]
_UTF7: Codec = (imap_utf7.decode, imap_utf7.encode)
_UTF8: Codec = (bytes.decode, str.encode)
CODECS: dict[Encoding, tuple[Codec, ...]] = {
    Encoding.AUTO: (_UTF7, _UTF8),
    Encoding.UTF7: (_UTF7,),
    Encoding.UTF8: (_UTF8,),
}


def list_folders(root: int, encoding: Encoding) -> list[Folder]:
    """Return the folders below a Maildir's descriptor: INBOX first, then by name. Raises: OSError."""
    found = [("", ("INBOX",)), *islice(_named(root, encoding), MAX_FOLDERS - 1)]
    subscribed = _subscriptions(root, encoding)
    folders: dict[str, Folder] = {}
    for handle, levels in found:
        name = _free_name("/".join(levels), handle, folders)
        folders[name] = Folder(
            name=name,
            subscribed=not subscribed or name == "INBOX" or name in subscribed,
            state=FolderState.LISTED if _can_be_listed(root, handle) else FolderState.UNREADABLE,
            handle=handle,
        )
    inbox, *others = folders.values()
    return [inbox, *sorted(others, key=lambda folder: [level.casefold() for level in folder.levels])]


def is_dbox(root: int) -> bool:
    """Say whether a directory is a mailbox in Dovecot's own formats, sdbox and mdbox, which only Dovecot can read.

    Their truth are index files: what lies beside those does not tell what a folder holds. Raises: OSError.
    """
    try:
        os.stat("cur", dir_fd=root, follow_symlinks=False)
    except FileNotFoundError:
        return not DBOX.isdisjoint(os.listdir(root))
    return False


def open_messages(directory: int, name: str) -> int | None:
    """Open a folder's `cur` or `new`; None where there is no `new`, which some programs make when they need it.

    Raises: OSError, never one that says the folder itself is not there.
    """
    try:
        return open_directory(directory, name)
    except OSError as error:
        if name == "new" and error.errno == errno.ENOENT:
            return None
        if error.errno in NOT_THERE:
            raise OSError(errno.EIO, f"no directory {name}") from error
        raise


def directories_of(handle: str) -> list[str]:
    """Return the names to walk down from the Maildir to a folder's own directory."""
    return handle.split("/") if handle else []


def _named(root: int, encoding: Encoding) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in _directories(root):
        if name.startswith("."):
            if len(os.fsencode(name)) <= MAX_NAME_BYTES and name.strip("."):
                yield name, tuple(decode(os.fsencode(level), encoding) for level in name[1:].split("."))
        elif name not in MESSAGE_DIRECTORIES:
            yield from _nested(root, (name,), encoding)


def _nested(root: int, path: Sequence[str], encoding: Encoding) -> Iterator[tuple[str, tuple[str, ...]]]:
    handle = "/".join(path)
    if len(path) > MAX_DEPTH or len(os.fsencode(handle)) > MAX_NAME_BYTES:
        return
    try:
        with descending(root, path) as directory:
            below = _directories(directory)
    except OSError as error:
        if error.errno in NOT_OF_ONE:
            raise
        below = ["cur"]
    if any(name in MESSAGE_DIRECTORIES for name in below):
        yield handle, tuple(decode(os.fsencode(level), encoding) for level in path)
    for name in below:
        if name not in MESSAGE_DIRECTORIES:
            yield from _nested(root, (*path, name), encoding)


def _directories(directory: int) -> list[str]:
    with os.scandir(directory) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))


def _can_be_listed(root: int, handle: str) -> bool:
    try:
        with descending(root, directories_of(handle)) as directory:
            for name in ("cur", "new"):
                messages = open_messages(directory, name)
                if messages is not None:
                    os.close(messages)
    except OSError as error:
        if error.errno in NOT_OF_ONE:
            raise
        return False
    return True


def _free_name(name: str, handle: str, taken: Collection[str]) -> str:
    """Return a name no other folder has: a directory may be called INBOX, and two encodings decode alike."""
    if name in taken:
        name = visible(os.fsencode(handle))
    while name in taken:
        name += "*"
    return name


def _subscriptions(root: int, encoding: Encoding) -> frozenset[str]:
    """Return the subscribed names. Version 2 puts a TAB between levels, version 1 the server's delimiter."""
    lines = read_file(root, "subscriptions", limit_bytes=SUBSCRIPTIONS_BYTES).splitlines()
    if lines and lines[0].startswith(b"V\t2"):
        split = [line.split(b"\t") for line in lines[1:] if line]
    else:
        split = [line.replace(b"/", b".").split(b".") for line in lines if line]
    return frozenset("/".join(_levels(levels, encoding)) for levels in split)


def _levels(levels: Iterable[bytes], encoding: Encoding) -> Iterator[str]:
    return (decode(level, encoding) for level in levels)


def decode(raw: bytes, encoding: Encoding) -> str:
    """Return one level of a folder's name for people; one that does not survive the way back is made visible."""
    for decoder, encoder in CODECS[encoding]:
        try:
            name = decoder(raw)
            if encoder(name) == raw and name.isprintable() and "/" not in name:
                return name
        except (ValueError, LookupError):
            continue
    return visible(raw)


def visible(raw: bytes) -> str:
    """Return bytes as text in which everything but printable ASCII is written as an escape.

    >>> visible(b"a/b\\xff")
    'a\\\\x2fb\\\\xff'
    """
    return "".join(chr(byte) if 32 <= byte < 127 and byte != ord("/") else f"\\x{byte:02x}" for byte in raw)
