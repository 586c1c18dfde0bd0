"""The site's colours: its own as the style sheet has them, a provider's in their place, and how they contrast.

Source: WCAG 2.2, relative luminance and contrast ratio.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings

TOKEN = re.compile(r"--([\w-]+): (?:light-dark\((#\w{6}), (#\w{6})\)|(#\w{6}));")
THEMES = ("light", "dark")
TEXT, GRAPHIC = 4.5, 3.0
GROUNDS = ("surface", "page", "sunken", "selected")
# What stands on what, and the least contrast it needs.
PAIRS = (
    *((front, back, TEXT) for front in ("text", "text-2", "text-3", "accent") for back in GROUNDS),
    *(("on-night", back, TEXT) for back in ("night", "night-2", "night-hover", "console")),
    *(("on-night-2", back, TEXT) for back in ("night", "night-2", "night-hover")),
    *((front, "night-2", TEXT) for front in ("lamp", "night-gone")),
    *((front, "surface", TEXT) for front in ("gone", "danger", "ok")),
    *((front, f"{front}-surface", TEXT) for front in ("gone", "danger", "ok")),
    ("on-accent", "accent", TEXT),
    ("on-lamp", "lamp", TEXT),
    ("control", "surface", GRAPHIC),
    ("control", "page", GRAPHIC),
    ("gone-line", "surface", GRAPHIC),
    *(("night-ring", back, GRAPHIC) for back in ("night", "night-2")),
    *(("night-focus", back, GRAPHIC) for back in ("night", "night-2", "console")),
)  # fmt: skip
# How much white is in the tones of a provider's night.
NIGHT_TONES = {"night": 0, "night-2": 0.09, "night-hover": 0.17, "night-line": 0.22, "night-ring": 0.5}
SELECTED_SHARES = (0.1, 0.15)

Colours = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Faint:
    """One pair that can hardly be read."""

    setting: str
    theme: str
    front: str
    back: str
    ratio: float
    least: float


@cache
def own_colours() -> Colours:
    """Return each colour of the style sheet, in the light theme and in the dark one."""
    found = TOKEN.findall((settings.BASE_DIR / "static/css/tokens.css").read_text())
    return {name: (light or both, dark or both) for name, light, dark, both in found}


def brand_colours() -> Colours:
    """Return the colours that a provider's choice takes the place of, with the tones made of it."""
    own = own_colours()
    chosen: dict[str, tuple[str, str]] = {}
    if settings.MTM_ACCENT or settings.MTM_ACCENT_DARK:
        accents = settings.MTM_ACCENT or own["accent"][0], settings.MTM_ACCENT_DARK or own["accent"][1]
        light, dark = map(mixed, accents, own["surface"], SELECTED_SHARES)
        chosen |= {"accent": accents, "selected": (light, dark)}
    if settings.MTM_NIGHT:
        tones = {name: mixed("#ffffff", settings.MTM_NIGHT, share) for name, share in NIGHT_TONES.items()}
        chosen |= {name: (tone, tone) for name, tone in tones.items()}
    return chosen


def style_sheet(colours: Colours) -> str:
    """Return colours as a style sheet that overrules the site's own."""
    lines = "".join(f"    --{name}: light-dark({light}, {dark});\n" for name, (light, dark) in colours.items())
    return f"@layer tokens {{\n  :root {{\n{lines}  }}\n}}\n"


def faint_pairs() -> Iterator[Faint]:
    """Yield the pairs with a provider's colour in them that contrast too little."""
    brand = brand_colours()
    colours = {**own_colours(), **brand}
    for front, back, least in PAIRS:
        changed = [name for name in (front, back) if name in brand]
        for number, theme in enumerate(THEMES):
            ratio = contrast(colours[front][number], colours[back][number])
            if changed and ratio < least:
                yield Faint(_setting(changed[0], theme), theme, front, back, ratio, least)


def _setting(name: str, theme: str) -> str:
    if name.startswith("night"):
        return "MTM_NIGHT"
    return "MTM_ACCENT_DARK" if theme == "dark" else "MTM_ACCENT"


def contrast(one: str, other: str) -> float:
    """Return WCAG's ratio, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(one: str, other: str, share: float) -> str:
    """Return a colour with a share of the first, the rest of the second."""
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    parts = [value / 255 for value in _channels(colour)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
