"""A message's story: where it was each day, and between which two it vanished."""

from datetime import date

import pytest

from snapshots.catalogue import FateKind
from snapshots.errors import MessageNotFound
from snapshots.types import Folder, message_id
from tests.snapshots.timeindex.given import break_folder


def told(story):
    return {day.day.day: [folder.name for folder in day.folders] or str(day.presence) for day in story.days}


def story_of(index, message, folder=None):
    with index.history() as history:
        return history.story(message_id(message.guid, 0), folder)


def test_story_tells_every_offered_day(provider, mailbox, indexed):
    mailbox.night("2026-11-15")
    message = mailbox.night("2026-11-16").message("la mia")
    mailbox.night("2026-11-17")
    mailbox.night("2026-11-18")
    mailbox.night("2026-11-19").move(message, "Cestino")
    mailbox.night("2026-11-20").delete(message)
    mailbox.night("2026-11-21")
    provider.lose("2026-11-17")

    story = story_of(indexed(), message)

    assert told(story) == {
        15: "not-yet", 16: ["INBOX"], 17: "missing", 18: ["INBOX"], 19: ["Cestino"], 20: "gone", 21: "gone",
        22: "pending",
    }  # fmt: skip
    assert (story.fate.kind, story.fate.since) == (FateKind.CLEARED, date(2026, 11, 20))


def test_copy_shows_in_both_folders(mailbox, indexed):
    message = mailbox.night("2026-11-20").message("in due posti")
    mailbox.night("2026-11-21").copy(message, "Cantieri")

    story = story_of(indexed(), message)

    assert told(story)[21] == ["INBOX", "Cantieri"]
    assert story.fate is None


def test_message_renamed_by_a_move_is_one_story(mailbox, indexed):
    message = mailbox.night("2026-11-20").message("spostata")
    second = mailbox.night("2026-11-21")
    second.message(source=message.source, folder="Cantieri")
    second.delete(message, folder="INBOX")

    story = story_of(indexed(), message)

    assert (told(story)[20], told(story)[21]) == (["INBOX"], ["Cantieri"])


def test_the_same_mail_received_twice_is_two_stories(mailbox, indexed):
    first = mailbox.night("2026-11-20")
    message = first.message("due volte")
    other = first.message(source=message.source, folder="Liste")
    mailbox.night("2026-11-21").delete(message)

    index = indexed()

    assert told(story_of(index, message))[21] == "gone"
    assert told(story_of(index, other))[21] == ["Liste"]


def test_message_that_came_back_was_away_between(mailbox, indexed):
    message = mailbox.night("2026-11-19").message("tornata")
    mailbox.night("2026-11-20").delete(message)
    mailbox.night("2026-11-21").message(source=message.source, guid=message.guid, name=message.guid)

    story = story_of(indexed(), message)

    assert [told(story)[day] for day in (19, 20, 21)] == [["INBOX"], "gone", ["INBOX"]]


def test_unreadable_folder_is_no_absence(mailbox, over):
    message = mailbox.night("2026-11-19").message("c'è sempre", folder="Clienti")
    broken = mailbox.night("2026-11-20")
    later = mailbox.night("2026-11-21").message("chissà da quando", folder="Clienti")
    break_folder(broken, "Clienti")
    index = over()
    index.build()

    assert told(story_of(index, message))[20] == "unreadable"
    assert [told(story_of(index, later))[day] for day in (19, 20, 21)] == ["not-yet", "unreadable", ["Clienti"]]


def test_two_folders_messages_of_one_id_have_each_their_story(mailbox, indexed):
    night = mailbox.night("2026-11-21")
    message = night.message("in arrivo", name="1")
    night.message("di un altro programma", name="1", folder="Clienti")

    assert told(story_of(indexed(), message, Folder("Clienti")))[21] == ["Clienti"]


def test_message_nobody_has_has_no_story(mailbox, indexed):
    mailbox.night("2026-11-21")

    with indexed().history() as history, pytest.raises(MessageNotFound):
        history.story(message_id("nobody", 0))
