"""Nights into the index: whatever order they come in, every night lists what its snapshot lists."""

import random
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from snapshots.archive import Archive
from snapshots.engines.memory import MemoryEngine, MemoryEntry, MemoryMailbox, MemoryReader
from snapshots.types import FolderState, Night
from tests.served import ALICE, NOW, calendar_of
from tests.snapshots.timeindex.conftest import ACCOUNT, Indexed
from tests.snapshots.timeindex.given import DAYS, a_week, break_folder


def unread_of(index, day):
    with index.mailbox(day) as mailbox:
        return {count.folder.name: (count.total, count.unread) for count in mailbox.catalogue.folders()}


def subjects(index, day, folder="inbox"):
    with index.mailbox(day) as mailbox:
        page = mailbox.catalogue.page(mailbox.catalogue.folder(folder))
        return [row.envelope.subject for row in page.rows]


@pytest.mark.parametrize("seed", range(6))
def test_nights_in_any_order_give_what_each_lists(provider, mailbox, over, seed):
    chance = random.Random(seed)
    a_week(mailbox, chance)
    snapshots = {day: provider.snapshot(day) for day in DAYS}
    order = chance.sample(DAYS, len(DAYS))
    for path in snapshots.values():
        path.rename(path.with_name(f"away-{path.name}"))

    for day in order:
        snapshots[day].with_name(f"away-{snapshots[day].name}").rename(snapshots[day])
        index = over()
        assert index.build()

        assert index.differences() == []

    assert len(index.history().progress().days) == len(DAYS)


@pytest.mark.parametrize("seed", range(3))
def test_nights_that_vanish_in_any_order_leave_the_others_right(provider, mailbox, indexed, over, seed):
    chance = random.Random(seed)
    a_week(mailbox, chance)
    indexed()

    for day in chance.sample(DAYS, 5):
        provider.lose(day)
        index = over()
        assert index.build()

        assert index.differences() == []

    gone = "SELECT count(*) FROM message WHERE NOT EXISTS (SELECT 1 FROM placement WHERE message = message.id)"
    assert index.rows(gone) == [(0,)]


def test_night_of_another_taking_replaces_the_one_indexed(provider, mailbox, indexed, over):
    provider.snapshot_pattern = "nightly.%Y-%m-%d_%H%M"
    mailbox.night("2026-11-21").message("prima")
    index = indexed()
    taken_late = provider.snapshot("2026-11-21").with_name("nightly.2026-11-21_0100")
    shutil.copytree(provider.snapshot("2026-11-21"), taken_late, symlinks=True)
    provider.lose("2026-11-21")
    (taken_late / "example.com/alice/Maildir/cur").rename(taken_late / "example.com/alice/Maildir/old")
    (taken_late / "example.com/alice/Maildir/cur").mkdir()

    assert index.history().nights()[-2].messages == 1
    index = over()
    assert index.build()

    assert index.history().nights()[-2].messages == 0


def test_index_counts_what_is_unread(mailbox, indexed):
    night = mailbox.night("2026-11-21")
    night.message("letto", flags="S")
    night.message("non letto")
    night.message("nuovo", new=True)
    mailbox.night("2026-11-22").flag(night.folders["INBOX"].placements[1].message, "S")

    index = indexed()

    assert unread_of(index, "2026-11-21") == {"INBOX": (3, 2)}
    assert unread_of(index, "2026-11-22") == {"INBOX": (3, 1)}


def test_copy_within_a_folder_is_kept_beside_the_first(mailbox, indexed):
    night = mailbox.night("2026-11-21")
    message = night.message("doppio")
    night.copy(message, "INBOX")

    index = indexed()

    assert subjects(index, "2026-11-21") == ["doppio", "doppio"]


def test_two_messages_of_one_guid_are_both_kept(mailbox, indexed):
    night = mailbox.night("2026-11-21")
    night.message("uno", guid="0123456789abcdef")
    night.message("due", guid="0123456789abcdef")

    index = indexed()

    assert subjects(index, "2026-11-21") == ["due", "uno"]


def test_names_without_a_size_are_not_one_message_in_two_folders(mailbox, indexed):
    night = mailbox.night("2026-11-21")
    night.message("in arrivo", name="1")
    night.message("di un altro programma", name="1", folder="Clienti")

    index = indexed()

    with index.mailbox("2026-11-21") as opened:
        folders = [count.folder.id for count in opened.catalogue.folders()]
    assert [subjects(index, "2026-11-21", folder) for folder in folders] == [["in arrivo"], ["di un altro programma"]]


def test_unreadable_folder_ends_nothing(mailbox, over):
    before = mailbox.night("2026-11-20")
    message = before.message("c'è sempre", folder="Clienti")
    broken = mailbox.night("2026-11-21")
    mailbox.night("2026-11-22")
    break_folder(broken, "Clienti")

    index = over()
    assert index.build()

    assert index.differences() == []
    assert set(index.history().gone_counts().values()) == {0}
    assert index.history().gone(before.day).groups == []
    assert index.rows("SELECT count(*) FROM placement") == [(1,)]
    assert message.guid


