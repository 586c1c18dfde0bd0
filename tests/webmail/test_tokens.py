"""Every pair of colours keeps its contrast, in both themes: WCAG's ratio, read from the tokens themselves."""

import re

import pytest

from tests.house_rules import ROOT
from webmail.colours import PAIRS, contrast, mixed, own_colours

# Lines that separate need no contrast of their own; on paper stands the mail, in its sender's colours.
UNPAIRED = {"line", "night-line", "paper"}


def test_contrast_is_wcag_s():
    assert round(contrast("#191d2d", "#ffffff"), 2) == 16.73
    assert round(contrast("#7c8499", "#f3f4f9"), 2) == 3.40


def test_mixture_lies_between():
    assert mixed("#ffffff", "#000000", 0.5) == "#808080"
    assert mixed("#3f3cbb", "#ffffff", 1) == "#3f3cbb"


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS, ids=lambda value: str(value))
def test_pair_of_colours_can_be_read(front, back, least, theme):
    colours = own_colours()

    assert contrast(colours[front][theme], colours[back][theme]) >= least


def test_no_colour_is_without_a_pair():
    paired = {name for front, back, _ in PAIRS for name in (front, back)}

    assert set(own_colours()) - paired == UNPAIRED


def test_every_colour_of_the_style_sheet_is_read():
    style = (ROOT / "static/css/tokens.css").read_text()

    assert set(re.findall(r"--([\w-]+): (?:#|light-dark\(#)", style)) == set(own_colours())
