"""Values as the index keeps them: moments as microseconds, names as bytes, what a message's head tells as JSON."""

import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from snapshots.types import Address, Envelope, Role

EPOCH = datetime.fromtimestamp(0, UTC)
MICROSECOND = timedelta(microseconds=1)
KEY_LENGTH = 40
PEOPLE_FOUND = 50

_REPLY = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|sv|tr|rif|r|i)\s*(?:\[\d+\])?\s*:)+\s*", re.IGNORECASE)
_COMBINING = re.compile("[\u0300-\u036f]")

People = tuple[Address, ...]


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def moment_of(microseconds_: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds_)


def packed(text: str) -> bytes:
    """Return text for the index: names on disk may hold bytes that are no text."""
    return text.encode("utf-8", "surrogateescape")


def unpacked(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def packed_head(envelope: Envelope, snippet: str) -> bytes:
    """Return what a list shows of a message's head."""
    people = (envelope.from_, envelope.sender, envelope.reply_to, envelope.to, envelope.cc, envelope.bcc)
    told = [
        envelope.subject,
        envelope.date and microseconds(envelope.date),
        envelope.date_text,
        *([[each.name, each.address] for each in group] for group in people),
        envelope.message_id,
        snippet,
    ]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def unpacked_head(told: bytes) -> tuple[Envelope, str]:
    """Return the envelope and the snippet that `packed_head` was given."""
    subject, date, date_text, from_, sender, reply_to, to, cc, bcc, message_id, snippet = json.loads(told)
    envelope = Envelope(
        subject=subject,
        date=None if date is None else moment_of(date),
        date_text=date_text,
        from_=_people(from_),
        sender=_people(sender),
        reply_to=_people(reply_to),
        to=_people(to),
        cc=_people(cc),
        bcc=_people(bcc),
        message_id=message_id,
    )
    return envelope, snippet


def _people(pairs: list[list[str]]) -> People:
    return tuple(Address(name, address) for name, address in pairs)


def searched(envelope: Envelope) -> tuple[str, str, str]:
    """Return what words are searched in: sender, recipients, subject. Deleting a message needs the same again."""
    recipients = (*envelope.to, *envelope.cc, *envelope.bcc)[:PEOPLE_FOUND]
    return _words(envelope.from_ or envelope.sender), _words(recipients), sound(envelope.subject)


def _words(people: Iterable[Address]) -> str:
    return sound(" ".join(f"{each.name} {each.address}" for each in people))


def sound(text: str) -> str:
    """Return text that can be written as UTF-8, whatever it holds."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def sort_keys(envelope: Envelope, role: str | None) -> tuple[str, str]:
    """Return what a list is sorted by subject and by correspondent with: the recipient where mail goes out."""
    recipients = envelope.to or envelope.cc or envelope.bcc
    people = recipients if role in (Role.SENT, Role.DRAFTS) else envelope.from_ or envelope.sender
    return sort_key(_REPLY.sub("", envelope.subject)), sort_key(str(people[0]) if people else "")


def sort_key(text: str) -> str:
    """Return text as it is sorted: without case, accents and runs of blanks, and no longer than it takes.

    >>> sort_key("  Perché   NO ")
    'perche no'
    """
    text = text[: 2 * KEY_LENGTH]
    if not text.isascii():
        text = sound(_COMBINING.sub("", unicodedata.normalize("NFKD", text)))
    return " ".join(text.casefold().split())[:KEY_LENGTH]
