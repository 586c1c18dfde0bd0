"""Searching all nights: words, limits, one hit a message with the nights that hold it."""

import sqlite3
import sys
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from snapshots.catalogue import PAGE_SIZE, FateKind
from snapshots.history import SearchQuery
from snapshots.timeindex.search import _tokens
from snapshots.types import Folder

FIRST, SECOND, THIRD = (date(2026, 11, day) for day in (20, 21, 22))
MORNING = datetime(2026, 11, 20, 6, tzinfo=UTC)


@pytest.fixture
def history(mailbox, indexed):
    night = mailbox.night(FIRST)
    night.message("Perché la fattura", sender="Anna Neri <anna.neri@example.org>", to="alice@example.com")
    night.message("Preventivo", sender="Bruno <bruno@example.org>", attachments=[("a.pdf", "application/pdf", b"%")])
    moved = night.message("Fatture di ottobre", sender="anna@example.net", folder="Clienti")
    second = mailbox.night(SECOND)
    second.message("Nuova fattura", sender="Zoe <zoe@example.org>")
    second.move(moved, "Cestino")
    mailbox.night(THIRD).delete(moved)
    with indexed().history() as opened:
        yield opened


def found(history, words="", **limits):
    return [hit.row.envelope.subject for hit in history.search(SearchQuery(words, **limits)).hits]


@pytest.mark.parametrize(
    ("words", "subjects"),
    [
        ("fattura", ["Nuova fattura", "Perché la fattura"]),
        ("FATT", ["Nuova fattura", "Fatture di ottobre", "Perché la fattura"]),
        ("perche", ["Perché la fattura"]),
        ("perche\u0301", ["Perché la fattura"]),
        ("fatt neri", ["Perché la fattura"]),
        ("anna.neri@example.org", ["Perché la fattura"]),
        ("ott", ["Fatture di ottobre"]),
        ("nessuno", []),
        ("", []),
        ("---", []),
    ],
)
def test_every_word_is_found_by_its_beginning(history, words, subjects):
    assert found(history, words) == subjects


@pytest.mark.parametrize(
    "words", ['"', "fattura OR preventivo", "NEAR(fattura)", "subject:fattura", "fattura*", "(", "-fattura", "^x", "\0"]
)
def test_what_is_typed_is_never_syntax(history, words):
    assert "Preventivo" not in found(history, words)


def test_what_is_one_word_here_is_one_to_the_index_too():
    characters = map(chr, [*range(0xD800), *range(0xE000, sys.maxunicode + 1)])
    words = sorted({f'"{token}"*' for each in characters for token in _tokens(f"a{each}b")})

    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE VIRTUAL TABLE text USING fts5 (words, content = '', detail = none)")
        for start in range(0, len(words), 500):
            match = " OR ".join(words[start : start + 500])
            assert not database.execute("SELECT rowid FROM text WHERE text MATCH ?", (match,)).fetchall()


@pytest.mark.parametrize(
    ("limits", "subjects"),
    [
        ({"folder": Folder("Clienti")}, ["Fatture di ottobre"]),
        ({"first_day": SECOND}, ["Nuova fattura", "Fatture di ottobre", "Perché la fattura"]),
        ({"first_day": THIRD}, ["Nuova fattura", "Perché la fattura"]),
        ({"last_day": FIRST}, ["Fatture di ottobre", "Perché la fattura"]),
        ({"folder": Folder("Cestino"), "first_day": THIRD}, []),
        ({"sender": "anna"}, ["Fatture di ottobre", "Perché la fattura"]),
        ({"has_attachments": True}, []),
        ({"received_from": MORNING}, ["Nuova fattura"]),
        ({"received_before": MORNING}, ["Fatture di ottobre", "Perché la fattura"]),
    ],
)
def test_limits_narrow_what_is_found(history, limits, subjects):
    assert found(history, "fatt", **limits) == subjects


def test_limits_alone_find_too(history):
    assert found(history, has_attachments=True) == ["Preventivo"]
    assert found(history, sender="bruno") == ["Preventivo"]


def test_hit_tells_its_nights_its_last_folder_and_its_fate(history):
    kept, lost = (history.search(SearchQuery(words)).hits[0] for words in ("perche", "ottobre"))

    assert (kept.days, kept.folder.name, kept.fate) == ([FIRST, SECOND, THIRD], "INBOX", None)
    assert (lost.days, lost.folder.name, lost.last_day) == ([FIRST, SECOND], "Cestino", SECOND)
    assert (lost.fate.kind, lost.fate.since) == (FateKind.CLEARED, THIRD)


def test_hits_come_in_pages(mailbox, indexed):
    night = mailbox.night(FIRST)
    for number in range(PAGE_SIZE + 1):
        night.message(f"fattura {number}")
    with indexed().history() as history:
        first, last = (history.search(SearchQuery("fattura"), number) for number in (1, 9))

    assert (first.total, len(first.hits), first.is_complete) == (PAGE_SIZE + 1, PAGE_SIZE, True)
    assert ([hit.row.envelope.subject for hit in last.hits], last.number) == (["fattura 0"], 2)


def test_expired_message_is_found_no_more(provider, mailbox, indexed, over):
    mailbox.night(FIRST).message("solo il venti")
    mailbox.night(SECOND, empty=True).message("solo il ventuno")
    indexed()

    provider.lose(FIRST)
    index = over()
    index.build()

    with index.history() as history:
        assert found(history, "solo") == ["solo il ventuno"]
