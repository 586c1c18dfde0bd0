"""Messages taken apart: each file in tests/messages beside what is to be found in it."""

import io

import pytest

from snapshots.body import text_parts
from snapshots.errors import PartNotFound
from snapshots.mime import Defect, attachments, decoded, find_part, header_of, parse, text
from tests import messages


def opened(name):
    source = io.BytesIO(messages.source(name))
    return source, parse(source)


def numbers(parts):
    return [part.number for part in parts]


@pytest.mark.parametrize("name", messages.NAMES)
def test_parts_are_numbered_and_found_as_expected(name):
    expected = messages.expected(name)
    source, message = opened(name)
    body = text_parts(message)

    assert [[part.number, part.content_type] for part in message.parts] == [found[:2] for found in expected["parts"]]
    assert [source.getvalue()[part.body_start : part.body_end].decode("latin-1")[:14] for part in message.parts] == [
        found[2] for found in expected["parts"]
    ]
    assert (numbers(body.text), numbers(body.html)) == (expected["text"], expected["html"])
    assert [[part.number, part.filename] for part in attachments(message)] == expected["attachments"]
    assert list(message.defects) == expected["defects"]


@pytest.mark.parametrize("name", messages.NAMES)
def test_envelope_reads_as_expected(name):
    expected = messages.expected(name)
    envelope = opened(name)[1].envelope

    assert envelope.subject == expected["subject"]
    assert [[address.name, address.address] for address in envelope.from_] == expected["from"]
    assert [[address.name, address.address] for address in envelope.to] == expected["to"]
    assert (envelope.date.isoformat() if envelope.date else None) == expected["date"]


@pytest.mark.parametrize("name", messages.NAMES)
@pytest.mark.parametrize("size_bytes", [1, 7, 100])
def test_parts_do_not_depend_on_how_the_source_is_read(name, size_bytes):
    whole = opened(name)[1]

    assert parse(Trickle(messages.source(name), size_bytes)) == whole


@pytest.mark.parametrize(
    ("name", "number", "content"),
    [
        ("newsletter", "1.1.1", "Novità in libreria."),
        ("newsletter", "1.1.2", '<p>Novità <img src="cid:logo@lume"></p>'),
        ("raw-eight-bit", "1", "Preis: 10 €\n"),
        ("old-mac", "1", "first line\nsecond line"),
    ],
)
def test_text_is_decoded(name, number, content):
    source, message = opened(name)

    assert text(source, find_part(message, number)) == content


def test_text_is_cut_at_its_limit():
    source, message = opened("newsletter")

    assert text(source, find_part(message, "1.1.1"), limit_bytes=6) == "Novit�"


def test_html_without_charset_is_read_by_its_meta_element():
    source = io.BytesIO(b'Content-Type: text/html\n\n<meta charset="koi8-r">\xf0\xd2')

    assert text(source, parse(source).parts[0]).endswith("Пр")


def test_attachment_is_decoded_from_a_source_that_cannot_seek():
    part = attachments(opened("newsletter")[1])[0]

    assert b"".join(decoded(Trickle(messages.source("newsletter"), 10), part)) == b"%PDF-1.4\n"


def test_enclosed_message_has_body_attachments_and_header_of_its_own():
    source, message = opened("forwarded")
    enclosed = find_part(message, "2")

    assert numbers(text_parts(message, within=enclosed).text) == ["2.1"]
    assert numbers(attachments(message, within=enclosed)) == ["2.2"]
    assert header_of(source, find_part(message, "2.TEXT")).startswith(b"From: dario@example.net\r\n")


def test_picture_within_the_html_is_no_attachment():
    message = opened("newsletter")[1]

    assert find_part(message, "1.2").is_inline


def test_unknown_part_is_not_found():
    with pytest.raises(PartNotFound):
        find_part(opened("newsletter")[1], "9")


def test_message_ends_where_a_repeated_boundary_ends_it():
    inner = b"--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntext\n--b--\n"
    message = parse(io.BytesIO(b"Content-Type: multipart/mixed; boundary=b\n\n" + inner))

    assert numbers(message.parts) == ["TEXT", "1", "2"]
    assert Defect.BOUNDARY_REPEATED in message.defects


@pytest.mark.parametrize("data", [b"Only text.\nMore of it.\n", b"Only text.\n\nMore of it.\n", b"x" * 300_000])
def test_message_without_a_header_is_its_text(data):
    source = io.BytesIO(data)

    message = parse(source)

    assert text(source, message.parts[0]) == data.decode()
    assert message.header_block == b""


def test_part_without_an_empty_line_is_its_text():
    source = io.BytesIO(b"Content-Type: multipart/mixed; boundary=b\n\n--b\nOnly text.\nMore of it.\n--b--\n")

    assert text(source, find_part(parse(source), "1")) == "Only text.\nMore of it."


@pytest.mark.parametrize("boundary", [b"", b"another"])
@pytest.mark.parametrize("between", [b"", b"Preamble.\n\n"])
def test_parts_are_found_by_the_boundary_they_use(boundary, between):
    head = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n' + between
    used = boundary.replace(b"another", b"used=_1")
    part = b"--" + used + b"\nContent-Type: text/html\n\n<p>\n"

    message = parse(io.BytesIO(head + part + b"--" + used + b"--\n"))

    assert [found.content_type for found in message.parts] == ["multipart/mixed", "text/html"]


def test_boundary_of_an_outer_multipart_is_not_taken_for_an_inner_one():
    inner = b"--out\nContent-Type: multipart/mixed; boundary=in\n\ntext\n"
    last = b"--out\nContent-Type: text/html\n\n<p>\n--out--\n"

    message = parse(io.BytesIO(b"Content-Type: multipart/mixed; boundary=out\n\n" + inner + last))

    assert [(part.number, part.content_type) for part in message.parts] == [
        ("TEXT", "multipart/mixed"),
        ("1", "text/plain"),
        ("2", "text/html"),
    ]


def test_digest_holds_messages():
    message = parse(io.BytesIO(b"Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\ntext\n--b--\n"))

    assert [(part.number, part.content_type) for part in message.parts] == [
        ("TEXT", "multipart/digest"),
        ("1", "message/rfc822"),
        ("1.1", "text/plain"),
    ]


def test_empty_message_has_an_empty_part():
    message = parse(io.BytesIO(b""))

    assert [(part.content_type, part.body_start, part.body_end) for part in message.parts] == [("text/plain", 0, 0)]
    assert Defect.EMPTY in message.defects


class Trickle(io.BytesIO):
    """A source that cannot seek and gives few bytes at a time."""

    def __init__(self, data, size_bytes):
        super().__init__(data)
        self.size_bytes = size_bytes

    def seekable(self):
        return False

    def read(self, size=-1, /):
        return super().read(min(size or 0, self.size_bytes))
