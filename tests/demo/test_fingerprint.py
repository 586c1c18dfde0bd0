import os

import pytest

from demo.fingerprint import fingerprint


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "cur").mkdir()
    (tmp_path / "cur" / "one").write_bytes(b"ciao")
    os.utime(tmp_path / "cur" / "one", (1, 1))
    return tmp_path


def test_fingerprint_is_the_same_when_nothing_changed(tree):
    assert fingerprint(tree) == fingerprint(tree)


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: (tree / "cur" / "two").touch(),
        lambda tree: (tree / "cur" / "one").chmod(0o400),
        lambda tree: os.utime(tree / "cur" / "one", (1, 2)),
        lambda tree: (tree / "cur" / "one").rename(tree / "cur" / "one:2,S"),
        lambda tree: os.utime(tree / "cur", (1, 1)),
    ],
    ids=["created", "mode", "mtime", "renamed", "directory"],
)
def test_fingerprint_tells_a_change(tree, change):
    before = fingerprint(tree)

    change(tree)

    assert fingerprint(tree) != before


def test_fingerprint_tells_content_of_the_same_size_and_time(tree):
    before = fingerprint(tree)

    (tree / "cur" / "one").write_bytes(b"CIAO")
    os.utime(tree / "cur" / "one", (1, 1))

    assert fingerprint(tree) != before


def test_fingerprint_opens_no_fifo_and_follows_no_link(tree):
    os.mkfifo(tree / "fifo")
    (tree / "link").symlink_to("/nowhere/at/all")

    lines = fingerprint(tree)

    assert lines["fifo"].startswith("p")
    assert lines["link"].endswith("-> /nowhere/at/all")
