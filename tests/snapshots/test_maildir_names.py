"""What a Maildir's file names and Dovecot's lists say."""

from datetime import UTC, datetime

import pytest

from snapshots.engines.maildir.names import (
    EPOCH,
    MaildirEntry,
    base_name,
    moment,
    read_keywords,
    read_mailbox_guid,
    read_message_guids,
)
from snapshots.types import Flag


def entry(name, keyword_names=None):
    return MaildirEntry(name, False, base_name(name), 0, keyword_names or {})


@pytest.mark.parametrize(
    ("name", "base", "flags"),
    [
        ("1700000000.M1P1.mail,S=9,W=10:2,FS", "1700000000.M1P1.mail,S=9,W=10", Flag.FLAGGED | Flag.SEEN),
        ("1700000000.M1P1.mail;2,S", "1700000000.M1P1.mail", Flag.SEEN),
        ("1700000000.M1P1.mail!2,RT", "1700000000.M1P1.mail", Flag.ANSWERED | Flag.DELETED),
        ("1700000000.M1P1.mail:2,DP", "1700000000.M1P1.mail", Flag.DRAFT | Flag.FORWARDED),
        ("1700000000.M1P1.mail:2,", "1700000000.M1P1.mail", Flag.NONE),
        ("1700000000.M1P1.mail", "1700000000.M1P1.mail", Flag.NONE),
        ("1700000000.M1P1.mail:2,SZ9è", "1700000000.M1P1.mail", Flag.SEEN),
        ("1700000000.M1P1.mail:2,S,T", "1700000000.M1P1.mail", Flag.SEEN),
        ("1700000000.M1P1.mail:1,S", "1700000000.M1P1.mail", Flag.NONE),
        ("1700000000.a;2,x:2,S", "1700000000.a;2,x", Flag.SEEN),
        ("plain", "plain", Flag.NONE),
        (":2,S", "", Flag.SEEN),
    ],
)
def test_name_tells_base_and_flags(name, base, flags):
    assert (base_name(name), entry(name).flags) == (base, flags)


def test_name_tells_keywords_by_the_folders_own_letters():
    told = entry("1700000000.a:2,SbaZc", {"a": "$Label1", "b": "Cliente"})

    assert told.keywords == ("Cliente", "$Label1")


@pytest.mark.parametrize(
    ("name", "size_bytes"),
    [
        ("1.a,S=123:2,", 123),
        ("1.a,S=123,W=130:2,S", 123),
        ("1.a,W=130,S=5", 5),
        ("1.a:2,S", None),
        ("1.a,S=:2,", None),
        ("1.a,S=-1:2,", None),
        ("1.a,S=٣:2,", None),
        ("1.aS=9", None),
        ("1.a:2,S,S=9", None),
    ],
)
def test_name_tells_the_size_where_it_has_one(name, size_bytes):
    assert entry(name).size_bytes == size_bytes


@pytest.mark.parametrize(
    ("name", "received"),
    [
        ("1700000000.M1P1.mail", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("signed:2,S", EPOCH),
        ("170000000000.a", EPOCH),
        ("1700000000x", EPOCH),
        ("", EPOCH),
    ],
)
def test_name_tells_when_the_message_came(name, received):
    assert entry(name).received == received


@pytest.mark.parametrize("seconds", [1e18, -1e18, 253_402_300_799, -62_135_596_800, float("inf"), float("nan")])
def test_time_that_no_calendar_has_is_the_epoch(seconds):
    assert moment(seconds) == EPOCH


def test_keywords_are_read_by_number():
    data = b"0 $Label1\n1 Cliente importante\n25 z\n26 no\n-1 no\nx no\n2\n3 \xff\n\n"

    assert read_keywords(data) == {"a": "$Label1", "b": "Cliente importante", "z": "z", "d": "\ufffd"}


@pytest.mark.parametrize(
    ("data", "guid"),
    [
        (b"3 V1 N2 Gabc123\n1 :x\n", "abc123"),
        (b"3 V1 N2 Gabc123", "abc123"),
        (b"3 V1 N2\n1 Gabc :x\n", None),
        (b"1 1578390000 3\n1 Gx\n", None),
        (b"", None),
        (b"\n", None),
    ],
)
def test_uidlist_tells_the_folders_own_guid(data, guid):
    assert read_mailbox_guid(data) == guid


def test_uidlist_tells_the_guids_that_differ_from_the_name():
    data = (
        b"3 V1578390000 N1 G00ff\n"
        b"1 :1700000001.a,S=5\n"
        b"2 Gbeef :1700000002.b,S=5\n"
        b"3 W12 Gcafe S10 :1700000003.c:2,S\n"
        b"4 :1700000004.d G Gfoo\n"
        b"5 Gdead 1700000005.no-colon\n"
        b"6 Gf00d :1700000006.\xff\n"
        b"7 Glast :1700000007.e"
    )

    assert read_message_guids(data) == {
        "1700000002.b,S=5": "beef",
        "1700000003.c": "cafe",
        "1700000006.\udcff": "f00d",
        "1700000007.e": "last",
    }


def test_last_of_two_lines_of_one_message_counts():
    assert read_message_guids(b"3 V1 N3\n1 Gone :a\n2 Gtwo :a\n") == {"a": "two"}


@pytest.mark.parametrize("data", [b"", b"\n", b"3 V1 N2 Gabc", b" G", b"\n G", b"\0" * 50, b"\n1 G:\n", b"\n1 G :\n"])
def test_broken_uidlist_does_no_harm(data):
    assert set(read_message_guids(data)) <= {""}
