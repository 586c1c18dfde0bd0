"""RFC 5322 bytes of any number of messages, sized and shaped like real mail, quickly and repeatably.

A message depends on the seed and its number alone. Words and attachments are cut out of two pools, so
that a hundred thousand messages cost less time to make than to write.
"""

import math
import random
import tomllib
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from pathlib import Path

MEDIAN_BYTES = 6_000
MEAN_BYTES = 20_000
SPREAD = math.sqrt(2 * math.log(MEAN_BYTES / MEDIAN_BYTES))
LARGEST_BYTES = 8_000_000
OWNER_NAME = "Mario Bianchi"

# Words that nothing else holds, planted at a known rate: what a search must find.
SUBJECT_NEEDLE, SUBJECT_NEEDLE_EVERY = "girasole", 200
TEXT_NEEDLE, TEXT_NEEDLE_EVERY = "ornitorinco", 500

VOCABULARY = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
WORDS, SMALL_WORDS, NAMES, SURNAMES, DOMAINS = (
    VOCABULARY[kind].split() for kind in ("words", "small_words", "names", "surnames", "domains")
)
POOL_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Outline:
    """What the mailbox's plan says of a message."""

    number: int
    received_seconds: int
    address: str
    outgoing: bool = False


class Sources:
    """Makes the messages of one seed."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        pool = random.Random(f"{seed}:pool")
        self.people = [_person(pool, number) for number in range(300)]
        self.text = _text_pool(pool)
        self.base64 = _base64_pool(pool)

    def subject(self, number: int) -> str:
        chance = random.Random(f"{self.seed}:subject:{number}")
        words = chance.choices(WORDS, k=chance.randint(2, 6))
        if number % SUBJECT_NEEDLE_EVERY == SUBJECT_NEEDLE_EVERY // 2:
            words.append(SUBJECT_NEEDLE)
        prefix = "Re: " if chance.random() < 0.35 else ""
        return prefix + " ".join(words).capitalize()

    def source(self, outline: Outline) -> bytes:
        chance = random.Random(f"{self.seed}:source:{outline.number}")
        size_bytes = min(LARGEST_BYTES, int(chance.lognormvariate(math.log(MEDIAN_BYTES), SPREAD)))
        head = self._head(outline, chance)
        body = self._body(outline, chance, max(300, size_bytes - len(head) - 400))
        return head + body

    def _head(self, outline: Outline, chance: random.Random) -> bytes:
        other = self.people[int(len(self.people) * chance.random() ** 3)]
        owner = f"{OWNER_NAME} <{outline.address}>"
        sender, to = (owner, other) if outline.outgoing else (other, owner)
        domain = sender.rpartition("@")[2].rstrip(">")
        date = format_datetime(datetime.fromtimestamp(outline.received_seconds, UTC))
        trace = "" if outline.outgoing else _trace(domain, outline.address, date, chance)
        unique = f"{self.seed}.{outline.number}"
        thread = f"References: <{unique}.0@{domain}>\n <{unique}.1@{domain}>\n" if chance.random() < 0.35 else ""
        return (
            f"{trace}Date: {date}\nFrom: {sender}\nTo: {to}\n"
            f"Subject: {_encoded(self.subject(outline.number))}\nMessage-ID: <{unique}@{domain}>\n{thread}"
            "MIME-Version: 1.0\n"
        ).encode()

    def _body(self, outline: Outline, chance: random.Random, size_bytes: int) -> bytes:
        needle = outline.number % TEXT_NEEDLE_EVERY == TEXT_NEEDLE_EVERY // 2
        opening = f"{TEXT_NEEDLE}\n".encode() if needle else b""
        shape = chance.random()
        if size_bytes > 40_000 or (size_bytes > 9_000 and shape < 0.4):
            return self._with_attachment(chance, opening, size_bytes)
        if shape < 0.35:
            return _text_part("plain", opening + self._cut_text(chance, size_bytes))
        return self._with_html(chance, opening, size_bytes)

    def _with_html(self, chance: random.Random, opening: bytes, size_bytes: int) -> bytes:
        text = opening + self._cut_text(chance, size_bytes * 2 // 5)
        paragraphs = text.replace(b"\n", b'</p>\n<p style="margin:0 0 12px">')
        page = (
            b"<html><body><table width=\"600\"><tr><td><p>" + paragraphs
            + b"</p><img src=\"https://img.example.com/logo.png\" width=\"120\"></td></tr></table></body></html>\n"
        )  # fmt: skip
        return _multipart("alternative", [_text_part("plain", text), _text_part("html", page)])

    def _with_attachment(self, chance: random.Random, opening: bytes, size_bytes: int) -> bytes:
        text = opening + self._cut_text(chance, min(3_000, size_bytes // 4))
        name = f"{chance.choice(WORDS)}.pdf".encode("ascii", "replace").replace(b"?", b"_")
        head = (
            b"Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"" + name
            + b"\"\nContent-Transfer-Encoding: base64\n\n"
        )  # fmt: skip
        return _multipart("mixed", [_text_part("plain", text), head + self._cut_base64(chance, size_bytes - len(text))])

    def _cut_text(self, chance: random.Random, size_bytes: int) -> bytes:
        return _cut(self.text, chance, size_bytes) + b"\n"

    def _cut_base64(self, chance: random.Random, size_bytes: int) -> bytes:
        return b"JVBERi0x\n" + _cut(self.base64, chance, size_bytes) + b"\n"


def _cut(pool: bytes, chance: random.Random, size_bytes: int) -> bytes:
    """Return whole lines of the pool, going round as often as needed, to about this size."""
    start = pool.index(b"\n", chance.randrange(len(pool) // 2)) + 1
    rounds = size_bytes // (len(pool) // 2)
    end = pool.rindex(b"\n", start, start + max(size_bytes % (len(pool) // 2), 200))
    return pool[: pool.rindex(b"\n", 0, len(pool) // 2) + 1] * rounds + pool[start:end]


def _text_pool(chance: random.Random) -> bytes:
    lines: list[bytes] = []
    size = 0
    while size < POOL_BYTES:
        words = [chance.choice(SMALL_WORDS if chance.random() < 0.4 else WORDS) for _ in range(chance.randint(5, 12))]
        lines.append(" ".join(words).capitalize().encode() + b".")
        size += len(lines[-1]) + 1
    return b"\n".join(lines)


def _base64_pool(chance: random.Random) -> bytes:
    return b"\n".join(b64encode(chance.randbytes(57)) for _ in range(POOL_BYTES // 77))


def _person(chance: random.Random, number: int) -> str:
    name, surname = chance.choice(NAMES), chance.choice(SURNAMES)
    return f"{_encoded(f'{name} {surname}')} <{chance.choice(WORDS[:8])}.{number}@{chance.choice(DOMAINS)}>"


def _encoded(text: str) -> str:
    """Write header text as RFC 2047 has it, in words short enough for one line each."""
    if text.isascii():
        return text
    pieces = [text[start : start + 20] for start in range(0, len(text), 20)]
    return "\n ".join(f"=?utf-8?b?{b64encode(piece.encode()).decode()}?=" for piece in pieces)


def _trace(domain: str, address: str, date: str, chance: random.Random) -> str:
    signature = b64encode(chance.randbytes(192)).decode()
    folded = "\n\t ".join(signature[start : start + 70] for start in range(0, len(signature), 70))
    return (
        f"Return-Path: <bounce@{domain}>\nDelivered-To: {address}\n"
        f"Received: from mx.{domain} (mx.{domain} [192.0.2.{chance.randint(1, 254)}])\n"
        f"\tby mail.example.com (Postfix) with ESMTPS id {chance.getrandbits(40):010X}\n\tfor <{address}>; {date}\n"
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain};\n"
        f"\ts=mail; h=From:To:Subject:Date:Message-ID;\n\tb={folded}\n"
    )


def _text_part(subtype: str, content: bytes) -> bytes:
    return b"Content-Type: text/%b; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n" % subtype.encode() + content


@cache
def _boundary(subtype: str) -> bytes:
    return f"=_part_{subtype}".encode()


def _multipart(subtype: str, parts: list[bytes]) -> bytes:
    boundary = _boundary(subtype)
    head = b'Content-Type: multipart/%b; boundary="%b"\n\n' % (subtype.encode(), boundary)
    return head + b"".join(b"--%b\n%b\n" % (boundary, part) for part in parts) + b"--%b--\n" % boundary
