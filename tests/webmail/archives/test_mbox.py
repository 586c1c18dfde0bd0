"""An mbox gives every message back, whatever stands at the beginning of its lines and wherever it was cut."""

import mailbox
import random
import subprocess
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus import message_files, needs_corpus
from tests.webmail.archives.given import packable
from webmail.archives import mbox

PIECES = [b"From ", b">From ", b">>From x", b"\n", b"\r\n", b"\r", b"x", b" From ", b"F", b"From", b">", b"\0", b"\xff"]
NOON = datetime(2026, 11, 9, 11, tzinfo=UTC)


def with_line_feeds(source):
    return source.replace(b"\r\n", b"\n").rstrip(b"\n")


def split(path, directory):
    """Return the messages that git finds in an mbox, each without its "From " line."""
    directory.mkdir()
    command = ["git", "mailsplit", "--mboxrd", "--keep-cr", f"-o{directory}", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return [file.read_bytes().partition(b"\n")[2].rstrip(b"\n") for file in sorted(directory.iterdir())]


def written(tmp_path, sources):
    path = tmp_path / "all.mbox"
    path.write_bytes(b"".join(mbox.stream(packable(source) for source in sources)))
    return path


def python_count(path):
    with closing(mailbox.mbox(path)) as found:
        return len(found)


def quoted(source, size):
    chunks = (source[start : start + size] for start in range(0, len(source), size))
    return b"".join(mbox.quoted(chunks))


def test_messages_full_of_from_lines_come_back(tmp_path):
    chance = random.Random(20261119)
    bodies = [b"".join(chance.choices(PIECES, k=chance.randrange(200))) for _ in range(2000)]
    sources = [b"Subject: %d\n\n%s" % (number, body) for number, body in enumerate(bodies)]

    path = written(tmp_path, sources)

    assert split(path, tmp_path / "split") == [with_line_feeds(source) for source in sources]
    assert python_count(path) == 2000


@needs_corpus
def test_real_mail_comes_back(tmp_path):
    sources = [path.read_bytes() for path in message_files()]

    path = written(tmp_path, sources)

    assert Counter(split(path, tmp_path / "split")) == Counter(map(with_line_feeds, sources))
    assert python_count(path) == len(sources)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map(b"".join), st.integers(1, 9))
def test_where_a_text_is_cut_makes_no_difference(source, size):
    assert quoted(source, size) == quoted(source, 1000)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"From x", b">From x"),
        (b">>From x", b">>>From x"),
        (b" From x", b" From x"),
        (b"from x", b"from x"),
        (b"Fromage", b"Fromage"),
        (b"\rFrom x", b"\rFrom x"),
        (b"a\r\n\r\nFrom x\r", b"a\n\n>From x\r"),
    ],
)
def test_from_at_the_beginning_of_a_line_is_quoted(source, line):
    assert b"".join(mbox.quoted([source])) == line


def test_line_of_any_length_is_never_held():
    pieces = mbox.quoted(b">" * 1000 for _ in range(100))

    assert all(len(piece) <= 1001 for piece in pieces)


def test_message_stands_between_its_from_line_and_an_empty_one():
    framed = b"".join(mbox.framed(iter([b"Return-Path: <anna@example.org>\n\nciao"]), NOON))

    assert framed == b"From anna@example.org Mon Nov  9 11:00:00 2026\nReturn-Path: <anna@example.org>\n\nciao\n\n"


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        (b"Return-Path: <anna@example.org>\nFrom: b@example.org", b"anna@example.org"),
        (b"Return-Path: <>\nFrom: b@example.org", b"MAILER-DAEMON"),
        (b"From: Anna Neri <anna@example.org>", b"anna@example.org"),
        (b"Return-Path: <a b@example.org\x00\x01>", b"b@example.org"),
        (b"Subject: nobody", b"MAILER-DAEMON"),
        (b"Return-Path: " + b"x" * 300 + b"@example.org", b"MAILER-DAEMON"),
        ("From: è@example.org".encode(), b"MAILER-DAEMON"),
        (b"", b"MAILER-DAEMON"),
    ],
)
def test_from_line_names_the_envelope_sender(head, sender):
    assert mbox.sender(head + b"\n\n") == sender


def test_empty_message_is_a_message(tmp_path):
    path = written(tmp_path, [b"", b"Subject: x\n\n"])

    assert python_count(path) == 2


def test_dovecot_imports_every_message(dovecot, tmp_path):
    bodies = [b"From someone\n>From x\n" * number for number in range(50)]
    source = tmp_path / "source"
    source.mkdir()
    written(tmp_path, [b"Subject: x\n\n" + body for body in bodies]).rename(source / "inbox")
    place = dovecot.add_user("mbox@example.com", copy_of=source)
    dovecot.add_user("importer@example.com")

    configuration = str(dovecot.directory / "dovecot.conf")
    location = f"mbox:{place}:INBOX={place}/inbox"
    command = ["doveadm", "-c", configuration, "import", "-u", "importer@example.com", location, "", "all"]
    subprocess.run(command, check=True, capture_output=True)

    assert dovecot.client("importer@example.com").select_folder("INBOX")[b"EXISTS"] == 50
