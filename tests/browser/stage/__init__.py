"""The demo's site with every state within reach, and one window onto it, for all tests of the pages' conduct."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains

from demo import screens
from demo.screens import PASSWORD, Stage, let_nights_be_known
from demo.story import OWNER
from demo.window import Window, window
from tests.browser.installed import require_chromium

TEXT_OF_PAGE = """
const copy = document.querySelector("#view, #main").cloneNode(true);
copy.querySelectorAll("[data-scripted], .selection-bar, input[type=hidden]").forEach((element) => element.remove());
return copy.textContent.replace(/\\s+/g, " ");
"""
WHO = "return document.querySelector('.menu__account')?.textContent"
VIOLATION = "Content Security Policy"


@pytest.fixture(scope="session")
def stage(tmp_path_factory) -> Iterator[Stage]:
    require_chromium()
    with screens.staged(tmp_path_factory.mktemp("stage")) as stage:
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
            window(stage.url, Path(profile)) as view,
        ):
            view.log_in(OWNER, PASSWORD)
            let_nights_be_known(view)
        yield stage


@pytest.fixture(scope="session")
def browser(stage) -> Iterator[Window]:
    """One browser for many tests; whatever they did, no page broke its policy."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, window(stage.url, Path(profile)) as view:
        yield view
        told = [str(entry["message"]) for entry in view.driver.get_log("browser")]
    assert [line for line in told if VIOLATION in line] == []


@pytest.fixture
def giulia(browser: Window) -> Window:
    """The window on a desktop, in Italian, with Giulia logged in and nothing selected."""
    browser.show(1440, "light")
    browser.open("/preferences/")
    if browser.run(WHO) != OWNER:
        browser.log_in(OWNER, PASSWORD)
    browser.speak("it")
    browser.run("sessionStorage.clear(); localStorage.clear()")
    return browser


def press(view: Window, *keys: str) -> None:
    """Press keys where the focus is."""
    ActionChains(view.driver).send_keys(*keys).perform()


def click(view: Window, selector: str) -> None:
    view.find(selector).click()


def focused(view: Window) -> str:
    """Return the id of the element that has the focus."""
    return str(view.run("return document.activeElement.id"))


def path_of(view: Window) -> str:
    return str(view.run("return location.pathname"))


def wait_for_path(view: Window, path: str) -> None:
    view.wait(f"location.pathname === {path!r} && document.readyState === 'complete'")


def said(view: Window, words: str, region: str = "announcement") -> None:
    """Wait until a live region says this."""
    view.wait(f"document.getElementById({region!r}).textContent.includes({words!r})")


def text_of(view: Window) -> str:
    """Return all that the page shows of the mailbox, but what only a script can work."""
    return str(view.run(TEXT_OF_PAGE))
