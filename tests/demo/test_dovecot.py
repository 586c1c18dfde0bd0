"""The builder's trees are read by a real Dovecot as they were meant."""

from datetime import UTC, datetime

import pytest

from demo.provider import Provider, fingerprint

RECEIVED = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)


@pytest.fixture
def night(tmp_path):
    return Provider(tmp_path).mailbox("giulia@studiorossi.example").night("2026-11-19")


def fetch(client, folder, *items):
    client.select_folder(folder, readonly=True)
    return [values for _, values in sorted(client.fetch(client.search(), items).items())]


def test_dovecot_reads_what_the_builder_wrote(dovecot, night):
    message = night.message("Contratto", flags="FS", keywords=("$Label1", "Cliente"), received=RECEIVED)
    dovecot.add_user("reads@studiorossi.example", copy_of=night.path)

    client = dovecot.client("reads@studiorossi.example")
    [values] = fetch(client, "INBOX", "X-GUID", "FLAGS", "INTERNALDATE", "BODY.PEEK[]", "RFC822.SIZE")

    assert values[b"X-GUID"].decode() == message.guid
    assert {b"\\Seen", b"\\Flagged", b"$Label1", b"Cliente"} <= set(values[b"FLAGS"])
    assert values[b"INTERNALDATE"] == RECEIVED
    assert values[b"BODY[]"].replace(b"\r\n", b"\n") == message.source
    assert values[b"RFC822.SIZE"] == len(values[b"BODY[]"])


def test_dovecot_knows_the_inbox_by_the_builders_guid(dovecot, night):
    dovecot.add_user("guid@studiorossi.example", copy_of=night.path)

    status = dovecot.client("guid@studiorossi.example").folder_status("INBOX", ["X-GUID"])

    assert status == {b"X-GUID": night.folders["INBOX"].guid.encode()}


def test_dovecot_finds_moved_copied_and_unlisted_messages(dovecot, night):
    moved, copied, new = night.message("a"), night.message("b"), night.message("c", new=True)
    night.move(moved, "Cestino").copy(copied, "INBOX").message("d", guid="0123456789abcdef")
    dovecot.add_user("quirks@studiorossi.example", copy_of=night.path)

    client = dovecot.client("quirks@studiorossi.example")
    inbox = [values[b"X-GUID"].decode() for values in fetch(client, "INBOX", "X-GUID")]
    trash = [values[b"X-GUID"].decode() for values in fetch(client, "Cestino", "X-GUID")]

    assert sorted(inbox) == sorted([copied.guid, copied.guid, new.guid, "0123456789abcdef"])
    assert trash == [moved.guid]


def test_dovecot_reads_compressed_messages(dovecot, night):
    message = night.message(text="ciao " * 500, compressed="gz")
    dovecot.add_user("gz@studiorossi.example", copy_of=night.path)

    [values] = fetch(dovecot.client("gz@studiorossi.example"), "INBOX", "BODY.PEEK[]")

    assert values[b"BODY[]"].replace(b"\r\n", b"\n") == message.source


@pytest.mark.parametrize("layout", ["maildir++", "fs"])
@pytest.mark.parametrize("encoding", ["mutf7", "utf8"])
def test_dovecot_lists_the_builders_folders(dovecot, tmp_path, layout, encoding):
    night = Provider(tmp_path).mailbox("x@y.example", layout=layout, encoding=encoding).night("2026-11-19")
    night.folder("Clienti/Più & co").folder("日本", subscribed=False)
    address = f"{layout.strip('+')}-{encoding}@studiorossi.example"
    dovecot.add_user(address, copy_of=night.path, layout=layout, encoding=encoding)

    client = dovecot.client(address)
    selectable = [name for flags, _, name in client.list_folders() if b"\\Noselect" not in flags]

    assert {"INBOX", "Clienti/Più & co", "日本"} <= set(selectable)
    assert [name for _, _, name in client.list_sub_folders()] == ["Clienti/Più & co"]


def test_dovecot_works_on_a_copy(dovecot, night):
    message = night.message()
    before = fingerprint(night.path)
    dovecot.add_user("copy@studiorossi.example", copy_of=night.path)

    client = dovecot.client("copy@studiorossi.example")
    client.select_folder("INBOX")
    client.delete_messages(client.search())
    client.expunge()

    assert fingerprint(night.path) == before
    assert night.file(message).exists()
