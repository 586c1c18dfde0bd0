"""A Maildir that a real Dovecot opens as it would open the snapshot: messages, flags, keywords, dates."""

import shutil
import subprocess
import tarfile
import zipfile
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from demo.provider import Provider
from snapshots.accounts import parse_address
from tests.corpus import message_files
from tests.served import ALICE, archive_over
from tests.webmail.archives.given import NOON, contents_of, entry
from webmail.archives import maildir, tar
from webmail.archives import zip as zip_archive
from webmail.archives.whole import whole

DAY = date(2026, 11, 21)


@pytest.fixture
def night(provider):
    """Messages in folders with odd names, with flags and keywords of all kinds, read and not, old and new."""
    night = provider.mailbox(ALICE).night(DAY)
    received = datetime(2019, 2, 3, 4, 5, 6, tzinfo=UTC)
    night.message("Letto", flags="RS", keywords=("$Label1", "lavoro"), received=received)
    night.message("Mai visto", new=True)
    night.message("Segnato", folder="Clienti/Però & Co", flags="FS", keywords=("lavoro",))
    night.message("Inoltrato", folder="Posta inviata", flags="DPT")
    for path in message_files()[:40]:
        night.message(source=path.read_bytes(), folder="Archivio")
    return night


def members_of(provider: Provider, separator: str):
    mailbox = archive_over(provider).open_mailbox(parse_address(ALICE), DAY)
    folders = [count.folder for count in mailbox.catalogue.folders()]
    return maildir.members(whole(mailbox, folders), separator=separator, made_at=NOON)


def unpacked_tar(provider, directory):
    path = directory / "mail.tar"
    path.write_bytes(b"".join(tar.stream(members_of(provider, maildir.COLON))))
    with tarfile.open(path) as archive:
        archive.extractall(directory, filter="data")
    return directory / "Maildir"


def unpacked_zip(provider, directory):
    """Unpack a ZIP as on Unix, and give the names their colons back."""
    if shutil.which("unzip") is None:
        pytest.skip("unzip is not installed: run `make deps` as root")
    path = directory / "mail.zip"
    path.write_bytes(b"".join(zip_archive.stream(members_of(provider, maildir.SEMICOLON))))
    subprocess.run(["unzip", "-q", str(path), "-d", str(directory)], check=True)
    for file in directory.rglob("*;2,*"):
        file.rename(file.with_name(file.name.replace(";2,", ":2,")))
    return directory / "Maildir"


def seen_by(dovecot, address, copy):
    """Return what Dovecot tells of every message below a Maildir."""
    dovecot.add_user(address, copy_of=copy)
    client = dovecot.client(address)
    found: Counter[tuple[str, ...]] = Counter()
    for name in [name for flags, _, name in client.list_folders() if not {b"\\NoSelect", b"\\Noselect"} & {*flags}]:
        client.select_folder(name, readonly=True)
        answers = client.fetch(client.search() or [1], ["FLAGS", "INTERNALDATE", "BODY.PEEK[]"])
        for answer in answers.values():
            flags = sorted(flag for flag in answer[b"FLAGS"] if flag != b"\\Recent")
            found[name, str(flags), str(answer[b"INTERNALDATE"]), str(hash(answer[b"BODY[]"]))] += 1
    return found


@pytest.mark.parametrize("unpacked", [unpacked_tar, unpacked_zip])
def test_dovecot_sees_what_it_saw_in_the_snapshot(dovecot, night, provider, tmp_path, unpacked):
    name = unpacked.__name__
    copy = unpacked(provider, tmp_path)

    seen = seen_by(dovecot, f"{name}@example.com", copy)

    assert seen == seen_by(dovecot, f"before-{name}@example.com", night.path)
    assert sum(seen.values()) == 4 + len(message_files()[:40])


def test_zip_opens_on_windows_rules(night, provider, tmp_path):
    path = tmp_path / "mail.zip"
    path.write_bytes(b"".join(zip_archive.stream(members_of(provider, maildir.SEMICOLON))))

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()

    assert not [name for name in names if ":" in name]
    assert "Maildir/dovecot-keywords" in names


def test_keywords_of_an_engine_without_files_get_letters():
    folders = {"INBOX": [entry(1, keywords=("due", "uno")), entry(2, keywords=("uno",))]}

    members = list(maildir.members(contents_of(**folders), separator=maildir.COLON, made_at=NOON))

    keyword_list = next(member for member in members if member.name.endswith("dovecot-keywords"))
    assert b"".join(keyword_list.chunks()) == b"0 due\n1 uno\n"
    assert [member.name.partition(":2,")[2] for member in members if ":2," in member.name] == ["ab", "b"]


def test_size_of_a_tar_is_known_beforehand(night, provider):
    told = tar.size_bytes(members_of(provider, maildir.COLON))

    assert told == sum(map(len, tar.stream(members_of(provider, maildir.COLON))))
