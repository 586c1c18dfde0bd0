"""What a first visit, a page and a swap weigh, compressed as the server sends them; and whose words they speak."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.utils.translation.template import templatize

from mtm.static_storage import lighter
from snapshots.catalogue import PAGE_SIZE
from tests.house_rules import ROOT, TEMPLATE_TAG
from tests.served import ALICE
from webmail.views.folders import FRAGMENTS

DAY = "2026-11-21"
KB = 1000
# The console's own style is sent to operators, and to owners with the page of their accesses alone; that of help and
# preferences with these; that of compact lists to those who chose it.
STYLES = [ROOT / "static/css/site.css"]
APP = ROOT / "static/scripts/app.js"
SCRIPTS = sorted((ROOT / "static/scripts").glob("*.js"))
ICONS = ROOT / "static/icons.svg"
SWAPPED = ["view", "mailbox", "message-list"]
# Names, keys and an element's id, the same in every language; the names of the languages, each in its own.
UNTRANSLATED = {
    "Apple Mail",
    "Outlook",
    "Thunderbird",
    "EML",
    "MBOX",
    "Maildir",
    "Italiano",
    "English",
    "Esc",
    "F6",
    "Home",
    "End",
    "Ctrl",
    "message-list",
    "console",
    *"ahkjouxnpdgrisbcv/",
}
READ_ATTRIBUTE = re.compile(
    r"\s(?:aria-label|title|alt|placeholder|data-(?:words|one|many|alarm|selected|full|none|some|loading))=\"([^\"]*)\""
)
BLOCKTRANSLATE = re.compile(r"{%\s*blocktranslate.*?endblocktranslate\s*%}", re.DOTALL)
HELD = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`")
COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*$", re.DOTALL | re.MULTILINE)


def weight(*contents: bytes) -> int:
    return sum(len(gzip.compress(content, 9, mtime=0)) for content in contents)


def bytes_of(*paths) -> list[bytes]:
    """Return files as they travel."""
    return [lighter(str(path.relative_to(ROOT / "static")), path.read_bytes()) for path in paths]


@pytest.fixture
def full_page(provider, site):
    """A page of as many rows as there can be, each its own words."""
    night = provider.mailbox(ALICE).night(DAY)
    for number in range(PAGE_SIZE):
        words = f"{number * 7919:x} {number * 104729:x}"
        night.message(
            f"Verbale della riunione di cantiere {words}",
            sender=f"Persona {number * 31:x} <persona{number}@impresa{number % 9}.example>",
            text=f"Gentile architetto, come d'accordo le invio quanto segue, pratica {words} del protocollo.",
        )
    site(provider)


def test_first_visit_is_light():
    htmx = Path(str(finders.find("django_htmx/htmx-2.min.js")))

    assert weight(*bytes_of(*STYLES, APP, ICONS), htmx.read_bytes()) <= 34 * KB


@pytest.mark.parametrize(("paths", "most_kb"), [(STYLES, 9), ([APP], 5.25), ([ICONS], 3)], ids=["css", "js", "icons"])
def test_each_kind_of_file_keeps_to_its_share(paths, most_kb):
    assert weight(*bytes_of(*paths)) <= most_kb * KB


def test_page_of_a_full_list_is_light(alice, full_page):
    response = alice.get(f"/{DAY}/")

    assert len(response.context["rows"]) == PAGE_SIZE
    assert weight(response.content) <= 14 * KB


@pytest.mark.parametrize("target", SWAPPED)
def test_swap_of_a_full_list_is_light(alice, full_page, target):
    response = alice.get(f"/{DAY}/", headers={"HX-Request": "true", "HX-Target": target})

    assert target in FRAGMENTS
    assert weight(response.content) <= 9 * KB


def literal_text(source: str) -> set[str]:
    """Return the words a template shows or says of its own, outside translate tags."""
    bare = TEMPLATE_TAG.sub("", BLOCKTRANSLATE.sub("", source))
    said = [*READ_ATTRIBUTE.findall(bare), *re.split(r"<[^>]*>", bare)]
    return {part.strip() for part in said if re.search(r"[^\W\d_]", part.replace("&nbsp;", ""))}


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_template_says_nothing_outside_the_catalogues(path):
    assert literal_text(path.read_text()) - UNTRANSLATED == set()


def test_literal_text_is_found_where_it_stands():
    source = '<p title="Alfa">{% translate "No" %} Beta {{ x }}</p>{% blocktranslate %}No{% endblocktranslate %}'

    assert literal_text(source) == {"Alfa", "Beta"}
    assert "gettext" in templatize(source)


def test_script_holds_no_words_to_read():
    """A sentence has a space between two words; selectors, names of events and code in templates have not."""
    code = COMMENT.sub("", "\n".join(path.read_text() for path in SCRIPTS))

    held = [text[1:-1] for text in HELD.findall(code)]

    assert [text for text in held if re.fullmatch(r"[A-ZÀ-Ú][a-zà-ú]+(?:[ ,'’][\wà-ú]+)+[.…!?]?", text)] == []
    assert not re.search(r"[à-ú]", code)
