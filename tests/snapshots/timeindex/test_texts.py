"""Searching in texts, on request: what is read of messages, how it is found, how far it has come."""

import random
import signal
import subprocess
import sys
import time
from base64 import encodebytes
from quopri import encodestring

import pytest

from snapshots.history import SearchQuery
from snapshots.timeindex import texts

DAY = "2026-11-21"
HEADER = b"Subject: Ordine\nMIME-Version: 1.0\nContent-Type: %b\nContent-Transfer-Encoding: %b\n\n"
PLAIN, HTML = b"text/plain; charset=utf-8", b"text/html; charset=utf-8"
PDF = ("Preventivo Tramontana.pdf", "application/pdf", b"%PDF")
FORWARDED = b"Subject: Vecchio\nContent-Type: text/plain\n\nIl contratto di Zanzibar\n"


def found(index, words, **limits):
    with index.history() as history:
        return [hit.row.envelope.subject for hit in history.search(SearchQuery(words, in_text=True, **limits)).hits]


def progress(index):
    with index.history() as history:
        told = history.progress()
    return told.text_done, told.text_total


@pytest.fixture
def with_text(over):
    """Give a function that builds the index with the text of all messages."""

    def build(**options):
        index = over(**options)
        index.file.ask_for_text()
        assert index.build()
        return index

    return build


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (HEADER % (PLAIN, b"8bit") + "Perché l'ornitorinco".encode(), "perche ornitor"),
        (HEADER % (PLAIN, b"8bit") + "perche\u0301".encode(), "perché"),
        (HEADER % (PLAIN, b"base64") + encodebytes("Città di mare".encode()), "citta MARE"),
        (HEADER % (PLAIN, b"quoted-printable") + encodestring(b"ornito" + b"rinco " * 40 + "città".encode()), "città"),
        (HEADER % (b"text/plain; charset=iso-8859-15", b"8bit") + "Novità".encode("iso-8859-15"), "novita"),
        (
            HEADER % (HTML, b"8bit") + b"<p>Gent<b>ile</b><br>signora</p><td>uno</td><td>due</td>",
            "gentile signora uno due",
        ),
        (HEADER % (HTML, b"8bit") + b"<p>straordi&shy;naria citt&agrave;</p>", "straordinaria città"),
        (HEADER % (PLAIN, b"8bit") + b"fattura", "ordine fattura"),
    ],
)
def test_text_is_found_by_the_beginnings_of_its_words(mailbox, with_text, source, words):
    mailbox.night(DAY).message(source=source)

    index = with_text()

    assert found(index, words) == ["Ordine"]
    assert found(index, f"{words} nessuno") == []


@pytest.mark.parametrize("words", ["href", "padding", "alert", "commento", "blu"])
def test_what_html_does_not_show_is_not_found(mailbox, with_text, words):
    hidden = b"<style>p{padding:0}</style><script>alert(1)</script><!-- commento --><p class=blu><a href=x>Ciao</a>"
    mailbox.night(DAY).message(source=HEADER % (HTML, b"8bit") + hidden)

    index = with_text()

    assert found(index, "ciao") == ["Ordine"]
    assert found(index, words) == []


@pytest.mark.parametrize("words", ["tramontana", "tramontana pdf", "zanzibar", "zanzibar tramontana", "allego"])
def test_attachments_are_found_by_name_and_attached_messages_by_text(mailbox, with_text, words):
    forwarded = ("vecchio.eml", "message/rfc822", FORWARDED)
    mailbox.night(DAY).message("Con allegati", text="Allego tutto", attachments=[PDF, forwarded])

    assert found(with_text(), words) == ["Con allegati"]


def test_each_word_may_stand_in_head_or_text(mailbox, with_text):
    night = mailbox.night(DAY)
    night.message("Fattura", sender="Anna Neri <anna@example.org>", text="allegata la ricevuta")
    night.message("Ricevuta", sender="Bruno <bruno@example.org>", text="per anna")

    index = with_text()

    assert found(index, "anna ricevuta") == ["Ricevuta", "Fattura"]
    assert found(index, "fattura ricevuta") == ["Fattura"]
    assert found(index, "ricevuta", sender="anna") == ["Fattura"]
    with index.history() as history:
        assert history.search(SearchQuery("anna ricevuta")).total == 0


@pytest.mark.parametrize("words", ['"', "NEAR(ciao)", "words:ciao", "^ciao", "-ciao", "zz\u19b0zz", "\0"])
def test_what_is_typed_is_never_syntax(mailbox, with_text, words):
    mailbox.night(DAY).message("Saluti", text="buongiorno")

    index = with_text()

    assert found(index, words) == []
    assert not index.file.damaged.exists()


def test_text_is_read_when_asked_for_only(mailbox, indexed):
    mailbox.night(DAY).message("Saluti", text="ornitorinco")
    index = indexed()

    assert progress(index) == (None, None)
    assert found(index, "ornitorinco") == []

    index.file.ask_for_text()
    assert progress(index) == (0, 1)
    assert found(index, "saluti") == ["Saluti"]
    assert index.build()
    assert progress(index) == (1, 1)
    assert found(index, "ornitorinco") == found(index, "saluti") == ["Saluti"]


