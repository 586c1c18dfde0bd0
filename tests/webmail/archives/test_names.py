"""No name in an archive leaves its directory, hides another, or is one a disk refuses."""

import re
import unicodedata

import pytest

from tests.webmail.archives.given import NOON, contents_of, entry
from webmail.archives import eml, maildir
from webmail.archives.members import COMPONENT_BYTES, PATH_BYTES, FolderPaths

HOSTILE = [
    "", " ", ".", "..", "../../etc/passwd", "/etc/passwd", "C:\\Windows\\x", "con", "CON.txt", "nul", "aux.", "x" * 500,
    "è" * 300, "漢" * 200, "a/b\\c", "a\x00b", "a\nb\r", "\u202egpj.exe", "<>:\"|?*", "Ciao ", "Ciao", "ciao", "ciào",
    "~", "İstanbul", "ſ", "S", "ß", "SS", "-rf *", "$(id)", "\ud800", "LEGGIMI.txt", "leggimi.TXT",
]  # fmt: skip
FOLDERS = {"INBOX": "INBOX"} | {name: name for name in (
    "Clienti", "clienti", "CLIENTI", "Clienti/Rossi", "clienti/rossi", "..", "../..", "con", "a.b", "A/B", "x" * 300,
    "y/" * 40 + "z", "漢字" * 40, "Inviati", "inviati", "LEGGIMI.txt", "Però", "Pero\u0300", "a:b*?", " . ", "Maildir",
)}  # fmt: skip
WINDOWS_REFUSES = re.compile(r'[<>:"\\|?*\x00-\x1f]')
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


@pytest.fixture
def contents():
    """Hostile subjects and folder names, flags and keywords too."""
    sources = [b"Subject: " + subject.encode("utf-8", "surrogatepass") + b"\n\nciao" for subject in HOSTILE]
    folders = {}
    for place, name in enumerate(FOLDERS):
        share = sources if name == "INBOX" else sources[:2]
        folders[name] = [entry(f"{place}-{number}", source) for number, source in enumerate(share)]
    return contents_of(**folders)


def folded(name):
    return unicodedata.normalize("NFC", name.rstrip("/").casefold())


def assert_harmless(names):
    files = [name for name in names if not name.endswith("/")]
    components = [component for name in names for component in name.rstrip("/").split("/")]
    assert len({folded(name) for name in names}) == len(names)
    assert not any(name.startswith("/") for name in names)
    assert not {"", ".", ".."} & set(components)
    assert max(len(component.encode()) for component in components) <= COMPONENT_BYTES
    assert max(len(name.encode()) for name in files) <= PATH_BYTES


def assert_fit_for_windows(names):
    components = [component for name in names for component in name.rstrip("/").split("/")]
    assert not [each for each in components if WINDOWS_REFUSES.search(each) or RESERVED.fullmatch(each)]
    assert not [each for each in components if each.endswith((" ", "."))]


def test_names_of_single_files_are_harmless(contents):
    names = [member.name for member in eml.members(contents, reserved="LEGGIMI.txt")]

    assert_harmless([*names, "LEGGIMI.txt"])
    assert_fit_for_windows(names)


def test_folders_stay_apart_without_case(contents):
    names = [member.name for member in eml.members(contents, reserved="LEGGIMI.txt")]

    directories = {name.rpartition("/")[0] for name in names}

    assert len({folded(directory) for directory in directories}) == len(contents.shares)


@pytest.mark.parametrize("separator", [maildir.COLON, maildir.SEMICOLON])
def test_names_of_a_maildir_are_harmless(contents, separator):
    names = [member.name for member in maildir.members(contents, separator=separator, made_at=NOON)]

    assert_harmless(names)
    assert len([name for name in names if "/cur/" in name and not name.endswith("/")]) == len(list(contents.messages))


def test_names_of_a_maildir_for_windows_are_what_it_allows(contents):
    names = [member.name for member in maildir.members(contents, separator=maildir.SEMICOLON, made_at=NOON)]

    assert_fit_for_windows(names)


def test_folder_keeps_its_path_where_that_is_fit():
    paths = FolderPaths("LEGGIMI.txt")

    given = [paths.path(levels) for levels in (("Clienti", "Rossi"), ("Clienti",), ("clienti", "Verdi"))]

    assert given == ["Clienti/Rossi", "Clienti", "clienti_2/Verdi"]
