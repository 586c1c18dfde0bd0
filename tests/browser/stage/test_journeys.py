"""From the login to the lost message and home with it: by keyboard alone, without a script, by touch."""

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from demo.screens import CONTRACT, PASSWORD
from demo.story import OWNER
from tests.browser.stage import click, path_of, press, said, wait_for_path
from tests.scale import needs_evidence

TICK = "[...document.querySelectorAll('#rows .checkbox')].slice(0, {}).forEach((box) => {{ box.checked = true }})"
ENDINGS = (".zip", ".mbox", ".eml")
PLACE = """
const { left, top, width, height } = document.querySelector(arguments[0]).getBoundingClientRect();
return { x: left + width / 2, y: top + height / 2 };"""


@pytest.fixture
def downloads(browser, tmp_path):
    """The names of what was downloaded, as soon as all of it is there."""
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)

    def there(_=None):
        return [path.name for path in tmp_path.iterdir() if path.suffix in ENDINGS]

    return lambda: WebDriverWait(browser.driver, 20).until(there)


@pytest.fixture
def visitor(browser):
    """The window on a desktop, in Italian, nobody signed in."""
    browser.show(1440, "light")
    browser.leave()
    browser.speak("it")
    return browser


def test_by_keyboard_alone(visitor, stage, downloads):
    visitor.open("/login/")
    visitor.run("document.querySelector('#email').focus()")
    press(visitor, OWNER, Keys.TAB, PASSWORD, Keys.ENTER)
    wait_for_path(visitor, f"/{stage.day(0)}/")
    press(visitor, ",")
    visitor.wait(f"location.pathname !== '/{stage.day(0)}/'")
    press(visitor, "/", "contratto firmato", Keys.ENTER)
    visitor.wait("location.pathname === '/search/' && document.readyState === 'complete'")
    visitor.run("document.querySelector('.search__results .row__link').focus()")
    press(visitor, Keys.ENTER)
    visitor.wait("document.querySelector('#message-subject') && document.readyState === 'complete'")
    found = visitor.find("#message-subject").text
    press(visitor, "u", Keys.HOME)
    press(visitor, "x", *["j", "x"] * 9)
    full = visitor.find("[data-count]").text
    press(visitor, "j", "x")
    said(visitor, "Puoi scaricare 10 messaggi per volta.", "alarm")
    press(visitor, "d", Keys.TAB, Keys.ENTER)
    said(visitor, "Download avviato: 10 messaggi, EML.")
    names = downloads()
    visitor.run("document.querySelector('#rows .row__link').focus()")
    press(visitor, "r")
    visitor.wait("location.pathname.startsWith('/restores/') && document.readyState === 'complete'")

    assert CONTRACT in found
    assert full == "10 di 10"
    assert names[0].endswith(".zip")
    assert "10 messaggi" in visitor.find("main").text


@needs_evidence
def test_without_a_script(visitor, stage, downloads):
    visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        visitor.log_in(OWNER, PASSWORD)
        click(visitor, f"#day-{stage.day(-3)}")
        visitor.find("#search-all").send_keys("contratto firmato", Keys.ENTER)
        visitor.wait("location.pathname === '/search/'")
        click(visitor, ".search__results .row__link")
        found = visitor.find("#message-subject").text
        click(visitor, f"#day-{stage.day(-3)}")
        click(visitor, "#folder-inbox")
        wait_for_path(visitor, f"/{stage.day(-3)}/inbox/")
        visitor.run(TICK.format(11))
        click(visitor, "#actions")
        click(visitor, ".menu__panel button[value=mbox]")
        refused = visitor.find("main.page").text
        click(visitor, "main li:last-child .checkbox")
        click(visitor, "main button[value=mbox]")
        names = downloads()
    finally:
        visitor.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    assert CONTRACT in found
    assert "Puoi scaricare 10 messaggi per volta." in refused
    assert names[0].endswith("10-messaggi.mbox")


def tap(view, selector):
    view.wait(f"document.querySelector({selector!r})")
    down = {"type": "touchStart", "touchPoints": [view.run(PLACE, selector)]}
    view.driver.execute_cdp_cmd("Input.dispatchTouchEvent", down)
    view.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@needs_evidence
def test_by_touch_on_a_phone(visitor, stage, downloads):
    visitor.log_in(OWNER, PASSWORD)
    visitor.show(390, "light")
    visitor.open(f"/{stage.day(0)}/")
    tap(visitor, f"#day-{stage.day(-3)}")
    wait_for_path(visitor, f"/{stage.day(-3)}/")
    tap(visitor, ".masthead__menu")
    visitor.wait("document.querySelector('#folder-pane').matches(':popover-open')")
    tap(visitor, "#folder-sent")
    wait_for_path(visitor, f"/{stage.day(-3)}/sent/")
    visitor.wait("!document.querySelector('#folder-pane').matches(':popover-open')")
    tap(visitor, ".row:nth-child(2) .row__link")
    visitor.wait("document.querySelector('#message-subject')")
    tap(visitor, "#message-back")
    wait_for_path(visitor, f"/{stage.day(-3)}/sent/")
    for number in (1, 2, 3):
        tap(visitor, f".row:nth-child({number}) .check")
    count = visitor.find("[data-count]").text
    tap(visitor, "#selection-bar .button--primary")

    assert downloads()[0].endswith(".zip")
    assert count == "3 di 10"
    assert path_of(visitor) == f"/{stage.day(-3)}/sent/"