def test_text_is_not_read_where_it_is_not_offered(mailbox, with_text):
    mailbox.night(DAY).message("Saluti", text="ornitorinco")

    index = with_text(offers_text=False)

    assert progress(index) == (None, None)
    assert found(index, "ornitorinco") == []


def test_request_goes_with_the_index_and_stays_when_it_is_built_anew(mailbox, with_text):
    mailbox.night(DAY).message("Saluti", text="ornitorinco")
    index = with_text()

    index.file.mark_damaged()
    assert index.build()
    assert found(index, "ornitorinco") == ["Saluti"]

    index.file.remove()
    assert index.build()
    assert progress(index) == (None, None)


def test_newest_texts_come_first_and_slices_add_up(mailbox, over, monkeypatch):
    monkeypatch.setattr(texts, "BATCH", 3)
    night = mailbox.night(DAY)
    for number in range(10):
        night.message(f"{number}", text="ornitorinco")
    index = over()
    index.build()
    index.file.ask_for_text()

    assert not index.build(budget_seconds=-1)

    assert progress(index) == (3, 10)
    assert found(index, "ornitorinco") == ["9", "8", "7"]
    while not index.build(budget_seconds=-1):
        continue
    assert progress(index) == (10, 10)
    assert len(found(index, "ornitorinco")) == 10


def test_large_texts_are_written_piece_by_piece(mailbox, with_text, monkeypatch):
    monkeypatch.setattr(texts, "CHARACTERS_AT_ONCE", 10)
    night = mailbox.night(DAY)
    for number in range(5):
        night.message(f"{number}", text="ornitorinco")

    assert found(with_text(), "ornitorinco") == ["4", "3", "2", "1", "0"]


def test_text_is_read_to_its_limit_and_no_further(mailbox, with_text):
    filling = b"riga di testo\n" * (texts.READ_BYTES // 14)
    mailbox.night(DAY).message(
        source=HEADER % (PLAIN, b"8bit") + b"lince\n" + filling[:140_000] + b"tasso\n" + filling + b"volpe"
    )

    index = with_text()

    assert found(index, "lince tasso") == ["Ordine"]
    assert found(index, "volpe") == []


def test_compressed_message_is_found_as_any_other(mailbox, with_text):
    text = "riga di testo\n" * 5_000 + "tasso"
    mailbox.night(DAY).message("Lunga", text=text, compressed="gz")

    assert found(with_text(), "tasso") == ["Lunga"]


def test_damaged_message_is_found_by_what_could_be_read(mailbox, with_text):
    night = mailbox.night(DAY)
    chance = random.Random(5)
    text = "lince\n" + "\n".join(chance.randbytes(30).hex() for _ in range(3_000))
    broken = night.file(night.message("Rotta", text=text, compressed="gz"))
    broken.write_bytes(broken.read_bytes()[:60_000])
    night.message("Sana", text="lince")
    gone = night.file(night.message("Sparita", text="lince"))
    gone.unlink()
    gone.mkdir()

    index = with_text()

    assert found(index, "lince") == ["Sana", "Rotta"]
    assert progress(index) == (3, 3)


def test_texts_of_expired_messages_are_found_no_more_and_make_room(provider, mailbox, with_text):
    first = mailbox.night("2026-11-20")
    for number in range(3):
        first.message(f"{number}", text="ornitorinco")
    mailbox.night(DAY, empty=True).message("resta", text="ornitorinco")
    with_text()

    provider.lose("2026-11-20")
    index = with_text()

    assert found(index, "ornitorinco") == ["resta"]
    assert progress(index) == (1, 1)
    assert index.rows("SELECT count(*) FROM text_stale") == [(0,)]
    assert index.rows("SELECT count(*) FROM text WHERE text MATCH 'ornitorinco'") == [(1,)]


def test_few_expired_texts_are_left_where_they_are(provider, mailbox, with_text):
    lost = mailbox.night("2026-11-20").message("persa", text="ornitorinco")
    night = mailbox.night(DAY).delete(lost)
    for number in range(12):
        night.message(f"{number}", text="niente")
    with_text()

    provider.lose("2026-11-20")
    index = with_text()

    assert index.rows("SELECT count(*) FROM text_stale") == [(1,)]
    assert found(index, "ornitorinco") == []
    with index.history() as history:
        assert history.search(SearchQuery("ornitorinco", in_text=True)).total == 0


def test_builder_killed_at_any_moment_reads_every_text_once(provider, mailbox, over, tmp_path):
    night = mailbox.night(DAY)
    for number in range(1_200):
        night.message(source=b"Subject: %d\n\nparola%d ornitorinco\n" % (number, number))
    index = over()
    index.build()
    index.file.ask_for_text()
    chance = random.Random(9)

    for _ in range(4):
        command = [sys.executable, "-m", "tests.snapshots.timeindex.building", str(tmp_path), str(tmp_path / "state")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as builder:
            assert builder.stdout and builder.stdout.readline()
            time.sleep(chance.random() * 0.3)
            builder.send_signal(signal.SIGKILL)

    while not index.build():
        continue
    assert progress(index) == (1_200, 1_200)
    with index.history() as history:
        assert history.search(SearchQuery("ornitorinco", in_text=True)).total == 1_200
        assert history.search(SearchQuery("parola7", in_text=True)).total == 111
    assert index.rows("PRAGMA integrity_check") == [("ok",)]
