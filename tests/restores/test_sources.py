"""Line ends: every message goes out with CRLF, however its bytes are read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restores.sending import is_keyword, kept_flags
from restores.sources import with_crlf, with_fewer_cr

LETTERS = st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n"]), max_size=12).map(b"".join)


def pieces(text, size_bytes):
    return [text[start : start + size_bytes] for start in range(0, len(text), size_bytes)]


@given(LETTERS, st.integers(1, 4))
def test_each_line_ends_with_crlf_wherever_it_is_cut(text, size_bytes):
    assert b"".join(with_crlf(pieces(text, size_bytes))) == re.sub(rb"(?<!\r)\n", b"\r\n", text)


@given(LETTERS, st.integers(1, 4))
def test_cr_too_many_are_left_out_wherever_it_is_cut(text, size_bytes):
    assert b"".join(with_fewer_cr(pieces(text, size_bytes))) == re.sub(rb"\r(\r+\n)", rb"\1", text).removesuffix(b"\r")


@pytest.mark.parametrize(
    ("keywords", "kept"),
    [((), ["\\Seen"]), (("\\*",), ["\\Seen", "$Label1", "Lavoro"]), (("$label1",), ["\\Seen", "$Label1"])],
)
def test_keywords_go_where_the_server_keeps_them(keywords, kept):
    assert list(kept_flags(["\\Seen", "$Label1", "Lavoro"], frozenset(keywords))) == kept


@pytest.mark.parametrize("text", ["", "due parole", "più", 'a"b', "a)", "{3}", "a\r\nb", "\\Seen2", "100%"])
def test_no_keyword_ends_a_command(text):
    assert not is_keyword(text)
