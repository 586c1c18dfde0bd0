"""A message's beginning → its row in a list."""

import io

from snapshots.catalogue import Row
from snapshots.headers import header_block
from snapshots.mime import Message, attachments, parse
from snapshots.snippets import snippet
from snapshots.types import Entry, Envelope, Head, message_id

GLANCE_BYTES = 4 * 1024
WITH_ATTACHMENTS = frozenset({"multipart/mixed"})


def row_of(entry: Entry, head: Head | None) -> Row:
    """Return a message's row; without a head it could not be opened."""
    if head is None:
        return Row(
            id=message_id(entry.guid, entry.ordinal),
            flags=entry.flags,
            keywords=entry.keywords,
            envelope=Envelope(),
            internal_date=entry.received,
            size_bytes=entry.size_bytes,
            has_attachments=False,
            is_damaged=True,
        )
    beginning = head.data[: len(header_block(head.data)) + GLANCE_BYTES]
    message = parse(io.BytesIO(beginning))
    return Row(
        id=message_id(entry.guid, entry.ordinal),
        flags=entry.flags,
        keywords=entry.keywords,
        envelope=message.envelope,
        internal_date=head.internal_date,
        size_bytes=head.size_bytes,
        has_attachments=_has_attachments(message),
        snippet=snippet(message, beginning),
        is_truncated=entry.size_bytes is not None and head.size_bytes < entry.size_bytes,
    )


def _has_attachments(message: Message) -> bool:
    """Guess from a beginning: an attachment seen there, or a structure that mostly holds one further on."""
    return bool(attachments(message)) or any(part.content_type in WITH_ATTACHMENTS for part in message.parts[:1])
