"""A ZIP archive that every unpacker takes, its size told beforehand."""

import io
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from itertools import repeat

import pytest

from tests.scale import needs_evidence
from tests.webmail.archives.given import NOON, member
from webmail.archives import zip as archive
from webmail.archives.members import Member

MANY = 70_000
LARGE_BYTES = 5 << 30
EMPTY = bytes(1 << 20)


def unpackers(path):
    """Return the commands of this machine that test an archive."""
    commands = [["unzip", "-tqq", str(path)], ["bsdtar", "-tf", str(path)], ["7z", "t", str(path)]]
    return [command for command in commands if shutil.which(command[0])]


def passes(path):
    done = [subprocess.run(command, capture_output=True, check=False) for command in unpackers(path)]
    return [each.returncode for each in done] == [0] * len(done)


def test_members_come_back():
    members = [member("a.eml", b"uno", b"due"), member("vuoto.eml"), Member("Però/", NOON), member("Però/ü.eml", b"x")]

    data = b"".join(archive.stream(members))

    with zipfile.ZipFile(io.BytesIO(data)) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == {
            "a.eml": b"unodue",
            "vuoto.eml": b"",
            "Però/": b"",
            "Però/ü.eml": b"x",
        }
    assert archive.size_bytes(members) == len(data)


def test_times_are_exact_for_unix_and_local_for_windows():
    (info,) = zipfile.ZipFile(io.BytesIO(b"".join(archive.stream([member("a")])))).infolist()

    assert info.date_time == (2026, 11, 19, 12, 0, 0)
    assert info.extra == b"UT\x05\x00\x01" + int(NOON.timestamp()).to_bytes(4, "little")


@pytest.mark.parametrize("year", [1970, 1901, 2107, 9000])
def test_no_time_is_too_odd(year):
    moment = datetime(year, 6, 1, tzinfo=UTC)

    data = b"".join(archive.stream([Member("a", moment)]))

    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


def never():
    raise AssertionError("read too early")


def test_first_piece_waits_for_nothing_that_follows():
    chunks = archive.stream([Member("a", NOON, 1, never)])

    assert next(chunks).startswith(b"PK\x03\x04")


def test_many_members_pass_every_unpacker(tmp_path):
    path = tmp_path / "many.zip"
    path.write_bytes(b"".join(archive.stream(member(f"{number:05}.eml", b"x") for number in range(MANY))))

    assert path.stat().st_size == archive.size_bytes(member(f"{number:05}.eml", b"x") for number in range(MANY))
    with zipfile.ZipFile(path) as found:
        assert len(found.namelist()) == MANY
    assert passes(path)


@needs_evidence
def test_more_than_four_gigabytes_pass_every_unpacker(tmp_path):
    large = Member("large.eml", NOON, LARGE_BYTES, lambda: repeat(EMPTY, LARGE_BYTES // len(EMPTY)))
    members = [member("before.eml", b"x"), large, member("behind.eml", b"x")]
    path = tmp_path / "large.zip"

    with path.open("wb") as file:
        for chunk in archive.stream(members):
            # A hole is as good as zeros, and takes no room.
            _ = file.seek(len(chunk), io.SEEK_CUR) if chunk is EMPTY else file.write(chunk)

    assert path.stat().st_size == archive.size_bytes(members) > LARGE_BYTES
    assert passes(path)
