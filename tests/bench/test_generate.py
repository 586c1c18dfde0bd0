import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from bench.generate import Order, generate

MESSAGES = 1200


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("bench")
    return out, generate(Order(out, MESSAGES))


def maildir(out, manifest, index):
    day = manifest["nights"][index]["day"]
    return out / "mail" / ".snapshot" / f"nightly.{day}_0000" / "grande.example" / "mario" / "Maildir"


def message_files(path):
    return [file for file in path.rglob("*") if file.parent.name in ("cur", "new") and file.is_file()]


def test_newest_night_holds_just_so_many(made):
    out, manifest = made

    assert manifest["nights"][-1]["messages"] == MESSAGES
    assert len(message_files(maildir(out, manifest, -1))) == MESSAGES
    assert json.loads((out / "manifest.json").read_text()) == manifest


@pytest.mark.parametrize("index", range(8))
def test_manifest_counts_what_lies_in_the_inbox(made, index):
    out, manifest = made
    inbox = maildir(out, manifest, index)

    files = [*(inbox / "cur").iterdir(), *(inbox / "new").iterdir()]

    assert len(files) == manifest["nights"][index]["folders"]["INBOX"]
    assert (
        sum("S" not in file.name.partition(":2,")[2] for file in files) == manifest["nights"][index]["unseen"]["INBOX"]
    )


def test_seven_of_ten_messages_are_in_the_inbox(made):
    assert made[1]["nights"][-1]["folders"]["INBOX"] == pytest.approx(0.7 * MESSAGES, rel=0.1)


def test_unchanged_message_is_one_file_on_every_night(made):
    out, manifest = made
    oldest = sorted(message_files(maildir(out, manifest, 0) / ".Archivio.2024"))[0]

    assert oldest.stat().st_nlink == 8
    assert oldest.stat().st_mtime == int(oldest.name.split(".")[0])


def test_uidlist_names_every_message_but_those_in_new(made):
    out, manifest = made
    inbox = maildir(out, manifest, -1)

    header, *lines = (inbox / "dovecot-uidlist").read_text().splitlines()

    listed = {line.partition(" :")[2] for line in lines}
    assert listed == {file.name.partition(":2,")[0] for file in (inbox / "cur").iterdir()}
    assert len(list((inbox / "new").iterdir())) == 5
    assert int(header.split()[2].removeprefix("N")) > int(lines[-1].split()[0])


def test_planted_words_are_found_as_often_as_told(made):
    out, manifest = made
    sources = [file.read_bytes() for file in message_files(maildir(out, manifest, -1))]
    subjects = [str(message_from_bytes(source, policy=default)["Subject"]) for source in sources]

    told = manifest["nights"][-1]

    assert sum("girasole" in subject for subject in subjects) == told["with_subject_needle"] > 0
    assert sum(b"\nornitorinco\n" in source for source in sources) >= told["with_text_needle"] > 0


def test_newest_messages_are_told_by_guid_and_subject(made):
    out, manifest = made
    newest = manifest["newest"][0]

    [file] = [file for file in message_files(maildir(out, manifest, -1)) if file.name.startswith(newest["guid"])]

    assert message_from_bytes(file.read_bytes(), policy=default)["Subject"] == newest["subject"]


def test_same_seed_makes_the_same_mailbox(made, tmp_path):
    out, manifest = made

    again = generate(Order(tmp_path, MESSAGES, processes=1))

    assert again["nights"] == manifest["nights"]
    assert names(tmp_path) == names(out)


def names(root: Path) -> set[str]:
    return {str(file.relative_to(root)) for file in root.rglob("*")}
