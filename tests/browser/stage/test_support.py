"""Support in Chromium: an operator's way with the keyboard alone, what its owner sees of it, and axe on every page."""

import pytest
from selenium.webdriver.common.keys import Keys

from demo.code import code_now
from demo.screens import PASSWORD
from demo.site import OPERATOR, OPERATOR_PASSWORD
from demo.story import OWNER
from demo.window import THEMES, WIDTHS
from tests.browser.stage import path_of, press, wait_for_path
from tests.browser.stage.test_accessibility import violations
from tests.scale import IS_WHOLE

REASON = "Il cliente non trova piu un contratto"
BANNER = "document.querySelector('#grant-banner')"
FOCUSED = "return document.activeElement.id || document.activeElement.name || ''"
MOST_STOPS = 60


def tab_to(view, name: str) -> None:
    """Press Tab until the focus is on what has this id or name."""
    for _ in range(MOST_STOPS):
        if view.run(FOCUSED) == name:
            return
        press(view, Keys.TAB)
    raise AssertionError(f"Tab does not lead to {name}")


def fill(view, **fields: str) -> None:
    for name, text in fields.items():
        tab_to(view, name)
        view.run("document.activeElement.select?.()")
        press(view, text)


@pytest.fixture
def desk(browser):
    """The window on a desktop, in Italian, nobody signed in."""
    browser.show(1440, "light")
    browser.leave()
    browser.speak("it")
    return browser


def sign_in(view, stage, *, steps: int) -> None:
    view.open("/support/")
    fill(view, username=OPERATOR)
    press(view, Keys.TAB, OPERATOR_PASSWORD, Keys.TAB, code_now(stage.operator_key, steps=steps), Keys.ENTER)
    wait_for_path(view, "/support/")


def find(view) -> None:
    fill(view, address=OWNER)
    press(view, Keys.ENTER)
    wait_for_path(view, "/support/account/")


def begin(view) -> None:
    fill(view, reason=REASON, ticket="4812")
    press(view, Keys.ENTER)
    view.wait(BANNER)


def test_keyboard_alone_finds_opens_reads_and_ends(desk, stage):
    sign_in(desk, stage, steps=0)
    find(desk)
    begin(desk)
    title = desk.driver.title
    press(desk, Keys.TAB)
    first_stop = desk.run("return document.activeElement.className")
    desk.open(f"/{path_of(desk).split('/')[1]}/")
    desk.run("document.querySelector('.row__link').focus()")
    press(desk, Keys.ENTER)
    desk.wait("document.activeElement.id === 'message-subject'")
    title_after_swap = desk.driver.title
    desk.open(path_of(desk))
    tab_to(desk, "end-grant")
    press(desk, Keys.ENTER)
    wait_for_path(desk, "/support/")

    assert title.startswith("[ASSISTENZA] ")
    assert title_after_swap.startswith("[ASSISTENZA] ")
    assert first_stop == "skip-link"
    assert not desk.run(f"return Boolean({BANNER})")
    desk.log_in(OWNER, PASSWORD)
    desk.open("/accesses/")
    seen = desk.run("return document.querySelector('.access-list').innerText")
    assert REASON in seen
    assert "Assistenza" in seen
    assert "1 messaggio aperto" in seen


def test_axe_finds_nothing_in_the_console_and_under_a_grant(desk, stage):
    desk.driver.set_script_timeout(60)
    found = []
    places = (
        ("console", lambda: None),
        ("account", lambda: find(desk)),
        ("account-unlock", lambda: desk.run("document.querySelector('#unlock').click()")),
        ("account-error", lambda: desk.run("document.querySelector('#start-grant').form.submit()")),
        ("audit", lambda: desk.open("/support/audit/")),
        ("restore-form", lambda: desk.open(f"/support/restores/new/?address={OWNER}&day={stage.day(-3)}")),
        ("restore-form-error", lambda: desk.run("document.querySelector('#restore-form').submit()")),
        ("restore", lambda: _ask_for_a_restore(desk)),
        ("restores", lambda: desk.open("/support/restores/")),
        ("grant-list", lambda: _grant(desk)),
        ("grant-message", lambda: _first_message(desk)),
        ("grant-console", lambda: desk.open("/support/")),
        ("grant-not-found", lambda: desk.open("/nowhere/")),
        ("accesses", lambda: _accesses(desk)),
    )

    desk.open("/support/login/")
    found += looked_at(desk, "login", 0)
    sign_in(desk, stage, steps=1)
    for number, (name, reach) in enumerate(places, start=1):
        desk.show(1440, "light")
        reach()
        desk.wait("document.readyState === 'complete'")
        if IS_WHOLE or number % 2:
            found += looked_at(desk, name, number)

    assert found == []


def looked_at(view, name: str, number: int) -> list[str]:
    """Return what axe finds at one width and theme, or at all with TEST_EVIDENCE=1."""
    looks = [(width, theme) for width in WIDTHS for theme in THEMES]
    found = []
    for width, theme in looks if IS_WHOLE else [looks[number * 3 % len(looks)]]:
        view.show(width, theme)
        found += [f"{name} {width} {theme}: {violation}" for violation in violations(view)]
    return found


def _ask_for_a_restore(view) -> None:
    view.find("#ticket").send_keys("4812")
    view.run("document.querySelector('#send').click()")
    view.wait("document.querySelector('#restore-status')")


def _grant(view) -> None:
    view.open(f"/support/account/?address={OWNER}")
    begin(view)


def _first_message(view) -> None:
    view.run("document.querySelector('.row__link').click()")
    view.wait("document.querySelector('#message-subject')")


def _accesses(view) -> None:
    view.log_in(OWNER, PASSWORD)
    view.open("/accesses/")
