"""Every pair of colours keeps its contrast, in both themes: WCAG's ratio, read from the tokens themselves."""

import re

import pytest

from tests.house_rules import ROOT

TOKEN = re.compile(r"--([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));")
TEXT, GRAPHIC = 4.5, 3.0
PAIRS = [
    ("text", "surface", TEXT),
    ("text", "page", TEXT),
    ("text", "sunken", TEXT),
    ("text", "selected", TEXT),
    ("text-2", "surface", TEXT),
    ("text-2", "page", TEXT),
    ("text-2", "sunken", TEXT),
    ("text-2", "selected", TEXT),
    ("text-3", "surface", TEXT),
    ("text-3", "page", TEXT),
    ("text-3", "sunken", TEXT),
    ("text-3", "selected", TEXT),
    ("accent", "surface", TEXT),
    ("accent", "page", TEXT),
    ("accent", "sunken", TEXT),
    ("accent", "selected", TEXT),
    ("on-accent", "accent", TEXT),
    ("on-night", "night", TEXT),
    ("on-night", "night-2", TEXT),
    ("on-night", "night-hover", TEXT),
    ("on-night-2", "night", TEXT),
    ("on-night-2", "night-2", TEXT),
    ("lamp", "night-2", TEXT),
    ("on-lamp", "lamp", TEXT),
    ("on-night", "console", TEXT),
    ("night-focus", "console", GRAPHIC),
    ("gone", "gone-surface", TEXT),
    ("gone", "surface", TEXT),
    ("danger", "surface", TEXT),
    ("danger", "danger-surface", TEXT),
    ("ok", "surface", TEXT),
    ("ok", "ok-surface", TEXT),
    ("control", "surface", GRAPHIC),
    ("control", "page", GRAPHIC),
    ("gone-line", "surface", GRAPHIC),
    ("night-ring", "night", GRAPHIC),
    ("night-ring", "night-2", GRAPHIC),
    ("night-focus", "night", GRAPHIC),
    ("night-focus", "night-2", GRAPHIC),
]


def tokens() -> dict[str, tuple[str, str]]:
    """Return each colour's light and dark value."""
    found = TOKEN.findall((ROOT / "static/css/tokens.css").read_text())
    return {name: (light or both, dark or both) for name, light, dark, both in found}


COLOURS = tokens()


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_wcag_s():
    assert round(contrast("#191d2d", "#ffffff"), 2) == 16.73


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS, ids=lambda value: str(value))
def test_pair_of_colours_can_be_read(front, back, least, theme):
    assert contrast(COLOURS[front][theme], COLOURS[back][theme]) >= least
