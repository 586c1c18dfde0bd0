"""The documentation is true as far as a test can tell: what it links to, names and runs is there."""

import re

import pytest
from django.core.management import get_commands

from mtm.environment import declared
from tests.house_rules import ROOT, files, text_of

PAGES = [path for path in files(".md") if path.name != "CHANGELOG.md"]
LINK = re.compile(r"\]\((?!https?:|mailto:|#|\{\{)([^)#\s]+)")
PLACE = re.compile(r"`((?:deploy|docs|mtm|snapshots|access|webmail|restores|support)/[\w./*-]+)`")
COMMAND = re.compile(r"manage\.py ([a-z_]+)")
SETTING = re.compile(r"\bMTM_[A-Z_]+[A-Z]\b")


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page):
    missing = [link for link in LINK.findall(text_of(page)) if not (ROOT / page.parent / link).exists()]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_places_are_there(page):
    missing = [place for place in PLACE.findall(text_of(page)) if not list(ROOT.glob(place.rstrip("/.")))]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_commands_exist(page):
    assert [name for name in COMMAND.findall(text_of(page)) if name not in get_commands()] == []


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_settings_exist(page):
    known = {
        name for each in declared for name in (each.name.removesuffix("[_FILE]"), each.name.replace("[_FILE]", "_FILE"))
    }

    assert sorted(set(SETTING.findall(text_of(page))) - known) == []
