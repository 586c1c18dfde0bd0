"""The way a message took: its Received headers in the order of travel, and what servers declared of its sender."""

from dataclasses import dataclass
from datetime import datetime

import mailparser

from snapshots import dates
from snapshots.headers import raw_fields
from snapshots.words import decoded

HOPS = 50
HOP_BYTES = 2_000
DECLARATIONS = frozenset((b"authentication-results", b"received-spf", b"arc-authentication-results"))


@dataclass(frozen=True, slots=True)
class Hop:
    """One server that took the message over. `text` is the header as it stands, for what no pattern fits."""

    sender: str
    receiver: str
    protocol: str
    at: datetime | None
    text: str


def route(block: bytes) -> list[Hop]:
    """Return the hops of a header block, the first server first, at most HOPS of them. Never raises.

    Whoever wrote a hop could write what they liked; only the last ones are the receiving server's own.
    Source: RFC 5321 section 4.4.
    """
    received = [decoded(value[:HOP_BYTES]) for name, value in raw_fields(block) if name.lower() == b"received"][:HOPS]
    # Nothing but these headers, each on one line: whole messages and hostile names are more than the parser bears.
    lines = "".join(f"Received: {text}\r\n" for text in received)
    found = mailparser.parse_from_bytes(f"{lines}\r\n".encode()).received if received else []
    return [_hop(parsed, text) for parsed, text in zip(found, reversed(received), strict=True)]


def _hop(parsed: dict[str, str], text: str) -> Hop:
    return Hop(
        sender=parsed.get("from", ""),
        receiver=parsed.get("by", ""),
        protocol=parsed.get("with", ""),
        at=dates.parse(parsed.get("date", "")),
        text=text,
    )


def declarations(block: bytes) -> list[tuple[str, str]]:
    """Return names and values of the headers in which servers say what they checked: SPF, DKIM, DMARC."""
    return [(name.decode("ascii"), decoded(value)) for name, value in raw_fields(block) if name.lower() in DECLARATIONS]
