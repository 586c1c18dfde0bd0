"""A tar archive as a stream, in the pax format, its size known beforehand."""

import tarfile
from collections.abc import Iterable, Iterator

from webmail.archives.members import Member

BLOCK_BYTES = 512
END = bytes(2 * BLOCK_BYTES)


def stream(members: Iterable[Member]) -> Iterator[bytes]:
    """Yield the archive of these members, taken up one after the other."""
    for member in members:
        yield _head(member)
        yield from member.chunks()
        if padding := -member.size_bytes % BLOCK_BYTES:
            yield bytes(padding)
    yield END


def size_bytes(members: Iterable[Member]) -> int:
    """Return the size that the archive of these members will have; none of them is read."""
    framed = (len(_head(member)) + member.size_bytes + -member.size_bytes % BLOCK_BYTES for member in members)
    return sum(framed) + len(END)


def _head(member: Member) -> bytes:
    info = tarfile.TarInfo(member.name.rstrip("/"))
    info.size = member.size_bytes
    info.mtime = int(member.modified_at.timestamp())
    info.type, info.mode = (tarfile.DIRTYPE, 0o700) if member.is_directory else (tarfile.REGTYPE, 0o600)
    return info.tobuf(tarfile.PAX_FORMAT)
