"""What independent parsers say of the corpus's messages, and what we say of them."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from snapshots import charsets
from snapshots.body import text_parts
from snapshots.mime import attachments, decoded, parse, text
from tests.corpus import CORPUS
from tests.house_rules import ROOT

FIELDS = (
    "subject",
    "from_addrs",
    "from_names",
    "date_utc",
    "att_count",
    "att_names",
    "att_sha256",
    "text200",
    "html200",
)
EXPLAINED = ROOT / "docs" / "corpus-differences.md"


@dataclass(frozen=True, slots=True)
class Answer:
    """One field of one message: ours, and what each of the others says, white space alike."""

    file: str
    field: str
    ours: Any
    theirs: tuple[Any, ...]

    @property
    def is_agreed(self) -> bool:
        return self.ours in self.theirs

    @property
    def is_recovered(self) -> bool:
        """Whether we read what all the others lose: they have no text at all, or one that nobody can read."""
        return bool(self.ours) and not any(map(is_readable, self.theirs))


def is_readable(value: Any) -> bool:
    return bool(value) and not any(sign in str(value) for sign in (charsets.REPLACEMENT, "\x1b"))


def records(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / name).read_text().splitlines()]


def agreed() -> Iterator[Answer]:
    """Yield an answer for every field on which all parsers agree."""
    for record in records("expected.jsonl"):
        ours = fields_of(record["file"])
        for field in FIELDS:
            if record.get(field, {}).get("status") == "all":
                yield Answer(record["file"], field, ours[field], (alike(record[field]["value"]),))


def disputed() -> Iterator[Answer]:
    """Yield an answer for every field over which they differ."""
    for record in records("disputed.jsonl"):
        theirs = tuple(alike(value) for value in record["answers"].values())
        yield Answer(record["file"], record["field"], fields_of(record["file"])[record["field"]], theirs)


def explained() -> set[tuple[str, str]]:
    """Return message and field of every row of the table that explains where we differ."""
    rows = [line.split("|") for line in EXPLAINED.read_text().splitlines() if line.startswith("| `")]
    return {(row[1].strip(" `"), row[2].strip()) for row in rows}


def fields_of(file: str) -> dict[str, Any]:
    source = io.BytesIO((CORPUS / file).read_bytes())
    message = parse(source)
    body = text_parts(message)
    senders = [address for address in message.envelope.from_ if address.address]
    offered = [*attachments(message), *(part for part in message.parts if part.is_inline)]
    files = [b"".join(decoded(source, part)) for part in offered if not part.content_type.startswith("message/")]
    html = [part for part in body.html if part.content_type == "text/html"]
    found = {
        "subject": message.envelope.subject,
        "from_addrs": [with_small_host(sender.address) for sender in senders],
        "from_names": ["" if sender.name == sender.address else sender.name for sender in senders],
        "date_utc": message.envelope.date and message.envelope.date.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "att_count": len(offered),
        "att_names": sorted(part.filename for part in offered if part.filename),
        "att_sha256": sorted(hashlib.sha256(content).hexdigest() for content in files),
        "text200": one_line("\n".join(text(source, part) for part in body.text))[:200],
        "html200": one_line("\n".join(text(source, part) for part in html))[:200],
    }
    return {field: alike(value) for field, value in found.items()}


def with_small_host(address: str) -> str:
    name, at, host = address.rpartition("@")
    return name + at + host.lower()


def one_line(value: str) -> str:
    return " ".join(value.split())


def alike(value: Any) -> Any:
    """Return a value as a page could show it, its white space as single spaces."""
    if isinstance(value, list):
        return [alike(item) for item in value]
    # An escape is left: it tells that a Japanese text was not read.
    return one_line("\x1b".join(map(charsets.shown, value.split("\x1b")))) if isinstance(value, str) else value
