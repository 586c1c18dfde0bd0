"""What is gone now: the live mailbox as the night after all nights."""

import stat
from datetime import UTC, date, datetime

import pytest

from snapshots.headers import envelope_of
from snapshots.history import Reference
from snapshots.now import NamedBy, Now, NowFolder
from snapshots.types import Role, token
from tests.snapshots.timeindex.conftest import ACCOUNT
from tests.snapshots.timeindex.test_gone import kinds, told

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 21)
MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)


def now_of(tree, *, taken_at=MORNING):
    """List a live Maildir as an IMAP server would."""
    folders = {
        name: NowFolder(
            [token(placement.message.guid) for placement in folder.placements],
            Role.TRASH if name == "Cestino" else None,
        )
        for name, folder in tree.folders.items()
    }
    return Now(taken_at, NamedBy.GUID, folders)


@pytest.fixture
def day(mailbox):
    """A night and the live mailbox after a morning's work on it."""
    night = mailbox.night(FIRST)
    lost, moved, trashed = (night.message(subject) for subject in ("perso", "spostato", "cestinato"))
    night.message("rimasto", folder="Clienti/Rossi")
    flagged = night.message("letto da poco")
    mailbox.night(LAST)
    live = mailbox.live()
    live.delete(lost).move(moved, "Clienti/Rossi").move(trashed, "Cestino").flag(flagged, "S")
    live.message("arrivato stamattina")
    return live


def test_gone_compares_with_the_live_mailbox(day, indexed):
    index = indexed()
    index.archive.note_now(ACCOUNT, now_of(day))
    assert index.build()

    gone = index.history().gone(LAST)

    assert told(gone) == {
        "INBOX": {
            "perso": ("gone", None, None),
            "spostato": ("moved", None, "Clienti/Rossi"),
            "cestinato": ("trashed", None, "Cestino"),
        }
    }
    assert (kinds(gone.counts), gone.reference.moment) == ({"gone": 1, "trashed": 1, "moved": 1}, MORNING)
    assert index.history().gone_counts() == {FIRST: 1, LAST: 1}
    assert kinds(index.history().gone(FIRST, LAST).counts) == {}
    assert index.differences() == []


def test_later_look_replaces_the_one_before(mailbox, day, indexed):
    index = indexed()
    index.archive.note_now(ACCOUNT, now_of(day))
    index.build()
    later = MORNING.replace(hour=9)

    index.archive.note_now(ACCOUNT, now_of(mailbox.night(LAST), taken_at=later))
    assert index.build()

    assert index.history().reference().moment == later
    assert index.history().gone_counts() == {FIRST: 0, LAST: 0}
    assert index.differences() == []


def test_look_before_the_index_was_built_counts(day, over):
    index = over()
    index.archive.note_now(ACCOUNT, now_of(day))

    assert index.build()

    assert index.history().gone_counts() == {FIRST: 1, LAST: 1}
    assert index.differences() == []


def test_newer_night_takes_over_from_the_live_mailbox(mailbox, day, indexed, over):
    index = indexed()
    index.archive.note_now(ACCOUNT, now_of(day))
    index.build()
    mailbox.night("2026-11-22").message("della notte")

    index = over()
    assert index.build()

    assert index.history().reference().day == date(2026, 11, 22)
    assert index.history().gone_counts()[FIRST] == 0
    assert index.differences() == []


def test_late_night_keeps_the_live_mailbox_as_reference(mailbox, day, provider, indexed, over):
    away = provider.snapshot(LAST).with_name("away")
    provider.snapshot(LAST).rename(away)
    index = indexed()
    index.archive.note_now(ACCOUNT, now_of(day))
    index.build()

    away.rename(provider.snapshot(LAST))
    index = over()
    assert index.build()

    assert index.history().reference().moment == MORNING
    assert index.history().gone_counts() == {FIRST: 1, LAST: 1}
    assert index.differences() == []


def test_guids_that_the_nights_cannot_tell_empty_nothing(mailbox, day, indexed):
    mailbox.night(LAST).forget_uids()
    index = indexed()
    index.archive.note_now(ACCOUNT, Now(MORNING, NamedBy.GUID, {"INBOX": NowFolder(["AAAA"])}))

    assert index.build()

    assert index.history().reference().day == LAST
    assert index.history().gone_counts() == {FIRST: 0, LAST: 0}


def test_mailbox_wiped_today_is_gone_though_new_mail_came(mailbox, indexed):
    mailbox.night(LAST).message("perso")
    index = indexed()
    index.archive.note_now(ACCOUNT, Now(MORNING, NamedBy.GUID, {"INBOX": NowFolder([token("new")])}))

    assert index.build()

    assert index.history().gone_counts() == {LAST: 1}


def test_one_of_two_copies_deleted_today_is_gone(mailbox, indexed):
    night = mailbox.night(LAST)
    message = night.message("doppio")
    night.copy(message, "INBOX")
    live = Now(MORNING, NamedBy.GUID, {"INBOX": NowFolder([token(message.guid)])})
    index = indexed()
    index.archive.note_now(ACCOUNT, live)

    assert index.build()

    assert len(told(index.history().gone(LAST))["INBOX"]) == 1


def test_folder_made_today_is_named_and_one_removed_is_told(mailbox, indexed):
    night = mailbox.night(LAST)
    moved, lost = night.message("spostato"), night.message("perso", folder="Cantiere")
    live = mailbox.live().move(moved, "Nuova").delete(lost).remove_folder("Cantiere")
    index = indexed()
    index.archive.note_now(ACCOUNT, now_of(live))

    assert index.build()

    gone = index.history().gone(LAST)
    assert told(gone)["INBOX"] == {"spostato": ("moved", None, "Nuova")}
    assert [(group.folder.name, group.is_vanished) for group in gone.groups] == [("INBOX", False), ("Cantiere", True)]


def test_message_ids_stand_in_for_guids_once_heads_are_read(mailbox, over):
    night = mailbox.night(LAST)
    kept, lost = night.message("rimasto"), night.message("perso")
    bare = night.message(source=b"Subject: senza\n\nnon ha un Message-ID\n")
    index = over()
    index.archive.note_now(ACCOUNT, Now(MORNING, NamedBy.HEADER, {"INBOX": NowFolder([token(message_id_of(kept))])}))

    assert not index.build(budget_seconds=-1)
    assert index.history().reference() in (None, Reference(day=LAST))
    assert index.build()

    assert told(index.history().gone(LAST)) == {"INBOX": {"perso": ("gone", None, None)}}
    assert {lost, bare, kept} <= {each.message for each in night.folders["INBOX"].placements}


def test_look_that_failed_leaves_the_newest_night_as_reference(day, indexed):
    index = indexed()
    index.archive.note_now(ACCOUNT, now_of(day))
    index.build()

    index.archive.note_now(ACCOUNT, None)
    assert index.build()

    assert index.history().reference().day == LAST
    assert index.differences() == []


def test_names_of_now_are_their_owners_alone(day, indexed):
    index = indexed()

    index.archive.note_now(ACCOUNT, now_of(day))

    assert stat.S_IMODE(index.file.now.stat().st_mode) == 0o600
    assert list(index.file.path.parent.glob("*.part")) == []


def test_names_that_are_not_whole_are_no_names(day, indexed):
    index = indexed()
    index.archive.note_now(ACCOUNT, now_of(day))
    index.file.now.write_bytes(index.file.now.read_bytes()[:-9])

    assert index.build()

    assert index.history().reference().day == LAST


def message_id_of(message):
    return envelope_of(message.source).message_id
