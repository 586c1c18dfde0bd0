"""With scripts switched off everything is there: each link and form leads to the page htmx would have swapped in."""

import pytest

from demo.screens import CONTRACT, PASSWORD, PATH_OF_ROW
from demo.story import OWNER
from tests.browser.stage import click, path_of, text_of, wait_for_path

TICK_ELEVEN = """
[...document.querySelectorAll("#rows .checkbox")].slice(0, 11).forEach((box) => { box.checked = true })"""


@pytest.fixture
def plain(browser):
    """The window with scripts off, nobody logged in."""
    browser.show(1440, "light")
    browser.leave()
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    yield browser
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


@pytest.fixture
def reader(plain):
    plain.log_in(OWNER, PASSWORD)
    return plain


def test_script_is_really_off(reader):
    assert not reader.run("return 'htmx' in window")
    assert reader.find("[data-scripted]").get_attribute("hidden")


def test_login_opens_the_day_that_was_chosen(plain, stage):
    plain.open("/login/")
    plain.find("#email").send_keys(OWNER)
    plain.find("#password").send_keys(PASSWORD)
    click(plain, f"input[name=day][value='{stage.day(-3)}']")
    plain.find("#submit").click()

    wait_for_path(plain, f"/{stage.day(-3)}/")


def test_walk_shows_what_htmx_shows(reader, stage):
    reader.open(f"/{stage.day(-3)}/")
    path = reader.run(PATH_OF_ROW, CONTRACT)
    seen = {}

    for selector in (f"#day-{stage.day(-4)}", "#folder-sent", "#folder-inbox", "#page-older", "#page-newer"):
        click(reader, selector)
        reader.wait("document.readyState === 'complete'")
        seen[reader.run("return location.pathname + location.search")] = text_of(reader)
    click(reader, f"#day-{stage.day(-3)}")
    click(reader, f"a.row__link[href='/{stage.day(-3)}/inbox/{path.split('/')[3]}/']")
    seen[path_of(reader)] = text_of(reader)
    reader.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    scripted = {address: open_and_read(reader, address) for address in seen}

    # Back on the first page is where it was before.
    assert len(seen) == 5
    assert seen == scripted


def open_and_read(view, address):
    view.open(address)
    return text_of(view)


def test_menus_open_and_one_message_is_sent(reader, stage):
    reader.open(f"/{stage.day(-3)}/")
    click(reader, ".row:nth-child(1) .checkbox")
    click(reader, ".row:nth-child(2) .checkbox")

    click(reader, "#actions")

    assert reader.find("button[name=format][value=eml]").is_displayed()


def test_download_of_nothing_and_of_too_many_is_explained(reader, stage):
    reader.open(f"/{stage.day(-3)}/")
    click(reader, "#actions")
    click(reader, ".menu__panel button[value=eml]")
    nothing = reader.find("main.page").text
    reader.open(f"/{stage.day(-3)}/")
    reader.run(TICK_ELEVEN)
    reader.run("document.querySelector('.message-list__tools .menu').open = true")
    click(reader, ".menu__panel button[value=eml]")
    many = reader.find("main.page").text

    assert "Seleziona almeno un messaggio." in nothing
    assert "10 messaggi per volta" in many


def test_folder_manager_is_a_page_that_saves(reader, stage):
    reader.open(f"/{stage.day(-3)}/")
    click(reader, "#manage-folders")
    reader.wait("location.pathname.endsWith('/folders/')")
    click(reader, "#folder-manager li:last-child label")
    click(reader, "#folder-manager .button--primary")
    wait_for_path(reader, f"/{stage.day(-3)}/")
    shown = reader.find("#folder-pane").text

    reader.open(f"/{stage.day(-3)}/folders/")
    click(reader, "#folder-manager li:last-child label")
    click(reader, "#folder-manager .button--primary")

    assert "Fatture" in shown


def test_language_and_logout_are_forms(reader):
    click(reader, "#account-menu")
    click(reader, "button[name=language][value=en]")
    reader.wait("document.documentElement.lang === 'en' && document.readyState === 'complete'")
    click(reader, "#account-menu")
    click(reader, "form[action='/logout/'] button")

    wait_for_path(reader, "/login/")
