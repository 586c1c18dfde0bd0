"""`manage.py export`: a folder or a night in one file, on record, whole or with a name for what is missing."""

import io
import subprocess
import sys
import tarfile
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from access.models import AuditRecord
from snapshots.types import Folder
from tests.served import ALICE
from tests.webmail.conftest import DAY
from webmail.progress import Progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def night(provider):
    night = provider.mailbox(ALICE).night(DAY)
    night.message("Uno")
    night.message("Due", folder="Clienti/Rossi", flags="S")
    return night


@pytest.fixture
def export(night, site, provider, tmp_path):
    """Give a function that exports, from what lies there then, and returns the file."""

    def run(format_, *options, day=DAY, account=ALICE):
        site(provider)
        path = tmp_path / "export"
        call_command("export", account, "--day", day.isoformat(), "--format", format_, "--output", str(path), *options)
        return path

    return run


def test_night_has_a_directory_a_folder(export, night):
    with zipfile.ZipFile(export("eml")) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}

    assert list(found) == ["Ricevuti/0001_2026-11-20_uno.eml", "Clienti/Rossi/0002_2026-11-20_due.eml"]
    assert set(found.values()) == {path.read_bytes() for path in night.path.rglob("cur/*")}


@pytest.mark.parametrize("folder", ["Clienti/Rossi", Folder("Clienti/Rossi").id])
def test_one_folder_is_found_by_name_or_id(export, folder):
    with zipfile.ZipFile(export("eml", "--folder", folder)) as archive:
        assert archive.namelist() == ["0001_2026-11-20_due.eml"]


def test_maildir_keeps_empty_folders(export, night):
    night.folder("Vuota")

    with tarfile.open(export("maildir-tar")) as archive:
        assert "Maildir/.Vuota/cur" in archive.getnames()


def test_progress_is_told(export, capsys):
    export("mbox")

    assert "100% 2 of 2 messages" in capsys.readouterr().err


def test_bar_is_drawn_over_itself_on_a_terminal():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()

    Progress(terminal, total=4, done=1).draw()

    assert terminal.getvalue().startswith("\r[######..................]  25% 1 of 4 messages, 0.0 MB")


def test_export_is_on_record(export):
    export("mbox")

    row = AuditRecord.objects.get(action="export")
    assert (row.account, row.day, row.count, row.role) == (ALICE, DAY, 2, "system")


def test_unreadable_folder_is_named(export, night, capsys):
    (night.directory("Clienti/Rossi") / "cur").rename(night.directory("Clienti/Rossi") / "elsewhere")

    with zipfile.ZipFile(export("eml")) as archive:
        note = archive.read("LEGGIMI.txt").decode()

    assert "Rossi: questa cartella non si è potuta leggere" in note
    assert "Rossi: questa cartella non si è potuta leggere" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "change"),
    [
        ([], {"account": "nobody@example.com"}),
        ([], {"account": "no address"}),
        ([], {"day": DAY - timedelta(days=3)}),
        (["--folder", "Nessuna"], {}),
    ],
)
def test_what_is_not_there_is_said_and_no_file_made(export, tmp_path, options, change):
    with pytest.raises(CommandError):
        export("eml", *options, **change)

    assert not (tmp_path / "export").exists()


def failing(*arguments):
    raise MemoryError


def test_failure_in_the_middle_leaves_no_finished_file(export, tmp_path, monkeypatch):
    monkeypatch.setattr("webmail.archives.contents.Packable.chunks", lambda self: iter((b"cut",)))
    monkeypatch.setattr("webmail.archives.zip.zlib.crc32", failing)

    with pytest.raises(MemoryError):
        export("eml")

    assert not (tmp_path / "export").exists()


def test_no_archive_is_poured_into_a_terminal(export, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)

    with pytest.raises(CommandError, match="--output"):
        export("eml", "--output", "-")


def test_help_names_the_formats():
    done = subprocess.run([sys.executable, "manage.py", "export", "--help"], capture_output=True, text=True, check=True)

    assert "{eml,mbox,maildir,maildir-tar}" in done.stdout
