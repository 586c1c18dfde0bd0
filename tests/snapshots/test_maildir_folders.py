"""Which folders a Maildir has, in both layouts and both encodings, and how each is."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from demo.provider import Provider
from snapshots.engines.maildir import folders
from snapshots.engines.maildir.folders import MAX_FOLDERS, Encoding, decode, list_folders
from snapshots.types import FolderState

DAY = "2026-11-21"


@pytest.fixture
def listed(provider, unchanged):
    """Give a function that lists the folders of a Maildir; the provider is sealed then."""

    def list_them(night, encoding=Encoding.AUTO):
        unchanged(provider)
        root = os.open(night.path, os.O_RDONLY)
        try:
            return {folder.name: folder for folder in list_folders(root, encoding)}
        finally:
            os.close(root)

    return list_them


def make(night, *names):
    """Make directories as some other program did: bytes below the Maildir, each with its `cur`."""
    for name in names:
        Path(night.path, os.fsdecode(name), "cur").mkdir(parents=True)


@pytest.mark.parametrize("layout", ["maildir++", "fs"])
@pytest.mark.parametrize("encoding", ["mutf7", "utf8"])
def test_names_are_read_as_they_were_written(provider, listed, layout, encoding):
    names = ["Clienti", "Clienti/Caffè & Tè", "Così/è/più", "日本語", "a&b", "Zoë"]
    night = provider.mailbox("a@b.example", layout=layout, encoding=encoding).night(DAY)
    for name in names:
        night.folder(name)

    folders = listed(night)

    assert set(folders) == {"INBOX", *names}


@pytest.mark.parametrize(
    ("raw", "encoding", "name"),
    [
        (b"Pi&APk-", Encoding.AUTO, "Più"),
        ("Più".encode(), Encoding.AUTO, "Più"),
        (b"A &- B", Encoding.AUTO, "A & B"),
        (b"A &- B", Encoding.UTF8, "A &- B"),
        (b"A & B", Encoding.AUTO, "A & B"),
        (b"A & B", Encoding.UTF7, "A & B"),
        ("Più".encode(), Encoding.UTF7, "Pi\\xc3\\xb9"),
        (b"Pi&APk-", Encoding.UTF8, "Pi&APk-"),
        (b"Caf\xe9", Encoding.AUTO, "Caf\\xe9"),
        (b"a&AGE-b", Encoding.AUTO, "a&AGE-b"),
        (b"nul&AAA-", Encoding.AUTO, "nul&AAA-"),
        (b"&2D0-", Encoding.AUTO, "&2D0-"),
        (b"cut&AP", Encoding.AUTO, "cut&AP"),
        (b"&AC8-", Encoding.AUTO, "&AC8-"),
        (b"line\nbreak", Encoding.AUTO, "line\\x0abreak"),
        ("right\u202eleft".encode(), Encoding.AUTO, "right\\xe2\\x80\\xaeleft"),
        (b"tab\t", Encoding.AUTO, "tab\\x09"),
    ],
)
def test_name_is_shown_readably_or_as_it_lies(raw, encoding, name):
    assert decode(raw, encoding) == name


def test_names_that_cannot_be_decoded_keep_their_messages_apart(provider, night, listed):
    make(night, b".Caf\xe9", b".Caf\xe8", b".Caf\\xe9")

    folders = listed(night)

    assert len(folders) == 4
    assert len({folder.id for folder in folders.values()}) == 4
    handles = {os.fsencode(folder.handle) for folder in folders.values()}
    assert handles == {b"", b".Caf\xe9", b".Caf\xe8", b".Caf\\xe9"}


def test_two_encodings_of_one_name_are_two_folders(night, listed):
    make(night, b".Pi&APk-", ".Più".encode())

    folders = listed(night)

    assert {folder.handle for folder in folders.values()} == {"", ".Pi&APk-", ".Più"}


@pytest.mark.parametrize("layout", ["maildir++", "fs"])
def test_directory_called_inbox_hides_no_inbox(provider, listed, layout):
    night = provider.mailbox("a@b.example", layout=layout).night(DAY)
    make(night, *{"maildir++": (b".INBOX", b".inbox"), "fs": (b"INBOX", b"inbox")}[layout])

    folders = listed(night)

    assert folders["INBOX"].handle == ""
    assert len({folder.handle for folder in folders.values()}) == 3


def test_name_of_255_bytes_is_a_folder(night, listed):
    make(night, b"." + b"x" * 254)

    assert "x" * 254 in listed(night)


@pytest.mark.parametrize("name", [b".", b".."])
def test_dots_alone_are_no_folder(night, listed, name):
    make(night, name * 3)

    assert set(listed(night)) == {"INBOX"}


def test_folders_come_in_order_whatever_the_case(night, listed):
    make(night, b".zeta", b".Beta", b".alfa.due", b".alfa", b".Alfa uno")

    assert list(listed(night)) == ["INBOX", "alfa", "alfa/due", "Alfa uno", "Beta", "zeta"]


def test_half_copied_inbox_is_unreadable_not_empty(night, listed):
    shutil.rmtree(night.path / "cur")

    assert listed(night)["INBOX"].state is FolderState.UNREADABLE


@pytest.mark.parametrize("layout", ["maildir++", "fs"])
def test_half_copied_folder_is_unreadable_not_empty(provider, listed, layout):
    night = provider.mailbox("a@b.example", layout=layout).night(DAY).folder("Clienti")
    shutil.rmtree(night.directory("Clienti") / "cur")

    assert listed(night)["Clienti"].state is FolderState.UNREADABLE


@pytest.mark.parametrize("number", [errno.ESTALE, errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_folder_is_not_unreadable_for_what_is_not_its_fault(night, listed, monkeypatch, number):
    def fail(directory, name):
        raise OSError(number, "no")

    monkeypatch.setattr(folders, "open_messages", fail)

    with pytest.raises(OSError, match="no"):
        listed(night)


def test_folder_without_new_can_be_read(night, listed):
    night.folder("Clienti")
    (night.directory("Clienti") / "new").rmdir()

    assert listed(night)["Clienti"].state is FolderState.LISTED


@pytest.mark.parametrize("directory", ["cur", "new"])
def test_folder_whose_messages_lie_behind_a_link_is_unreadable(night, listed, tmp_path, directory):
    night.folder("Clienti")
    (night.directory("Clienti") / directory).rmdir()
    (night.directory("Clienti") / directory).symlink_to(tmp_path)

    assert listed(night)["Clienti"].state is FolderState.UNREADABLE


def test_parents_without_messages_are_no_folders_of_a_nested_layout(provider, listed):
    night = provider.mailbox("a@b.example", layout="fs").night(DAY).folder("Anni/2025/Marzo")
    (night.path / "sieve").mkdir()

    assert set(listed(night)) == {"INBOX", "Anni/2025/Marzo"}


def test_nesting_ends_somewhere(night, listed):
    make(night, b"/".join([b"d"] * 60))

    assert set(listed(night)) == {"INBOX"}


def test_walk_ends_at_the_folders_it_may_show(night, monkeypatch):
    make(night, *(b".f%d" % number for number in range(20)))
    monkeypatch.setattr("snapshots.engines.maildir.folders.MAX_FOLDERS", 10)
    root = os.open(night.path, os.O_RDONLY)

    folders = list_folders(root, Encoding.AUTO)

    os.close(root)
    assert len(folders) == 10
    assert MAX_FOLDERS == 5000


def subscribed(folders):
    return {name for name, folder in folders.items() if folder.subscribed}


@pytest.mark.parametrize("layout", ["maildir++", "fs"])
@pytest.mark.parametrize("encoding", ["mutf7", "utf8"])
def test_subscriptions_of_version_2_are_read(provider, listed, layout, encoding):
    night = provider.mailbox("a@b.example", layout=layout, encoding=encoding).night(DAY)
    night.folder("Clienti/Più").folder("Altro", subscribed=False)

    assert subscribed(listed(night)) == {"INBOX", "Clienti/Più"}


@pytest.mark.parametrize("lines", [b"Clienti.Pi&APk-\n", b"Clienti/Pi&APk-\n", b"\nClienti.Pi&APk-"])
def test_subscriptions_of_version_1_are_read(night, listed, lines):
    night.folder("Clienti/Più").folder("Altro")
    (night.path / "subscriptions").write_bytes(lines)

    assert subscribed(listed(night)) == {"INBOX", "Clienti/Più"}


@pytest.mark.parametrize("lines", [None, b"", b"V\t2\n\n"])
def test_without_subscriptions_every_folder_counts_as_subscribed(night, listed, lines):
    night.folder("Clienti")
    (night.path / "subscriptions").unlink()
    if lines is not None:
        (night.path / "subscriptions").write_bytes(lines)

    assert subscribed(listed(night)) == {"INBOX", "Clienti"}


def test_plain_courier_tree_has_its_folders(tmp_path):
    night = Provider(tmp_path).mailbox("a@b.example").night(DAY)
    for path in night.path.glob("dovecot-*"):
        path.unlink()
    (night.path / "subscriptions").unlink(missing_ok=True)
    (night.path / "courierimapuiddb").write_text("1 1578390000 3\n")
    (night.path / "courierimapkeywords").mkdir()
    (night.path / "courierimapkeywords" / ":list").write_text("")
    make(night, b".Sent", b".Trash")
    root = os.open(night.path, os.O_RDONLY)

    folders = list_folders(root, Encoding.AUTO)

    os.close(root)
    assert [folder.name for folder in folders] == ["INBOX", "Sent", "Trash"]
