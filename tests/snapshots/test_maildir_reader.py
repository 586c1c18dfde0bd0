"""Reading one mailbox whose files were damaged, renamed, compressed, or taken away meanwhile."""

import errno
import os
import shutil

import pytest

from snapshots.engines.maildir import reader as maildir_reader
from snapshots.errors import (
    EngineTimeout,
    EngineUnavailable,
    FolderNotFound,
    MessageNotFound,
    SnapshotError,
    SnapshotGone,
    SourceDamaged,
)
from snapshots.types import FolderState
from tests.snapshots.conftest import DAY

LONG = b"Subject: long\nX-Long: " + b"x" * 40_000 + b"\n\nbody"


def inbox_of(reader):
    return reader.folders()[0]


def everything(reader):
    """What a reader says of a whole mailbox."""
    told = [reader.inbox_guid()]
    for folder in reader.folders():
        entries = reader.entries(folder)
        heads = [(head.internal_date, head.size_bytes, head.data) for head in reader.heads(folder, list(entries))]
        sources = []
        for entry in entries:
            with reader.open_source(folder, entry) as stream:
                sources.append(stream.read())
        told.append((folder, list(entries), heads, sources))
    return told


def failing(monkeypatch, number, *, at):
    """Let the `at`-th call into the file system answer with an error; return the count of calls so far."""
    calls = [0]

    def wrap(name):
        original = getattr(os, name)

        def call(*arguments, **named):
            calls[0] += 1
            if calls[0] == at:
                raise OSError(number, os.strerror(number))
            return original(*arguments, **named)

        monkeypatch.setattr(os, name, call)

    for name in ("open", "stat", "listdir", "scandir", "read"):
        wrap(name)
    return calls


@pytest.fixture
def full(provider, night, unchanged):
    """A mailbox of two folders, sealed."""
    night.message("uno", flags="S", keywords=("Cliente",))
    night.message("due", guid="beef")
    night.message("tre", folder="Clienti/Più", new=True)
    return unchanged(provider)


@pytest.mark.parametrize("at", range(1, 46))
def test_stale_handle_at_any_call_means_the_night_is_gone(full, opened, monkeypatch, at):
    with opened(full) as reader:
        before = everything(reader)
    monkeypatch.setattr(maildir_reader, "QUICK_SECONDS", 60)
    reader = opened(full)
    calls = failing(monkeypatch, errno.ESTALE, at=at)

    outcome = _outcome(lambda: everything(reader))

    monkeypatch.undo()
    assert outcome is SnapshotGone if calls[0] >= at else outcome == before


@pytest.mark.parametrize("at", range(1, 46, 4))
@pytest.mark.parametrize("number", [errno.EIO, errno.EMFILE, errno.EACCES])
def test_other_error_at_any_call_is_ours_and_never_other_bytes(full, opened, monkeypatch, number, at):
    with opened(full) as reader:
        before = everything(reader)
    monkeypatch.setattr(maildir_reader, "QUICK_SECONDS", 60)
    reader = opened(full)
    failing(monkeypatch, number, at=at)

    outcome = _outcome(lambda: everything(reader))

    monkeypatch.undo()
    assert outcome in (EngineUnavailable, SourceDamaged) or _is_part_of(outcome, before)


def _outcome(call):
    try:
        return call()
    except SnapshotError as error:
        return type(error)


def _is_part_of(outcome, before):
    """Whether nothing was told but what is so: heads may be missing, nothing else."""
    same = [told[1:2] + told[3:] for told in outcome[1:]] == [told[1:2] + told[3:] for told in before[1:]]
    heads = all(set(told[2]) <= set(known[2]) for told, known in zip(outcome[1:], before[1:], strict=True))
    return same and heads and outcome[0] == before[0]


def test_folder_that_may_not_be_read_says_so(provider, night, opened, monkeypatch):
    night.folder("Clienti").folder("Altro")
    reader = opened(provider)
    original = os.open

    def refuse(path, *arguments, **named):
        if path == ".Clienti":
            raise PermissionError(errno.EACCES, "no")
        return original(path, *arguments, **named)

    monkeypatch.setattr(os, "open", refuse)

    folders = {folder.name: folder for folder in reader.folders()}

    assert {name: str(folder.state) for name, folder in folders.items()} == {
        "INBOX": "listed",
        "Altro": "listed",
        "Clienti": "unreadable",
    }
    with pytest.raises(EngineUnavailable):
        reader.entries(folders["Clienti"])


def test_half_copied_folder_has_no_entries_to_tell(provider, night, opened):
    night.message("uno")
    shutil.rmtree(night.path / "cur")
    reader = opened(provider)

    inbox = inbox_of(reader)

    assert inbox.state is FolderState.UNREADABLE
    with pytest.raises(EngineUnavailable) as caught:
        reader.entries(inbox)
    assert (caught.value.folder, str(caught.value.day)) == ("INBOX", DAY)


