"""A message's story: a sentence, and a track of days."""

from datetime import date

import pytest
from django.utils import translation

from snapshots.catalogue import Fate, FateKind
from snapshots.history import Presence, Story, StoryDay
from snapshots.types import Folder, Role
from tests.served import ALICE
from webmail.story import sentence

INBOX, TRASH, WORK = Folder("INBOX", role=Role.INBOX), Folder("Trash", role=Role.TRASH), Folder("Cantieri/Lotto 3")
NOT_YET, GONE, MISSING = Presence.NOT_YET, Presence.GONE, Presence.MISSING


def story(*days, fate=None):
    """Return a story that begins on Sunday 15: each day a folder, two, or what stands in its place."""
    told = []
    for number, day in enumerate(days):
        is_there = not isinstance(day, Presence)
        folders = (day,) if isinstance(day, Folder) else day if is_there else ()
        told.append(StoryDay(date(2026, 11, 15 + number), Presence.PRESENT if is_there else day, folders))
    return Story(told, fate)


@pytest.mark.parametrize(
    ("told", "italian", "english"),
    [
        (
            story(INBOX, INBOX, INBOX, INBOX, INBOX, TRASH, GONE, GONE),
            "In Ricevuti fino a giovedì 19, nel Cestino venerdì 20, da sabato 21 non c’è più.",
            "In Inbox until Thursday 19, in Trash on Friday 20, gone since Saturday 21.",
        ),
        (story(INBOX, MISSING, INBOX), "In Ricevuti in tutte le copie.", "In Inbox on every copy."),
        (story(NOT_YET, INBOX, INBOX), "In Ricevuti da lunedì 16.", "In Inbox since Monday 16."),
        (
            story(NOT_YET, INBOX, INBOX, WORK),
            "In Ricevuti da lunedì 16 a martedì 17, in «Lotto 3» da mercoledì 18.",
            "In Inbox from Monday 16 to Tuesday 17, in “Lotto 3” since Wednesday 18.",
        ),
        (
            story((INBOX, WORK)),
            "In Ricevuti e in «Lotto 3» in tutte le copie.",
            "In Inbox and in “Lotto 3” on every copy.",
        ),
        (
            story(INBOX, GONE, INBOX),
            "In Ricevuti fino a domenica 15, assente lunedì 16, in Ricevuti da martedì 17.",
            "In Inbox until Sunday 15, not there on Monday 16, in Inbox since Tuesday 17.",
        ),
        (
            story(INBOX, fate=Fate(FateKind.GONE, None)),
            "In Ricevuti in tutte le copie, adesso non c’è più.",
            "In Inbox on every copy, gone now.",
        ),
        (
            story(INBOX, fate=Fate(FateKind.MOVED, None, WORK)),
            "In Ricevuti in tutte le copie, adesso in «Lotto 3».",
            "In Inbox on every copy, now in “Lotto 3”.",
        ),
        (story(MISSING), "", ""),
    ],
)
def test_story_is_one_sentence_in_both_languages(told, italian, english):
    with translation.override("it"):
        assert sentence(told) == italian
    with translation.override("en"):
        assert sentence(told) == english


@pytest.fixture
def told(alice, provider, indexed):
    """The page of a message that is moved on the second night and gone on the third."""
    mailbox = provider.mailbox(ALICE)
    message = mailbox.night("2026-11-20").message("Contratto")
    second = mailbox.night("2026-11-21")
    second.folder("Fatture")
    second.move(message, "Fatture")
    mailbox.night("2026-11-22").delete(message)
    indexed(provider)
    return alice.get(alice.get("/2026-11-20/").context["rows"][0].url)


def test_message_tells_where_it_was_and_since_when_it_is_gone(told):
    assert told.context["story_sentence"] == (
        "In Ricevuti fino a venerdì 20, in «Fatture» sabato 21, da domenica 22 non c’è più."
    )


def test_each_day_of_the_track_opens_the_message_there(alice, told):
    cells = [cell for cell in told.context["story"] if cell.url]

    assert [cell.words for cell in cells] == ["Ricevuti", "Fatture"]
    assert {alice.get(cell.url).status_code for cell in cells} == {200}


def test_story_is_not_told_while_nothing_is_known(alice, site, provider):
    provider.mailbox(ALICE).night("2026-11-21").message("Contratto")
    site(provider)

    page = alice.get(alice.get("/2026-11-21/").context["rows"][0].url)

    assert page.status_code == 200
    assert "story_sentence" not in page.context
