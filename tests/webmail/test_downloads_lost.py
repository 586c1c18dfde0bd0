"""What cannot go along is named: in the archive when something else can, on the page when nothing can."""

import gzip
import io
import mailbox
import zipfile
from contextlib import ExitStack, closing

import pytest

from access.models import AuditRecord
from snapshots.engines.maildir.reader import MaildirReader
from snapshots.errors import MessageNotFound, SnapshotGone
from tests.served import ALICE
from tests.webmail.conftest import DAY
from tests.webmail.test_downloads import content, ids, scarica, unzipped
from webmail.sending import Sending

SOUND = b"Subject: Sano\n\nciao"


@pytest.fixture
def damaged(provider, site):
    """Put the site over a sound message and a compressed one that ends too early, its header whole."""
    night = provider.mailbox(ALICE).night(DAY)
    night.message(source=SOUND)
    lost = night.message(source=b"Subject: Rotto\n\n" + bytes(range(256)) * 4000)
    path = night.file(lost)
    path.write_bytes(gzip.compress(lost.source)[:-300])
    return site(provider)


@pytest.fixture
def both(alice, damaged):
    return ids(alice, "inbox")


def test_archive_names_the_damaged_message(alice, both):
    found = unzipped(scarica(alice, both))

    assert found["0001_2026-11-20_sano.eml"] == SOUND
    assert list(found) == ["0001_2026-11-20_sano.eml", "LEGGIMI.txt"]
    assert "Rotto: è danneggiato in questa copia" in found["LEGGIMI.txt"].decode()


@pytest.mark.parametrize("format_", ["maildir", "maildir-tar"])
def test_note_lies_beside_the_maildir(alice, both, format_):
    assert b"Rotto: \xc3\xa8 danneggiato" in content(scarica(alice, both, format_))


def test_mbox_says_it_in_a_message_of_its_own(alice, both, tmp_path):
    path = tmp_path / "all.mbox"
    path.write_bytes(content(scarica(alice, both, "mbox")))

    with closing(mailbox.mbox(path)) as found:
        subjects = [message["Subject"] for message in found]

    assert subjects == ["Sano", "LEGGIMI.txt"]


def test_note_is_in_the_language_of_the_page(alice, both):
    response = alice.post(f"/{DAY}/download/", {"message": both, "format": "eml"}, headers={"accept-language": "en"})

    assert "README.txt" in zipfile.ZipFile(io.BytesIO(content(response))).namelist()


def test_nothing_but_damaged_is_told_on_the_page(alice, both):
    response = scarica(alice, both[1:])

    assert response.status_code == 422
    assert "Rotto: è danneggiato in questa copia" in response.content.decode()
    assert AuditRecord.objects.count() == 0


def test_one_of_two_that_the_copy_does_not_hold_is_told(alice, both):
    found = unzipped(scarica(alice, [both[0], "AAAAAAAAAAAA"]))

    assert "Un messaggio che questa copia non contiene" in found["LEGGIMI.txt"].decode()


def test_message_that_vanishes_meanwhile_is_told(alice, both, monkeypatch, provider):
    opened = MaildirReader.open_source

    def vanishing(self, folder, entry):
        if entry.size_bytes == len(SOUND):
            raise MessageNotFound
        return opened(self, folder, entry)

    monkeypatch.setattr(MaildirReader, "open_source", vanishing)

    response = scarica(alice, both)

    assert response.status_code == 422
    assert "Sano: non è più in questa copia" in response.content.decode()


class GoneMeanwhile(io.BytesIO):
    def read(self, *args):
        raise SnapshotGone(day=DAY)


def test_night_that_goes_before_the_first_byte_is_told_on_a_page(alice, both, monkeypatch):
    source = GoneMeanwhile(SOUND)
    monkeypatch.setattr(MaildirReader, "open_source", lambda reader, folder, entry: source)

    response = alice.get(f"/{DAY}/messages/{both[0]}/message.eml")

    assert (response.status_code, source.closed) == (410, True)
    assert "Quella copia non c’è più" in response.content.decode()


def test_whole_download_has_no_note(alice, both):
    assert content(scarica(alice, both[:1])) == SOUND


def test_what_nobody_waited_for_is_closed_too():
    closed: list[bool] = []
    resources = ExitStack()
    resources.callback(closed.append, True)

    Sending(iter([b"never asked for"]), resources).close()

    assert closed == [True]
