"""What became of mail: gone, in the trash, moved, cleared; and what is no alarm."""

import random
from collections import Counter
from datetime import date

import pytest

from snapshots.catalogue import FateKind, Filter
from snapshots.errors import SnapshotNotFound
from tests.snapshots.timeindex.given import DAYS, a_week

FIRST, SECOND, THIRD = (date(2026, 11, day) for day in (20, 21, 22))


def nights_of(mailbox):
    return [mailbox.night(day) for day in (FIRST, SECOND, THIRD)]


def kinds(counts):
    return {str(kind): count for kind, count in counts.items() if count}


def told(gone):
    """Return folder → subject → what became of it, since when, where it lies."""
    return {
        group.folder.name: {
            row.envelope.subject: (row.fate.kind.value, row.fate.since, row.fate.folder and row.fate.folder.name)
            for row in group.rows
        }
        for group in gone.groups
    }


def test_deleted_message_is_gone_since_the_first_night_without_it(mailbox, indexed):
    first = mailbox.night(FIRST)
    message = first.message("perso")
    first.message("rimasto")
    mailbox.night(SECOND)
    mailbox.night(THIRD).delete(message)

    gone = indexed().history().gone(FIRST)

    assert told(gone) == {"INBOX": {"perso": ("gone", THIRD, None)}}
    assert (kinds(gone.counts), gone.reference.day) == ({"gone": 1}, THIRD)


def test_message_in_the_trash_is_told_apart(mailbox, indexed):
    message = mailbox.night(FIRST).message("cestinato")
    mailbox.night(SECOND).move(message, "Cestino")

    assert told(indexed().history().gone(FIRST)) == {"INBOX": {"cestinato": ("trashed", SECOND, "Cestino")}}


def test_moved_message_says_where_to(mailbox, indexed):
    message = mailbox.night(FIRST).message("fattura")
    mailbox.night(SECOND).move(message, "Fatture")

    assert told(indexed().history().gone(FIRST)) == {"INBOX": {"fattura": ("moved", SECOND, "Fatture")}}


def test_message_moved_under_another_name_is_recognised(mailbox, indexed):
    first = mailbox.night(FIRST)
    message = first.message("rinominato")
    second = mailbox.night(SECOND)
    second.message(source=message.source, folder="Fatture")
    second.delete(message, folder="INBOX")

    assert told(indexed().history().gone(FIRST)) == {"INBOX": {"rinominato": ("moved", SECOND, "Fatture")}}


def test_message_put_back_under_another_name_is_in_its_place(mailbox, indexed):
    message = mailbox.night(FIRST).message("ripristinato")
    second = mailbox.night(SECOND)
    second.delete(message)
    second.message(source=message.source)

    assert indexed().history().gone(FIRST).groups == []


def test_emptied_trash_is_no_alarm(mailbox, indexed):
    first = mailbox.night(FIRST)
    trashed, junk = first.message("cestinato", folder="Cestino"), first.message("spam", folder="Spam")
    mailbox.night(SECOND).delete(trashed).delete(junk)

    history = indexed().history()

    assert kinds(history.gone(FIRST).counts) == {"cleared": 2}
    assert history.gone_counts()[FIRST] == 0


def test_message_seen_last_in_the_trash_was_cleared(mailbox, indexed):
    first, second, third = nights_of(mailbox)
    message = first.message("prima in arrivo")
    second.message(source=message.source, folder="Cestino")

    assert third.until
    assert told(indexed().history().gone(FIRST))["INBOX"] == {"prima in arrivo": ("cleared", THIRD, None)}


def test_changed_flags_are_no_fate(mailbox, indexed):
    message = mailbox.night(FIRST).message("letto")
    mailbox.night(SECOND).flag(message, "S")

    assert indexed().history().gone(FIRST).groups == []


def test_twin_that_is_deleted_is_gone(mailbox, indexed):
    first = mailbox.night(FIRST)
    message = first.message("doppio")
    first.copy(message, "INBOX")
    second = mailbox.night(SECOND)
    second.delete(message)
    second.flag(message, "S")

    assert kinds(indexed().history().gone(FIRST).counts) == {"gone": 1}


def test_vanished_folder_is_told_as_one(mailbox, indexed):
    first = mailbox.night(FIRST)
    for number in range(60):
        first.message(str(number), folder="Cantiere")
    mailbox.night(SECOND).remove_folder("Cantiere")

    [group] = indexed().history().gone(FIRST).groups

    assert (group.folder.name, group.is_vanished, group.total, len(group.rows)) == ("Cantiere", True, 60, 50)
    assert [row.envelope.subject for row in group.rows[:2]] == ["59", "58"]