def test_folder_that_could_not_be_read_is_named_for_its_night_alone(mailbox, over):
    mailbox.night("2026-11-20").message("c'è sempre", folder="Clienti")
    broken = mailbox.night("2026-11-21")
    mailbox.night("2026-11-22")
    break_folder(broken, "Clienti")

    index = over()
    index.build()

    named = {night.day: [folder.name for folder in night.unreadable] for night in index.history().nights()}
    assert {day: names for day, names in named.items() if names} == {broken.day: ["Clienti"]}


def test_folder_unreadable_one_night_shows_mail_lost_since_the_night_before(mailbox, over):
    before = mailbox.night("2026-11-20")
    message = before.message("sparirà", folder="Clienti")
    broken = mailbox.night("2026-11-21")
    after = mailbox.night("2026-11-22").delete(message)
    break_folder(broken, "Clienti")

    index = over()
    assert index.build()

    [group] = index.history().gone(before.day).groups
    assert [row.fate.since for row in group.rows] == [after.day]


def test_folder_that_can_be_read_at_last_is_indexed(mailbox, over):
    mailbox.night("2026-11-20").message("prima", folder="Clienti")
    broken = mailbox.night("2026-11-21")
    broken.message("solo qui", folder="Clienti")
    mailbox.night("2026-11-22").message("dopo", folder="Clienti")
    mend = break_folder(broken, "Clienti")
    index = over()
    index.build()

    mend()
    assert over().build()

    assert index.differences() == []
    assert [night.state for night in index.history().nights()[-3:]] == ["listed"] * 3


class HidingReader(MemoryReader):
    """A mailbox whose folder Clienti cannot be read, so that nobody sees what lies below it."""

    def folders(self):
        return [replace(each, state=FolderState.UNREADABLE) if each.name == "Clienti" else each
                for each in super().folders() if each.levels[:2] != ("Clienti", "Rossi")]  # fmt: skip


class HidingEngine(MemoryEngine):
    def open(self, account, night):
        reader = super().open(account, night)
        return HidingReader(reader._mailbox) if night.day.day == 21 else reader


def test_folders_below_an_unreadable_one_have_not_vanished(tmp_path):
    held = {"INBOX": (), "Clienti": (), "Clienti/Rossi": (MemoryEntry("in fondo", b"Subject: in fondo\n\n"),)}
    nights = [Night(date(2026, 11, day), datetime(2026, 11, day, tzinfo=UTC), str(day)) for day in (20, 21)]
    engine = HidingEngine({night: {ALICE: MemoryMailbox(held)} for night in nights})
    archive = Archive(engine, calendar_of("%Y-%m-%d"), days=7, clock=lambda: NOW, indexes=tmp_path)
    index = Indexed(archive, tmp_path)

    assert index.build()

    assert index.rows("SELECT count(*) FROM placement WHERE last < 1000000") == [(0,)]
    assert index.differences() == []


def test_missing_night_ends_nothing(provider, mailbox, indexed):
    for night in mailbox.nights("2026-11-19", "2026-11-22"):
        if night.day.day == 19:
            night.message("c'è sempre")
    provider.lose("2026-11-20")

    index = indexed()

    assert set(index.history().gone_counts().values()) == {0}


def test_night_without_the_mailbox_ends_nothing(provider, mailbox, indexed):
    mailbox.night("2026-11-20").message("c'è sempre")
    provider.mailbox("charlie@example.com").night("2026-11-21")
    mailbox.night("2026-11-22")

    index = indexed()

    assert set(index.history().gone_counts().values()) == {0}
    assert [night.state for night in index.history().nights()[-3:]] == ["listed", "absent", "listed"]


def test_locked_night_is_not_indexed(mailbox, over):
    mailbox.night("2026-11-20").message("di chi c'era prima")
    own = mailbox.night("2026-11-21", empty=True)
    own.message("mio")

    index = over(guids=frozenset({own.folders["INBOX"].guid}))
    assert index.build()

    assert [night.state for night in index.history().nights()[-3:]] == ["locked", "listed", "pending"]
    assert index.rows("SELECT count(*) FROM message") == [(1,)]


def test_readers_of_different_rights_have_different_indexes(over):
    some, others, any_ = (over(guids=guids).file.path for guids in (frozenset("a"), frozenset("b"), None))

    assert len({some, others, any_}) == 3
    assert over(guids=frozenset("a")).file.path == some
    assert ACCOUNT.user not in some.name


def test_ids_of_messages_are_never_used_again(provider, mailbox, indexed, over):
    mailbox.night("2026-11-20").message("sparisce con la notte")
    mailbox.night("2026-11-21", empty=True)
    index = indexed()
    [(first,)] = index.rows("SELECT id FROM message")

    provider.lose("2026-11-20")
    over().build()
    mailbox.night("2026-11-22").message("nuovo")
    over().build()

    [(second,)] = index.rows("SELECT id FROM message")
    assert second > first
