"""On a copy of the same tree a real Dovecot says what we say: names, guids, flags, keywords, dates, bytes."""

import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.provider import Provider
from snapshots.types import Flag
from tests.served import ALICE
from tests.snapshots.conftest import DAY

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "_maildir"
CORPUS_TREES = sorted(CORPUS.iterdir()) if CORPUS.is_dir() else []
SYSTEM_FLAGS = {
    b"\\Answered": Flag.ANSWERED,
    b"\\Deleted": Flag.DELETED,
    b"\\Draft": Flag.DRAFT,
    b"\\Flagged": Flag.FLAGGED,
    b"\\Seen": Flag.SEEN,
}
# Dovecot knows no letter P; every message of a fresh copy is recent to it.
NOT_COMPARED = {b"\\Recent"}
# What Dovecot calls a keyword's letter that no list names.
NAMELESS = b"unknown-"
NO_FOLDER = {b"\\Noselect", b"\\NoSelect", b"\\NonExistent"}
LONG_AGO = datetime(2009, 3, 1, 8, 30, tzinfo=UTC)
EIGHT_BIT = b"Subject: caff\xe8\r\nX: \xff\xfe\r\n\r\nuna riga\ne un'altra\r\ncon \r solo"


def in_crlf(source):
    return re.sub(rb"\r?\n", b"\r\n", source)


def ours(reader):
    """What our engine says of every folder."""
    return {folder.name: sorted(_our_messages(reader, folder)) for folder in reader.folders()}


def _our_messages(reader, folder):
    entries = list(reader.entries(folder))
    for head in reader.heads(folder, entries):
        with reader.open_source(folder, head.entry) as stream:
            source = in_crlf(stream.read())
        flags = head.entry.flags & ~Flag.FORWARDED
        date = int(head.internal_date.timestamp())
        yield (head.entry.guid, flags.value, sorted(head.entry.keywords), date, source)


def theirs(client):
    """What Dovecot says of every folder."""
    names = [name for flags, _, name in client.list_folders() if not NO_FOLDER.intersection(flags)]
    return {name: sorted(_their_messages(client, name)) for name in names}


def _their_messages(client, name):
    client.select_folder(name, readonly=True)
    for values in client.fetch(client.search(), ["X-GUID", "FLAGS", "INTERNALDATE", "BODY.PEEK[]"]).values():
        told = set(values[b"FLAGS"]) - NOT_COMPARED
        flags = sum(flag.value for name, flag in SYSTEM_FLAGS.items() if name in told)
        keywords = sorted(flag.decode() for flag in told.difference(SYSTEM_FLAGS) if not flag.startswith(NAMELESS))
        date = int(values[b"INTERNALDATE"].timestamp())
        yield (os.fsdecode(values[b"X-GUID"]), flags, keywords, date, values[b"BODY[]"])


@pytest.fixture(params=[("maildir++", "mutf7"), ("maildir++", "utf8"), ("fs", "mutf7"), ("fs", "utf8")], ids="-".join)
def manner(request):
    layout, encoding = request.param
    return {"layout": layout, "encoding": encoding}


@pytest.fixture
def night(provider, manner):
    """A mailbox with everything that makes lists and files disagree."""
    mailbox = provider.mailbox(ALICE, **manner)
    before = mailbox.night("2026-11-20")
    expunged = before.message("expunged, its line stays")
    moved = before.message("moved", flags="RS", keywords=("Cliente",), folder="Clienti/Più & co")
    copied = before.message("copied twice", flags="S")
    night = mailbox.night(DAY)
    night.delete(expunged).move(moved, "Posta inviata").copy(copied, "INBOX").copy(copied, "日本語")
    night.message("keywords", flags="F", keywords=("$Label1", "Cliente"))
    night.message("deleted draft", flags="DPT")
    night.message("new", new=True)
    night.message("new and listed", new=True, listed=True)
    night.message("not listed", listed=False, flags="S")
    night.message("guid of its own", guid="0123456789abcdef", folder="日本語")
    night.message(source=EIGHT_BIT, received=LONG_AGO)
    night.message("compressed", text="ciao " * 500, compressed="gz")
    migrated = night.message("stamp of today, date of long ago")
    os.utime(night.file(migrated), (LONG_AGO.timestamp(), LONG_AGO.timestamp()))
    night.folder("Non iscritta", subscribed=False).folder("Bozze")
    return night


