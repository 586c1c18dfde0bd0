"""Messages damaged in every way that storage, transport and malice damage them; the same number, the same mutant."""

import random
import re
from collections.abc import Callable

from tests import messages
from tests.corpus import message_files
from tests.house_rules import ROOT

LONGEST_BYTES = 200_000
_MARK = re.compile(rb"^--[^\r\n]+", re.MULTILINE)
_PLACES = (300, 3_000, LONGEST_BYTES)


def originals() -> list[bytes]:
    """Return the corpus's messages where it lies beside the checkout, and our own."""
    own = [messages.source(name) for name in messages.NAMES]
    demo = [path.read_bytes() for path in sorted((ROOT / "demo/messages").glob("*.eml"))]
    return [*own, *demo, *(path.read_bytes() for path in message_files())]


def mutant(whole: list[bytes], number: int) -> bytes:
    """Return one of the messages, damaged one to six times."""
    chance = random.Random(number)
    data = bytearray(chance.choice(whole)[:LONGEST_BYTES])
    for _ in range(chance.randint(1, 6)):
        other = chance.choice(whole)[:LONGEST_BYTES]
        chance.choice(_CHANGES)(chance, data, other)
    return bytes(data[: 2 * LONGEST_BYTES])


def _place(chance: random.Random, data: bytes | bytearray) -> int:
    """Return a place in the data, in its header more often than not."""
    return chance.randrange(min(len(data), chance.choice(_PLACES)) + 1)


def _flip(chance: random.Random, data: bytearray, other: bytes) -> None:
    for _ in range(chance.choice((1, 1, 30)) if data else 0):
        data[min(_place(chance, data), len(data) - 1)] ^= 1 << chance.randrange(8)


def _remove(chance: random.Random, data: bytearray, other: bytes) -> None:
    place = _place(chance, data)
    del data[place : place + chance.randint(1, 300)]


def _cut(chance: random.Random, data: bytearray, other: bytes) -> None:
    del data[_place(chance, data) :]


def _behead(chance: random.Random, data: bytearray, other: bytes) -> None:
    del data[: _place(chance, data)]


def _insert(chance: random.Random, data: bytearray, other: bytes) -> None:
    place, start = _place(chance, data), _place(chance, other)
    data[place:place] = other[start : start + chance.randint(1, 2_000)]


def _splice(chance: random.Random, data: bytearray, other: bytes) -> None:
    data[_place(chance, data) :] = other[_place(chance, other) :]


def _repeat(chance: random.Random, data: bytearray, other: bytes) -> None:
    place = _place(chance, data)
    block = bytes(data[place : place + chance.randint(1, 1_000)])
    data[place:place] = block * chance.choice((1, 2, 50))


def _spoil_boundary(chance: random.Random, data: bytearray, other: bytes) -> None:
    marks = list(_MARK.finditer(data))
    if marks:
        mark = chance.choice(marks)
        others = [found[0] for found in marks] + [b"", b"--", mark[0] + b"--", mark[0][:-1], b"x" + mark[0]]
        data[mark.start() : mark.end()] = chance.choice(others)


def _zero(chance: random.Random, data: bytearray, other: bytes) -> None:
    place = _place(chance, data)
    filling = chance.choice((b"\0", b"\r", b"\n", b"\xff", b"(", b'"', b"=?", b"<"))
    data[place : place + 40] = filling * chance.randint(1, 400)


_CHANGES: tuple[Callable[[random.Random, bytearray, bytes], None], ...] = (
    _flip, _remove, _cut, _behead, _insert, _splice, _repeat, _spoil_boundary, _zero,
)  # fmt: skip