def test_renamed_folder_moves_its_messages(mailbox, indexed):
    message = mailbox.night(FIRST).message("del cantiere", folder="Cantiere")
    mailbox.night(SECOND).move(message, "Cantiere chiuso").remove_folder("Cantiere")

    [group] = indexed().history().gone(FIRST).groups

    assert (group.is_vanished, kinds(group.counts)) == (True, {"moved": 1})


def test_any_later_night_can_be_compared_with(mailbox, indexed):
    message = mailbox.night(FIRST).message("perso")
    mailbox.night(SECOND)
    mailbox.night(THIRD).delete(message)
    history = indexed().history()

    assert kinds(history.gone(FIRST, SECOND).counts) == {}
    assert kinds(history.gone(FIRST, THIRD).counts) == {"gone": 1}
    assert kinds(history.gone(THIRD, FIRST).counts) == {}


@pytest.mark.parametrize("against", [date(2026, 11, 19), "now"])
def test_what_is_not_known_cannot_be_compared_with(mailbox, indexed, against):
    mailbox.night(FIRST)

    with pytest.raises(SnapshotNotFound):
        indexed().history().gone(FIRST, against)


def test_lists_say_what_became_of_their_messages(mailbox, indexed):
    first = mailbox.night(FIRST)
    lost, moved = first.message("perso"), first.message("spostato")
    first.message("rimasto")
    mailbox.night(SECOND).delete(lost).move(moved, "Fatture")

    with indexed().mailbox("2026-11-20") as opened:
        inbox = opened.catalogue.folder("inbox")
        all_, gone = opened.catalogue.page(inbox), opened.catalogue.page(inbox, filter=Filter.GONE)

    fates = {row.envelope.subject: row.fate and row.fate.kind for row in all_.rows}
    assert fates == {"perso": FateKind.GONE, "spostato": FateKind.MOVED, "rimasto": None}
    assert ([row.envelope.subject for row in gone.rows], gone.total, gone.filter) == (["perso"], 1, Filter.GONE)


def test_mail_that_leaves_soon_after_it_came_is_collected_by_pop3(mailbox, indexed):
    for number, night in enumerate(mailbox.nights(DAYS[0], DAYS[-1])):
        for placement in list(night.folders["INBOX"].placements):
            night.delete(placement.message)
        night.message(f"di oggi {number}")

    assert indexed().history().is_pop3_pattern()


def test_one_accident_is_no_pop3_pattern(mailbox, indexed):
    first = mailbox.night(FIRST)
    messages = [first.message(str(number)) for number in range(20)]
    second = mailbox.night(SECOND)
    mailbox.night(THIRD)
    for message in messages:
        second.delete(message)

    assert not indexed().history().is_pop3_pattern()


def truth(mailbox, day, until):
    """Return what became of a night's messages by counting copies in every night's folders, whatever their names."""
    nights = [mailbox.night(each) for each in DAYS if each <= until]
    before, after = copies(mailbox.night(day)), copies(nights[-1])
    found: Counter[tuple[str, str]] = Counter()
    for (folder, source), count in before.items():
        left = count - after[folder, source]
        if left > 0:
            found[folder, kind_of(nights, source, folder)] += left
    return found


def copies(night):
    return Counter((name, each.message.source) for name, folder in night.folders.items() for each in folder.placements)


def kind_of(nights, source, left):
    holding = [{folder for folder, each in copies(night) if each == source} for night in nights]
    homes = holding[-1] - {left}
    if homes:
        return "moved" if homes - {"Cestino"} else "trashed"
    return "cleared" if [each for each in holding if each][-1] <= {"Cestino"} else "gone"


@pytest.mark.parametrize("seed", range(8))
def test_gone_is_what_looking_at_every_night_gives(mailbox, indexed, seed):
    a_week(mailbox, random.Random(seed))
    history = indexed().history()

    for number, day in enumerate(DAYS):
        for until in DAYS[number:]:
            gone = history.gone(date.fromisoformat(day), date.fromisoformat(until))
            counted = Counter({
                (group.folder.name, str(kind)): count
                for group in gone.groups for kind, count in group.counts.items() if count
            })  # fmt: skip
            assert counted == truth(mailbox, day, until), (day, until)