def test_folder_removed_since_it_was_listed_is_not_found(provider, night, opened):
    night.folder("Clienti")
    reader = opened(provider)
    [_, clienti] = reader.folders()

    night.remove_folder("Clienti")

    with pytest.raises(FolderNotFound):
        reader.entries(clienti)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda reader, inbox, entries: reader.inbox_guid(), id="guid"),
        pytest.param(lambda reader, inbox, entries: reader.folders(), id="folders"),
        pytest.param(lambda reader, inbox, entries: reader.entries(inbox), id="entries"),
        pytest.param(lambda reader, inbox, entries: reader.heads(inbox, entries), id="heads"),
        pytest.param(lambda reader, inbox, entries: reader.open_source(inbox, entries[0]), id="source"),
    ],
)
def test_night_that_expires_while_it_is_open_is_gone(provider, night, opened, ask):
    night.message("uno")
    reader = opened(provider)
    inbox = inbox_of(reader)
    entries = list(reader.entries(inbox))

    provider.lose(DAY)

    with pytest.raises(SnapshotGone):
        ask(reader, inbox, entries)


def test_source_opened_before_its_night_expired_is_read_to_its_end(provider, night, opened):
    message = night.message("uno", text="x" * 1_000_000)
    reader = opened(provider)
    inbox = inbox_of(reader)

    with reader.open_source(inbox, reader.entries(inbox)[0]) as stream:
        beginning = stream.read(10)
        provider.lose(DAY)
        rest = stream.read()

    assert beginning + rest == message.source


def test_message_flagged_since_it_was_listed_is_found_by_its_base_name(provider, night, opened):
    message = night.message("uno")
    reader = opened(provider)
    inbox = inbox_of(reader)
    [entry] = reader.entries(inbox)

    night.flag(message, "FS")

    [head] = reader.heads(inbox, [entry])
    with reader.open_source(inbox, entry) as stream:
        assert stream.read() == head.data == message.source


def test_message_expunged_since_it_was_listed_is_not_found(provider, night, opened):
    message = night.message("uno")
    reader = opened(provider)
    inbox = inbox_of(reader)
    [entry] = reader.entries(inbox)

    night.delete(message)

    assert reader.heads(inbox, [entry]) == []
    with pytest.raises(MessageNotFound):
        reader.open_source(inbox, entry)


def test_message_delivered_since_is_listed_at_once(provider, night, opened):
    night.message("uno")
    reader = opened(provider)
    before = len(reader.entries(inbox_of(reader)))

    night.message("due")

    assert (before, len(reader.entries(inbox_of(reader)))) == (1, 2)


@pytest.mark.parametrize("method", ["gz", "zstd"])
def test_compressed_message_reads_like_a_plain_one(provider, night, opened, unchanged, method):
    message = night.message(source=LONG, compressed=method)
    reader = opened(unchanged(provider))
    inbox = inbox_of(reader)
    [entry] = reader.entries(inbox)

    [head] = reader.heads(inbox, [entry])

    assert (head.data, head.size_bytes) == (LONG, len(LONG))
    with reader.open_source(inbox, entry) as stream:
        assert stream.read() == message.source


def test_message_no_installation_can_read_hides_no_other(provider, night, opened, unchanged):
    night.message(source=b"Dovecot-LZ4\x0d\x2a\x9b\xc5 what follows")
    night.message(source=b"\x1f\x8b not gzip")
    good = night.message("buono")
    reader = opened(unchanged(provider))
    inbox = inbox_of(reader)
    entries = reader.entries(inbox)

    heads = reader.heads(inbox, list(entries))

    assert [head.entry.guid for head in heads] == [good.guid]
    with pytest.raises(EngineUnavailable, match="imap engine"):
        reader.open_source(inbox, entries[0])


def test_without_a_uidlist_names_are_the_identity(provider, night, opened, unchanged):
    message = night.message("uno")
    night.forget_uids()
    reader = opened(unchanged(provider))

    assert reader.inbox_guid() is None
    assert [entry.guid for entry in reader.entries(inbox_of(reader))] == [message.guid]


def test_stale_and_missing_lines_of_a_uidlist_change_no_identity(provider, mailbox, opened, unchanged):
    first = mailbox.night("2026-11-20")
    gone, moved, new = first.message("a"), first.message("b", guid="beef"), first.message("c", new=True)
    mailbox.night(DAY).delete(gone).move(moved, "Archivio")
    reader = opened(unchanged(provider))

    guids = {folder.name: [entry.guid for entry in reader.entries(folder)] for folder in reader.folders()}

    assert guids == {"INBOX": [new.guid], "Archivio": ["beef"]}


def test_late_work_of_a_closed_reader_finds_no_other_mailbox(provider, mailbox, opened, monkeypatch):
    mailbox.night(DAY).message("di Alice")
    provider.mailbox("charlie@example.com").night(DAY).message("di Charlie")
    reader = opened(provider)
    late = []

    def abandon(works):
        late.extend(works)
        raise EngineTimeout

    monkeypatch.setattr(reader._guard, "call_all", abandon)
    with pytest.raises(EngineTimeout):
        reader.folders()
    monkeypatch.undo()

    reader.close()
    opened(provider, address="charlie@example.com")
    with pytest.raises(OSError, match=os.strerror(errno.EBADF)):
        late[0]()
