"""The customers' manual says what this provider offers, in both languages, with pictures that can be made."""

import re
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from demo.screens import SCREENS
from mtm import manual
from tests.house_rules import ROOT

PICTURE = re.compile(r"\(\.\./screens/([\w-]+)-(\d+)-(light|dark)\.webp\)")
NAMES = {f"{screen.name}{'' if each == 'it' else '-en'}": screen for screen in SCREENS for each in screen.languages}


def pictures(language):
    return PICTURE.findall((ROOT / f"docs/manual/{language}.md").read_text())


@pytest.fixture
def own(settings):
    settings.MTM_BRAND_NAME = "Rossi & Figli"
    settings.MTM_DAYS = 14
    settings.MTM_DOWNLOAD_LIMIT = 25
    settings.MTM_RESTORE_PRICE = Decimal("50.00")
    settings.MTM_SUPPORT_CONTACT = "aiuto@example.com"
    return settings


@pytest.mark.parametrize("language", manual.LANGUAGES)
def test_manual_is_one_page_with_its_pictures(own, language):
    page = manual.manual(language)

    assert f'<html lang="{language}">' in page
    assert "<h1>Rossi &amp; Figli: manual" in page
    assert page.count("<img ") == page.count('src="data:image/webp;base64,') == len(pictures(language))
    assert not re.search(r"\*\*|^#|\]\(|{{|{%", page.partition("<body>")[2], re.MULTILINE)
    assert '<a href="mailto:aiuto@example.com">aiuto@example.com</a>' in page


def test_manual_has_the_provider_s_limits_and_prices(own):
    words = " ".join(manual.filled("it").replace("\xa0", " ").split())

    assert "quelle dei 14 giorni prima" in words
    assert "Puoi scaricarne 25 per volta, fino a 500 MB in tutto" in words
    assert "**50,00 € + IVA 22 %**, in tutto 61,00 €" in words


def test_manual_says_nothing_of_restores_where_there_are_none(own):
    own.MTM_RESTORE = "off"

    assert "ripristin" not in manual.filled("it").lower()
    assert "restor" not in manual.filled("en").lower()


@pytest.mark.parametrize("language", manual.LANGUAGES)
def test_every_picture_is_one_that_make_screenshots_makes(language):
    made = [(name, width, theme) for name, width, theme in pictures(language) if name in NAMES]

    assert made == pictures(language)
    assert all((int(width), theme) in NAMES[name].pictures for name, width, theme in made)


def test_picture_not_made_yet_is_said(own, monkeypatch, tmp_path):
    (tmp_path / "it.md").write_text("![Nulla](none.webp)")
    monkeypatch.setattr(manual, "DIRECTORY", tmp_path)

    with pytest.raises(CommandError, match="make screenshots"):
        call_command("manual", stdout=StringIO())
