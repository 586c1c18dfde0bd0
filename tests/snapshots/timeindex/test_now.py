"""What is gone now: the live mailbox as the night after all nights."""

from datetime import UTC, date, datetime

import pytest

from snapshots.timeindex.now import Live, LiveFolder
from snapshots.types import Folder, Role
from tests.snapshots.timeindex.conftest import ACCOUNT
from tests.snapshots.timeindex.test_gone import kinds, told

FIRST, LAST = date(2026, 11, 20), date(2026, 11, 21)
MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)


def live_of(tree, *, delimiter=".", taken_at=MORNING):
    """List a live Maildir as an IMAP server would."""
    folders = [
        LiveFolder(
            Folder(name.replace("/", delimiter), delimiter, Role.TRASH if name == "Cestino" else None),
            [placement.message.guid for placement in folder.placements],
        )
        for name, folder in tree.folders.items()
    ]
    return Live(taken_at, folders)


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
    index.archive.leave_live(ACCOUNT, live_of(day))
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
    index.archive.leave_live(ACCOUNT, live_of(day))
    index.build()
    later = MORNING.replace(hour=9)

    index.archive.leave_live(ACCOUNT, live_of(mailbox.night(LAST), taken_at=later))
    assert index.build()

    assert index.history().reference().moment == later
    assert index.history().gone_counts() == {FIRST: 0, LAST: 0}
    assert index.differences() == []


def test_look_before_the_index_was_built_counts(day, over):
    index = over()
    index.archive.leave_live(ACCOUNT, live_of(day))

    assert index.build()

    assert index.history().gone_counts() == {FIRST: 1, LAST: 1}
    assert index.differences() == []


def test_newer_night_takes_over_from_the_live_mailbox(mailbox, day, indexed, over):
    index = indexed()
    index.archive.leave_live(ACCOUNT, live_of(day))
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
    index.archive.leave_live(ACCOUNT, live_of(day))
    index.build()

    away.rename(provider.snapshot(LAST))
    index = over()
    assert index.build()

    assert index.history().reference().moment == MORNING
    assert index.history().gone_counts() == {FIRST: 1, LAST: 1}
    assert index.differences() == []


def test_guids_of_another_kind_empty_nothing(mailbox, day, indexed):
    index = indexed()
    index.archive.leave_live(ACCOUNT, Live(MORNING, [LiveFolder(Folder("INBOX"), ["1", "2", "3"])]))

    assert index.build()

    assert index.history().reference().day == LAST
    assert index.history().gone_counts() == {FIRST: 0, LAST: 0}
