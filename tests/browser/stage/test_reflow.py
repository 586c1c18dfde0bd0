"""Every reader's own way to see a page: large text, zoom, spacing, forced colours, a phone on its side, no motion."""

import pytest

from demo.screens import CONTRACT, PATH_OF_ROW, SELECT
from tests.browser.stage import click, text_of
from tests.scale import needs_evidence

# What is seen and reaches out of the page, or is cut off in its own box without saying so by an ellipsis.
OUT_OF_PLACE = """
const all = [...document.querySelectorAll(
  "a, button, input, select, summary, label, h1, h2, h3, p, dt, dd, time, legend, small")];
const hidden = ".hidden, .skip-link, .message-body__end, .account__address, .day__status-text, .day-band, pre";
const seen = all.filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest(hidden));
const reaches = (each) => {
  const { left, right, width } = each.getBoundingClientRect();
  return width > 1 && (left < -1 || right > innerWidth + 1);
};
const isCut = (each) => {
  const { overflowX, textOverflow } = getComputedStyle(each);
  return overflowX === "hidden" && textOverflow !== "ellipsis" && each.scrollWidth > each.clientWidth + 1;
};
const name = (each) => `${each.tagName} ${each.id || each.className}: ${each.textContent.trim().slice(0, 30)}`;
const wide = document.scrollingElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
return [...wide, ...seen.filter((each) => reaches(each) || isCut(each)).map(name)];
"""
# The targets smaller than 24 px, but for links within a sentence.
SMALL_TARGETS = """
const all = [...document.querySelectorAll("a, button, input:not([type=hidden]), select, summary")];
const seen = all.filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest(".hidden"));
const box = (each) => (each.closest("label") ?? each).getBoundingClientRect();
const small = seen.filter((each) => getComputedStyle(each).display !== "inline" &&
  !each.matches(".message-body__end") && box(each).width > 1 && (box(each).width < 24 || box(each).height < 24));
return small.map((each) => `${each.tagName} ${each.id || each.className}: ${each.textContent.trim().slice(0, 30)}`);
"""
SPACING = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
  p { margin-bottom: 2em !important; }`);
document.adoptedStyleSheets = [sheet];"""
TEXT_200 = {"fontSizes": {"standard": 32, "fixed": 26}}
TEXT_100 = {"fontSizes": {"standard": 16, "fixed": 13}}
FORCED = {"features": [{"name": "forced-colors", "value": "active"}]}


@pytest.fixture
def pages(giulia, stage):
    """Ways to each page worth a look, by name."""
    day = f"/{stage.day(-3)}/"
    giulia.open(day)
    contract = giulia.run(PATH_OF_ROW, CONTRACT)
    return {
        "list": (day, ""),
        "limit": (day, SELECT.format(11)),
        "message": (contract, ""),
        "headers": (contract.replace("/inbox/", "/messages/") + "headers/", ""),
        "gone": (f"{day}gone/", ""),
        "search": ("/search/?q=contratto", ""),
        "folders": (f"{day}folders/", ""),
        "accesses": ("/accesses/", ""),
        "preferences": ("/preferences/", ""),
        "restores": ("/restores/", ""),
        "missing": (f"/{stage.day(-30)}/", ""),
    }


def findings(view, pages, script, *, before=""):
    """Return what a script finds on each page."""
    found = []
    for name, (path, act) in pages.items():
        view.open(path)
        view.run("sessionStorage.clear()")
        view.run(before + act)
        found += [f"{name}: {each}" for each in view.run(script)]
    return found


@pytest.mark.parametrize(
    ("width", "height"),
    [
        pytest.param(320, 256, id="400 %"),
        pytest.param(390, 844, id="phone", marks=needs_evidence),
        pytest.param(844, 390, id="landscape", marks=needs_evidence),
        pytest.param(768, 1024, id="tablet", marks=needs_evidence),
    ],
)
def test_nothing_is_cut_and_nothing_scrolls_sideways(giulia, pages, width, height):
    giulia.show(width, "light", height=height)

    assert findings(giulia, pages, OUT_OF_PLACE) == []


@pytest.mark.parametrize(
    "width", [pytest.param(1440, marks=needs_evidence), pytest.param(1024, marks=needs_evidence), 390]
)
def test_text_of_twice_the_size_fits(giulia, pages, width):
    giulia.show(width, "light")
    giulia.driver.execute_cdp_cmd("Page.setFontSizes", TEXT_200)
    try:
        found = findings(giulia, pages, OUT_OF_PLACE)
    finally:
        giulia.driver.execute_cdp_cmd("Page.setFontSizes", TEXT_100)

    assert found == []


@needs_evidence
@pytest.mark.parametrize("width", [1440, 390])
def test_text_with_wider_spacing_fits(giulia, pages, width):
    giulia.show(width, "light")

    assert findings(giulia, pages, OUT_OF_PLACE, before=SPACING) == []


@pytest.mark.parametrize("width", [pytest.param(1440, marks=needs_evidence), 390])
def test_every_target_is_large_enough(giulia, pages, width):
    giulia.show(width, "light")

    assert findings(giulia, pages, SMALL_TARGETS) == []


def test_landscape_phone_scrolls_the_page_as_a_whole(giulia, stage):
    giulia.show(844, "light", height=390)
    giulia.open(f"/{stage.day(-3)}/")
    click(giulia, ".row .check")

    assert giulia.run("return document.scrollingElement.scrollHeight > innerHeight")
    assert giulia.run("return getComputedStyle(document.querySelector('#selection-bar')).position") == "fixed"


def test_forced_colours_keep_what_is_chosen_open_and_gone_apart(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")
    click(giulia, ".row .check")
    giulia.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", FORCED)

    outlined = "return getComputedStyle(document.querySelector(arguments[0])).outlineStyle"
    marked = [giulia.run(outlined, each) for each in (".day[aria-current]", ".folder-pane a[aria-current]", ".row")]
    tag = giulia.run("return getComputedStyle(document.querySelector('.tag')).borderTopStyle")
    words = text_of(giulia)
    giulia.show(1440, "light")

    assert marked == ["solid"] * 3
    assert tag == "solid"
    assert "Sparito" in words or "Eliminato" in words


def test_nothing_moves_for_whoever_wants_no_motion(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")
    moving = "return getComputedStyle(document.querySelector('.row')).transitionDuration"
    still = giulia.run(moving)
    features = [{"name": "prefers-reduced-motion", "value": "no-preference"}]
    giulia.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    assert (still, giulia.run(moving)) == ("0s", "0.12s")
