"""What can be done with rows: ranges, the menu of a row, what happens at the limit and after a download."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.stage import click, focused, press, said

CHECKED = "return [...document.querySelectorAll('#rows .checkbox')].flatMap((box, at) => box.checked ? [at] : [])"
IDS = "return [...document.querySelectorAll('#rows .checkbox')].map((box) => box.value)"
# What a form would send, instead of sending it.
HOLD = """
document.addEventListener("submit", (event) => {
  event.preventDefault();
  window.sent = [new URL(event.target.action).pathname, [...new FormData(event.target, event.submitter)]];
});"""
# What a browser with a window makes of the key; one without a window makes nothing of it.
MENU_KEY = """
const event = new MouseEvent("contextmenu", { bubbles: true, cancelable: true });
document.activeElement.dispatchEvent(event);"""
IS_OPEN = "document.querySelector('#row-menu').matches(':popover-open')"


@pytest.fixture
def ids(giulia, stage):
    """The ids of a list's messages; nothing is really sent."""
    giulia.open(f"/{stage.day(-3)}/")
    giulia.run(HOLD)
    return giulia.run(IDS)


def row(view, at):
    return view.find(f".row:nth-child({at + 1}) .row__link")


def ask_for_menu(view, at):
    ActionChains(view.driver).context_click(row(view, at)).perform()
    view.wait(IS_OPEN)


def sent(view):
    """Return where a form would have gone, and what with."""
    path, fields = view.run("return window.sent")
    return path, {name: [value for each, value in fields if each == name] for name, _ in fields}


def select(view, count):
    view.run(f"[...document.querySelectorAll('#rows .checkbox')].slice(0, {count}).forEach((box) => box.click())")


def test_shift_and_click_select_the_range(giulia, ids):
    click(giulia, ".row:nth-child(2) .check")
    box = giulia.find(".row:nth-child(5) .check")
    ActionChains(giulia.driver).key_down(Keys.SHIFT).click(box).key_up(Keys.SHIFT).perform()

    assert giulia.run(CHECKED) == [1, 2, 3, 4]


def test_right_click_downloads_the_row_s_message(giulia, stage, ids):
    ask_for_menu(giulia, 2)
    title = giulia.find("#row-menu-title").text
    click(giulia, "#row-menu button[value=mbox]")

    path, fields = sent(giulia)
    said(giulia, "Download avviato: 1 messaggio, MBOX.")
    assert title == "Scarica questo messaggio"
    assert path == f"/{stage.day(-3)}/download/"
    assert (fields["message"], fields["format"], fields["folder"]) == ([ids[2]], ["mbox"], ["inbox"])
    assert not giulia.run(f"return {IS_OPEN}")
    assert giulia.run(CHECKED) == []


def test_right_click_on_one_of_the_selected_downloads_them_all(giulia, ids):
    select(giulia, 3)
    ask_for_menu(giulia, 1)
    title = giulia.find("#row-menu-title").text
    click(giulia, "#row-menu button[value=maildir]")

    assert title == "Scarica i messaggi selezionati"
    assert sent(giulia)[1]["message"] == ids[:3]


def test_menu_key_opens_the_menu_and_escape_goes_back_to_the_row(giulia, ids):
    giulia.run("document.querySelectorAll('.row__link')[3].focus()")

    giulia.run(MENU_KEY)
    giulia.wait(IS_OPEN)
    inside = giulia.run("return document.activeElement.value")
    press(giulia, Keys.ESCAPE)

    assert inside == "eml"
    assert not giulia.run(f"return {IS_OPEN}")
    assert focused(giulia) == f"m-{ids[3]}"


def test_long_press_opens_the_menu_and_not_the_message(giulia, stage, ids):
    giulia.show(390, "light")
    box = row(giulia, 1).rect
    point = {"x": box["x"] + 40, "y": box["y"] + 20}
    giulia.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    giulia.wait(IS_OPEN)
    giulia.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    click(giulia, "#row-menu button[value=eml]")

    assert sent(giulia)[1]["message"] == [ids[1]]
    assert giulia.run("return location.pathname") == f"/{stage.day(-3)}/"


def test_click_elsewhere_closes_the_menu(giulia, ids):
    ask_for_menu(giulia, 1)

    click(giulia, "#day-title")

    assert not giulia.run(f"return {IS_OPEN}")


def test_eleventh_offers_to_download_the_ten(giulia, ids):
    select(giulia, 10)
    reached = giulia.find("[data-limit-reached]").is_displayed()
    giulia.run("document.querySelector('.row:nth-child(11)').scrollIntoView({ block: 'center' })")
    click(giulia, ".row:nth-child(11) .check")
    click(giulia, "[data-limit-words] button")

    path, fields = sent(giulia)
    assert reached
    assert fields["message"] == ids[:10]
    assert fields["format"] == ["eml"]


def test_after_a_download_one_goes_on_where_one_was(giulia, ids):
    select(giulia, 10)
    giulia.run("document.querySelectorAll('.row__link')[9].focus()")
    click(giulia, "#selection-bar .button--primary")
    said(giulia, "Download avviato: 10 messaggi, EML.")
    words = giulia.find("[data-downloaded]").text

    click(giulia, "#go-on")

    assert words.startswith("Scaricati: 10.")
    assert giulia.run(CHECKED) == []
    assert focused(giulia) == f"m-{ids[9]}"


def test_selection_is_kept_through_folders_and_a_refusal(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")
    select(giulia, 2)
    click(giulia, "#folder-sent")
    giulia.wait("document.querySelector('#message-list-title').textContent === 'Inviati'")
    select(giulia, 1)
    giulia.run("document.querySelector('#selection').submit()")
    giulia.wait("!document.querySelector('#rows') && document.readyState === 'complete'")
    listed = giulia.run("return document.querySelectorAll('main .checkbox:checked').length")

    click(giulia, f"a[href='/{stage.day(-3)}/inbox/']")
    giulia.wait("document.querySelector('#rows')")

    assert listed == 3
    assert giulia.find("[data-count]").text == "3 di 10"
    assert giulia.run(CHECKED) == [0, 1]
