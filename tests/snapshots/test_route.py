"""The way a message took."""

import pytest

from snapshots.route import HOPS, route
from tests.corpus import message_files, needs_corpus


def received(*values: bytes) -> bytes:
    return b"".join(b"Received: " + value + b"\r\n" for value in values) + b"\r\n"


def test_first_server_comes_first():
    hops = route(received(b"from b by c; Sat, 21 Nov 2026 10:00:01 +0100", b"from a by b"))

    assert [(hop.sender, hop.receiver) for hop in hops] == [("a", "b"), ("b", "c")]


@pytest.mark.parametrize(
    "value", [b"", b";", b"garbage (((", b"\xff\xfe", b"headers: x", b"from " * 300, b"\r", b"=?utf-8?q?=0A?="]
)
def test_header_no_pattern_fits_is_kept_as_it_stands(value):
    (hop,) = route(received(value))

    assert (hop.receiver, hop.at) == ("", None)


def test_hops_without_end_are_cut():
    assert len(route(received(*[b"from a by b"] * 1000))) == HOPS


@needs_corpus
def test_no_real_message_is_too_odd():
    hops = [hop for path in message_files() for hop in route(path.read_bytes()[:100_000])]

    assert len(hops) > 2000