def client_of(dovecot, tree, **manner):
    address = f"agrees{len(dovecot.passwords)}@agrees.example"
    dovecot.add_user(address, copy_of=tree, **manner)
    return dovecot.client(address)


def test_dovecot_says_the_same_of_every_message(provider, night, manner, dovecot, opened, unchanged):
    client = client_of(dovecot, night.path, **manner)

    said = ours(opened(unchanged(provider)))

    assert said == theirs(client)
    assert {name: len(messages) for name, messages in said.items()} == {
        "INBOX": 10,
        "Bozze": 0,
        "Clienti/Più & co": 0,
        "Non iscritta": 0,
        "Posta inviata": 1,
        "日本語": 2,
    }


def test_dovecot_has_the_same_subscriptions(provider, night, manner, dovecot, opened, unchanged):
    client = client_of(dovecot, night.path, **manner)

    folders = opened(unchanged(provider)).folders()

    told = {name for _, _, name in client.list_sub_folders()}
    assert {folder.name for folder in folders if folder.subscribed} == told | {"INBOX"}


def test_dovecot_tells_the_same_mailbox_guid(provider, night, manner, dovecot, opened, unchanged):
    client = client_of(dovecot, night.path, **manner)

    guid = opened(unchanged(provider)).inbox_guid()

    assert client.folder_status("INBOX", ["X-GUID"]) == {b"X-GUID": guid.encode()}


@pytest.mark.parametrize("make", ["forget", "tidy", "duplicate"])
def test_dovecot_identifies_the_same_whatever_became_of_the_list(provider, dovecot, opened, unchanged, make):
    night = provider.mailbox(ALICE).night(DAY)
    first, _ = night.message("uno"), night.message("due")
    night.copy(first, "INBOX").message("tre", new=True)
    uidlist = night.path / "dovecot-uidlist"
    if make == "forget":
        night.forget_uids()
    elif make == "tidy":
        night.tidy()
    else:
        uidlist.write_bytes(uidlist.read_bytes() + f"9 Gcafe :{first.guid}\n".encode())
    client = client_of(dovecot, night.path)

    assert ours(opened(unchanged(provider))) == theirs(client)


NAMES = [
    *(
        "1700000001.a:2,S,T",
        "1700000002.a:1,S",
        "1700000003.a:2,TSZab",
        "1700000004.a",
        "plain",
        "1700000005.b;2,x:2,S",
    ),
    *("1700000006.foo bar:2,S", "1700000007.h\udcff\udcfex:2,S", "1700000008.a:2,", "999999999.old:2,F"),
]


def test_dovecot_reads_odd_names_the_same(provider, dovecot, opened, unchanged):
    night = provider.mailbox(ALICE).night(DAY)
    for name in NAMES:
        (night.path / "cur" / name).write_bytes(b"Subject: odd\n\n" + os.fsencode(name))
    (night.path / "new" / "1700000009.a:2,S").write_bytes(b"Subject: flags in new\n\n")
    (night.path / "dovecot-keywords").write_text("0 $Label1\n1 Cliente\n")
    client = client_of(dovecot, night.path)

    assert ours(opened(unchanged(provider))) == theirs(client)


def make_dovecots_own(maildir):
    """Make a Maildir writable, with names as Dovecot reads them and without sizes that are not theirs."""
    for path in (maildir, *maildir.rglob("*")):
        path.chmod(0o700)
        path.rename(path.with_name(re.sub(",[SW]=[0-9]+", "", re.sub("[;!]2,", ":2,", path.name))))


@pytest.mark.parametrize("tree", CORPUS_TREES or [None], ids=lambda tree: tree.name if tree else "none")
def test_dovecot_says_the_same_of_maildirs_found_in_the_wild(tmp_path, dovecot, opened, unchanged, tree):
    if tree is None:
        pytest.skip("no corpus of Maildirs beside the project")
    provider = Provider(tmp_path)
    night = provider.mailbox(ALICE).night(DAY)
    shutil.rmtree(night.path)
    shutil.copytree(tree, night.path)
    make_dovecots_own(night.path)
    client = client_of(dovecot, night.path)

    assert ours(opened(unchanged(provider))) == theirs(client)
