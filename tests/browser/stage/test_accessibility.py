"""axe finds nothing on any screen, in either theme, at any width: the full matrix with TEST_EVIDENCE=1."""

import json
from pathlib import Path

from demo.screens import SCREENS, walk
from demo.window import THEMES
from tests.scale import IS_WHOLE, part

AXE = (Path(__file__).parents[2] / "vendor/axe-core/axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """
const [tags, done] = arguments;
const why = (node) => [...node.any, ...node.all, ...node.none].map((check) => check.message)[0] ?? "";
const isUnderMenu = (node) => {
  const { x, y, width, height } = document.querySelector(node.target[0]).getBoundingClientRect();
  const menu = document.elementFromPoint(x + width / 2, y + height / 2)?.closest(".menu[open]");
  return Boolean(menu && !menu.querySelector(node.target[0]));
};
// What lies under an open menu takes no click, whose first closes the menu: how much of it is seen does not matter.
const counts = (rule, node) => rule.id !== "target-size" || !isUnderMenu(node);
const nodes = (rule) => rule.nodes.filter((node) => counts(rule, node));
const told = (rule) => nodes(rule).map((node) => `${rule.id}: ${node.target} ${why(node)}`);
axe.run(document, { runOnly: tags, iframes: false, resultTypes: ["violations"] })
  .then((result) => done(JSON.stringify(result.violations.flatMap(told))));
"""


def violations(view) -> list[str]:
    if not view.run("return Boolean(window.axe)"):
        view.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE})
    found = view.driver.execute_async_script(RUN, TAGS)
    return list(json.loads(found))


def test_axe_finds_nothing_on_any_screen(browser, stage):
    browser.driver.set_script_timeout(60)
    found = []

    for number, (name, screen) in enumerate(walk(browser, stage, part(SCREENS, 6))):
        looks = [(width, theme) for width in screen.widths for theme in THEMES]
        for width, theme in looks if IS_WHOLE else [looks[number * 3 % len(looks)]]:
            browser.show(width, theme)
            found += [f"{name} {width} {theme}: {violation}" for violation in violations(browser)]

    assert found == []
