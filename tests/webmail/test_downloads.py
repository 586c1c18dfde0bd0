"""Azioni > Scarica: what leaves is what lay there, in words where it cannot, on record before it goes."""

import io
import mailbox
import tarfile
import zipfile
from contextlib import closing
from datetime import timedelta

import pytest
from django.conf import settings as site_settings
from django.test import Client

from access.models import AuditRecord
from snapshots.types import Folder
from tests.served import sign_in
from tests.webmail.conftest import DAY
from webmail.download_slots import download_slot

URL = f"/{DAY}/download/"
FORMATS = ("eml", "mbox", "maildir", "maildir-tar")


@pytest.fixture
def night(provider):
    return provider.mailbox("alice@example.com").night(DAY)


@pytest.fixture
def three(night, site, provider):
    """Put the site over three messages, the last one in a folder of its own."""
    sources = [b"Subject: Uno\r\n\r\nprimo\r\n", b"Subject: Due\n\nsecondo", b"Subject: Tre\n\nFrom terzo\n"]
    for number, source in enumerate(sources):
        night.message(source=source, folder="Clienti" if number == 2 else "INBOX", flags="RS")
    site(provider)
    return sources


def ids(client, *folders):
    """Return the ids of the messages in these folders, oldest first."""
    found = [row.id for folder in folders for row in client.get(f"/{DAY}/{folder}/").context["rows"]]
    return found[::-1]


def all_ids(client):
    return ids(client, Folder("Clienti").id, "inbox")


def scarica(client, messages, format_="eml"):
    return client.post(URL, {"message": messages, "format": format_}, headers={"accept-language": "it"})


def content(response):
    return b"".join(response.streaming_content)


def unzipped(response):
    data = io.BytesIO(content(response))
    assert zipfile.ZipFile(data).testzip() is None
    archive = zipfile.ZipFile(data)
    return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}


def tar_content(archive, member):
    file = archive.extractfile(member)
    return file.read() if file else None


def filename(response):
    return response["Content-Disposition"].partition('filename="')[2].rstrip('"')


def test_one_message_is_a_plain_eml(alice, three):
    response = scarica(alice, ids(alice, "inbox")[:1])

    assert content(response) == three[0]
    assert filename(response) == "2026-11-20_uno.eml"
    assert response["Content-Length"] == str(len(three[0]))


def test_several_are_a_zip_of_what_lay_there(alice, three):
    response = scarica(alice, all_ids(alice))

    assert filename(response) == "mtm_2026-11-21_3-messaggi.zip"
    assert unzipped(response) == {
        "Ricevuti/0001_2026-11-20_uno.eml": three[0],
        "Ricevuti/0002_2026-11-20_due.eml": three[1],
        "Clienti/0003_2026-11-20_tre.eml": three[2],
    }


def test_one_folder_needs_no_directory(alice, three):
    response = scarica(alice, ids(alice, "inbox"))

    assert list(unzipped(response)) == ["0001_2026-11-20_uno.eml", "0002_2026-11-20_due.eml"]


def test_mbox_is_one_file_with_every_message(alice, three, tmp_path):
    response = scarica(alice, all_ids(alice), "mbox")
    path = tmp_path / "all.mbox"
    path.write_bytes(content(response))

    assert filename(response) == "mtm_2026-11-21_3-messaggi.mbox"
    assert "Content-Length" not in response
    with closing(mailbox.mbox(path)) as found:
        assert [message["Subject"] for message in found] == ["Uno", "Due", "Tre"]
    assert b"\n\n>From terzo\n\n" in path.read_bytes()


def test_maildir_has_flags_in_names_that_windows_allows(alice, three):
    response = scarica(alice, all_ids(alice), "maildir")

    found = unzipped(response)

    assert filename(response) == "mtm_2026-11-21_3-messaggi_maildir.zip"
    assert sorted(found.values()) == sorted(three)
    assert {name.rpartition(";")[2] for name in found} == {"2,RS"}
    assert {name.rpartition("/")[0] for name in found} == {"Maildir/cur", "Maildir/.Clienti/cur"}


def test_maildir_tar_has_the_names_it_had(alice, three, night):
    response = scarica(alice, all_ids(alice), "maildir-tar")

    with tarfile.open(fileobj=io.BytesIO(content(response))) as archive:
        found = {member.name: tar_content(archive, member) for member in archive if member.isfile()}

    lay = list(night.path.rglob("*:2,RS"))
    assert filename(response) == "mtm_2026-11-21_3-messaggi_maildir.tar"
    assert found == {f"Maildir/{path.relative_to(night.path)}": path.read_bytes() for path in lay}


@pytest.mark.parametrize("format_", ["eml", "maildir", "maildir-tar"])
def test_size_is_told_beforehand(alice, three, format_):
    response = scarica(alice, all_ids(alice), format_)

    assert len(content(response)) == int(response["Content-Length"])


