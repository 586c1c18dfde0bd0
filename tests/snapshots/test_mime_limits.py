"""What is too much of a message is named, and never read further."""

import io

import pytest

from snapshots import walker
from snapshots.body import text_parts
from snapshots.headers import HEADER_BLOCK_BYTES
from snapshots.mime import MORE_TEXT_BYTES, TEXT_BYTES, Defect, attachments, parse

OUTER = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
NEST = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(2_000))


@pytest.mark.parametrize(
    ("data", "defect"),
    [
        (NEST, Defect.TOO_DEEP),
        (b"Content-Type: message/rfc822\n\n" * 2_000, Defect.TOO_DEEP),
        (OUTER + b"--b\r\n\r\nx\r\n" * 2_000, Defect.TOO_MANY_PARTS),
        (b"X-A: b\n" * 2_000 + b"Subject: x\n\n", Defect.TOO_MANY_HEADERS),
        (b"X-A: " + b"x" * 70_000 + b"\nSubject: x\n\n", Defect.HEADER_TOO_LONG),
        (b"Subject: x\nX-A: " + b"x" * 300_000 + b"\n\nbody", Defect.HEADER_BLOCK_TOO_LONG),
        (b"To: " + b"a@b, " * 2_000 + b"\n\n", Defect.TOO_MANY_ADDRESSES),
        (
            b"Content-Type: text/plain" + b"".join(b"; a%d=b" % n for n in range(200)) + b"\n\n",
            Defect.TOO_MANY_PARAMETERS,
        ),
        (b"Content-Transfer-Encoding: rot13\n\n", Defect.UNKNOWN_ENCODING),
        (b"Content-Type: multipart/mixed\n\nx", Defect.BOUNDARY_MISSING),
        (b"Subject: never ended", Defect.HEADER_NOT_ENDED),
    ],
)
def test_too_much_is_named(data, defect):
    assert defect in parse(io.BytesIO(data)).defects


def test_parts_and_depth_are_bounded():
    assert len(parse(io.BytesIO(NEST)).parts) == walker.DEPTH
    assert len(parse(io.BytesIO(OUTER + b"--b\r\n\r\nx\r\n" * 2_000)).parts) == walker.PARTS


def test_headers_before_a_long_one_are_read():
    message = parse(io.BytesIO(b"Subject: x\nX-A: " + b"x" * 300_000 + b"\n\nbody"))

    assert message.envelope.subject == "x"
    assert len(message.header_block) <= HEADER_BLOCK_BYTES
    assert message.parts[0].body_end - message.parts[0].body_start == len(b"body")


def test_message_that_is_too_large_keeps_its_header(monkeypatch):
    monkeypatch.setattr(walker, "MESSAGE_BYTES", 1_000)

    message = parse(io.BytesIO(b"Subject: big\n\n" + b"x" * 2_000))

    assert message.defects == (Defect.TOO_LARGE,)
    assert message.parts == ()


def test_lines_of_dashes_are_given_up_at_last(monkeypatch):
    monkeypatch.setattr(walker, "_DASHED_LINES", 100)

    message = parse(io.BytesIO(OUTER + b"--b\r\n" + b"\n--" * 200 + b"\n--b--\n"))

    assert Defect.TOO_MANY_DASHED_LINES in message.defects


@pytest.mark.parametrize(
    "piece", [b"(", b"<", b'"', b"=?", b"=?a?q?", b"=?utf-8?q?a?= ", b",", b":", b"\\", b"a@", b" :\n"]
)
def test_hostile_headers_are_read_to_their_end(piece):
    data = b"".join(name + b": " + piece * (60_000 // len(piece)) + b"\n" for name in (b"From", b"Subject", b"Date"))

    message = parse(io.BytesIO(data + b"Message-ID: <end@example.com>\n\n"))

    assert len(message.parts) == 1


@pytest.mark.parametrize("run", [b" ", b"\t", b"\r", b"\r ", b"a@", b"<a@", b'"" ', b"a "])
@pytest.mark.parametrize("start", [b"x", b'"a"', b'"a" <a@'])
def test_long_runs_in_headers_are_read_to_their_end(start, run):
    value = start + run * (60_000 // len(run)) + b"x"
    data = b"".join(name + b": " + value + b"\n" for name in (b"From", b"To", b"Subject"))

    message = parse(io.BytesIO(data + b"Message-ID: <end@example.com>\n\n"))

    assert message.envelope.message_id == "<end@example.com>"


def test_texts_beyond_what_is_shown_are_attachments():
    part = b"--b\n\n" + b"x" * 50_000 + b"\n"
    html = b"--b\nContent-Type: text/html\n\n<p>\n"

    message = parse(io.BytesIO(OUTER + part * 20 + html))

    assert len(text_parts(message).text) == 1 + MORE_TEXT_BYTES // 50_000
    assert len(attachments(message)) == 20 - len(text_parts(message).text)
    assert len(text_parts(message).html) > 1
    assert Defect.TOO_MUCH_TEXT in message.defects


def test_text_too_long_to_be_shown_whole_is_named_and_stays_the_text():
    message = parse(io.BytesIO(b"Subject: x\n\n" + b"x" * (TEXT_BYTES + 1)))

    assert attachments(message) == ()
    assert message.defects == (Defect.TOO_MUCH_TEXT,)


def test_attached_message_has_room_of_its_own():
    enclosed = b"--b\nContent-Type: message/rfc822\n\n" + b"\n" + b"x" * 1_000_000 + b"\n"

    message = parse(io.BytesIO(OUTER + enclosed * 3))

    assert [part.number for part in message.parts if part.is_attachment] == ["1", "2", "3"]
    assert Defect.TOO_MUCH_TEXT not in message.defects


def test_reports_beyond_what_is_shown_are_attachments_only():
    report = b"--b\nContent-Type: message/delivery-status\n\n" + b"a: b\n" * 20_000

    message = parse(io.BytesIO(OUTER + report * 10))

    assert 0 < len(text_parts(message).reports) < 10
    assert len(attachments(message)) == 10
