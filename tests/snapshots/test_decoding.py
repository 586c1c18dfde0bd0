"""Transfer encodings undone, however they are broken."""

import pytest

from snapshots.charsets import decode, shown
from snapshots.decoding import undone


def all_of(chunks, encoding):
    return b"".join(undone(chunks, encoding))


@pytest.mark.parametrize(
    ("chunks", "content"),
    [
        ([b"aGVs", b"bG8="], b"hello"),
        ([b"aG", b"V\r\nsb", b"G8=\r\n"], b"hello"),
        ([b"aGVsbG8"], b"hello"),
        ([b"a G!V*s\x00bG8="], b"hello"),
        ([b"aGVsbG8=\r\n____\r\nlist footer\r\n"], b"hello"),
        ([b"aGVsb"], b"hel"),
        ([b""], b""),
    ],
)
def test_base64_is_read_as_far_as_it_goes(chunks, content):
    assert all_of(chunks, "base64") == content


@pytest.mark.parametrize(
    ("chunks", "content"),
    [
        ([b"caff=C3=A9 a=\r\nb"], "caffé ab".encode()),
        ([b"caff=C3", b"=A9"], "caffé".encode()),
        ([b"soft=", b"\r\nbreak"], b"softbreak"),
        ([b"blanks   \r\nat the end = \r\ngo"], b"blanks\r\nat the end go"),
        ([b"=ZZ stays"], b"=ZZ stays"),
        ([b"x=41" * 40_000], b"xA" * 40_000),
    ],
)
def test_quoted_printable_does_not_depend_on_chunks(chunks, content):
    assert all_of(chunks, "quoted-printable") == content


def test_blanks_without_a_line_end_cost_no_more_than_their_number():
    line = b"x" + b" " * 2_000_000 + b"x \n"

    assert len(all_of([line], "quoted-printable")) == len(line) - 1


def test_uuencoded_part_is_decoded():
    assert all_of([b"begin 644 a.txt\n%:&5L;&\\\n`\nend\n"], "x-uuencode") == b"hello"


def test_unknown_encoding_leaves_the_bytes():
    assert all_of([b"as it is"], "rot13") == b"as it is"


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),
        ("è".encode(), "us-ascii", "è"),
        (b"\xe8", None, "è"),
        (b"\xe8 and more", "utf-8", "è and more"),
        ("cut off è".encode()[:-1], "utf-8", "cut off �"),
        ("日本".encode(), "iso-2022-jp", "日本"),
        ("你好".encode("gbk"), "x-gbk", "你好"),
        (b"\xef\xbb\xbfmark", "utf-8", "mark"),
        (b"plain", "no-such-charset", "plain"),
        (b"plain", "unicode_escape", "plain"),
        (b"+AGE-", "utf-7", "a"),
    ],
)
def test_charset_is_believed_where_it_is_true(data, label, text):
    assert decode(data, label) == text


def test_shown_text_has_no_controls_and_no_surrogates():
    assert shown("a\x00b\ud800c\x1bd\te\n") == "a�b�c�d\te\n"