@pytest.mark.parametrize("format_", FORMATS)
def test_compressed_messages_leave_as_they_were_sent(alice, night, site, provider, format_):
    source = b"Subject: Compresso\n\n" + b"ciao " * 2000
    night.message(source=source, compressed="gz")
    site(provider)

    response = scarica(alice, ids(alice, "inbox"), format_)

    assert source in content(response)


def test_nothing_chosen_is_said_in_words(alice, three):
    response = scarica(alice, [])

    assert response.status_code == 422
    assert "Seleziona almeno un messaggio." in response.content.decode()


def test_message_that_two_folders_hold_is_that_of_the_open_one(alice, night, site, provider):
    sources = {folder: b"Subject: " + folder.encode() + b"\n\nciao" for folder in ("Due", "Uno")}
    for folder, source in sources.items():
        night.message(source=source, folder=folder, name="1035478339.27041_118.foo.org")
    site(provider)
    folder = Folder("Uno").id

    response = alice.post(URL, {"message": ids(alice, folder), "format": "eml", "folder": folder})

    assert content(response) == sources["Uno"]


def test_unknown_format_keeps_the_selection(alice, three):
    chosen = all_ids(alice)

    response = scarica(alice, chosen, "pst")

    assert response.status_code == 422
    assert all(f'value="{each}" checked' in response.content.decode() for each in chosen)


def test_limit_is_enforced_and_the_selection_kept(alice, three, settings):
    settings.MTM_DOWNLOAD_LIMIT = 2
    chosen = all_ids(alice)

    response = scarica(alice, chosen)

    assert response.status_code == 422
    assert "Puoi scaricare 2 messaggi per volta." in response.content.decode()
    assert all(f'value="{each}" checked' in response.content.decode() for each in chosen)


def test_message_chosen_twice_counts_once(alice, three, settings):
    settings.MTM_DOWNLOAD_LIMIT = 1
    chosen = ids(alice, "inbox")[:1]

    assert content(scarica(alice, chosen * 2)) == three[0]


def test_size_limit_is_told_before_anything_leaves(alice, night, site, provider, settings):
    settings.MTM_DOWNLOAD_SIZE_MB = 1
    for number in range(2):
        night.message(source=b"Subject: %d\n\n" % number + b"x" * 600_000)
    site(provider)

    response = scarica(alice, ids(alice, "inbox"))

    assert response.status_code == 422
    assert "Questi messaggi superano 1 MB. Scaricane meno per volta." in response.content.decode()
    assert AuditRecord.objects.count() == 0


def test_bomb_is_not_read_to_its_end(alice, night, site, provider, settings):
    settings.MTM_DOWNLOAD_SIZE_MB = 1
    night.message(source=b"Subject: bomba\n\n" + bytes(40 << 20), compressed="gz")
    site(provider)

    response = scarica(alice, ids(alice, "inbox"))

    assert response.status_code == 422


def test_record_is_written_before_content_leaves(alice, three):
    scarica(alice, all_ids(alice), "mbox")

    row = AuditRecord.objects.get(action="download")
    assert (row.count, row.size_bytes, len(row.object_digests)) == (3, sum(map(len, three)), 3)
    assert row.details == {"format": "mbox"}


def test_what_cannot_be_recorded_does_not_leave(alice, three, monkeypatch):
    chosen = all_ids(alice)
    monkeypatch.setattr("access.audit.serialised", broken_lock)

    response = scarica(alice, chosen)

    assert response.status_code == 503


def broken_lock(lock):
    from django.db import DatabaseError

    raise DatabaseError


def test_second_download_of_a_session_waits(alice, three):
    chosen = all_ids(alice)
    first = scarica(alice, chosen)

    second = scarica(alice, chosen)
    content(first)
    third = scarica(alice, chosen)

    assert second.status_code == 429
    assert "è ancora in corso" in second.content.decode()
    assert unzipped(third)


def test_ninth_download_of_the_host_waits(alice, three):
    chosen = all_ids(alice)
    slots = [download_slot(site_settings.MTM_STATE_DIR, f"someone {number}") for number in range(8)]
    for slot in slots:
        slot.__enter__()

    ninth = scarica(alice, chosen)
    for slot in slots:
        slot.__exit__(None, None, None)

    assert ninth.status_code == 503
    assert ninth["Retry-After"] == "30"


def test_another_session_downloads_meanwhile(alice, three):
    chosen = all_ids(alice)
    first = scarica(alice, chosen)

    other = scarica(sign_in(Client()), chosen)

    assert content(other).startswith(b"PK")
    assert content(first).startswith(b"PK")


def test_day_that_is_gone_is_told_as_on_every_page(alice, three):
    response = alice.post(f"/{DAY - timedelta(days=20)}/download/", {"message": ["x"], "format": "eml"})

    assert response.status_code == 410


def test_message_of_another_mailbox_is_none_of_this_one(alice, three):
    response = scarica(alice, ["AAAAAAAAAAAA"])

    assert response.status_code == 404
    assert AuditRecord.objects.count() == 0
