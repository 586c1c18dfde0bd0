"""Every click is an honest page: title, address, focus and words follow, and the same address shows the same."""

import pytest
from selenium.webdriver.common.keys import Keys

from demo.screens import CONTRACT, PATH_OF_ROW
from demo.story import REMOVED_FOLDER
from snapshots.types import Folder
from tests.browser.stage import click, focused, path_of, press, said, text_of, wait_for_path

MARK = "window.neverReloaded = true"
MARKED = "return Boolean(window.neverReloaded)"
SITE_FOLDER = Folder(REMOVED_FOLDER).id


def begin(view, path):
    """Open a page and mark it, so that a later load of a whole page shows."""
    view.open(path)
    view.run(MARK)


def contract(view, stage):
    """Return the path of the contract's message on the third day before today."""
    view.open(f"/{stage.day(-3)}/")
    return view.run(PATH_OF_ROW, CONTRACT)


def hrefs(view, selector):
    script = "return [...document.querySelectorAll(arguments[0])].map((each) => each.getAttribute('href'))"
    return view.run(script, selector)


def test_changing_day_stays_on_the_rail_and_says_the_day(giulia, stage):
    begin(giulia, f"/{stage.day(-3)}/")

    click(giulia, f"#day-{stage.day(-2)}")

    wait_for_path(giulia, f"/{stage.day(-2)}/")
    said(giulia, "Ricevuti, ")
    assert focused(giulia) == f"day-{stage.day(-2)}"
    assert giulia.run("return document.querySelector('.day[aria-current]').id") == f"day-{stage.day(-2)}"
    assert giulia.run(MARKED)


def test_mailbox_fits_its_window_and_only_its_panes_scroll(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")

    assert giulia.run("return document.documentElement.scrollHeight - innerHeight") == 0


def test_title_names_what_is_open_after_every_swap(giulia, stage):
    path = contract(giulia, stage)
    begin(giulia, f"/{stage.day(-3)}/")
    titles = [giulia.driver.title]

    click(giulia, f"a.row__link[href='{path}']")
    wait_for_path(giulia, path)
    giulia.wait(f"document.title.startsWith({CONTRACT!r})")
    click(giulia, "#folder-sent")
    giulia.wait("document.title.startsWith('Inviati')")
    titles.append(giulia.driver.title)

    assert titles[0].startswith("Ricevuti, ")
    assert titles[1].endswith(" – Mail Time Machine")
    assert giulia.run(MARKED)


def test_changing_folder_stays_on_its_link_and_says_it(giulia, stage):
    begin(giulia, f"/{stage.day(-3)}/")

    click(giulia, "#folder-sent")

    said(giulia, "Inviati, ")
    assert focused(giulia) == "folder-sent"
    assert "sabato" not in giulia.run("return document.getElementById('announcement').textContent")
    assert {href.split("/", 2)[2] for href in hrefs(giulia, "a[data-rail]")} == {"sent/"}


def test_opened_message_puts_the_focus_on_its_subject(giulia, stage):
    path = contract(giulia, stage)
    begin(giulia, f"/{stage.day(-3)}/")

    click(giulia, f"a.row__link[href='{path}']")

    giulia.wait("document.activeElement.id === 'message-subject'")
    assert path_of(giulia) == path
    assert hrefs(giulia, ".row__link[aria-current]") == [path]
    assert {href.split("/", 2)[2] for href in hrefs(giulia, "a[data-rail]")} == {path.split("/", 2)[2]}
    assert giulia.run(MARKED)


def test_escape_returns_to_the_message_s_row(giulia, stage):
    path = contract(giulia, stage)
    begin(giulia, path)

    press(giulia, Keys.ESCAPE)

    assert focused(giulia) == f"m-{path.split('/')[3]}"


def test_phone_s_back_returns_to_the_message_s_row(giulia, stage):
    path = contract(giulia, stage)
    giulia.show(390, "light")
    begin(giulia, f"/{stage.day(-3)}/")
    click(giulia, f"a.row__link[href='{path}']")
    giulia.wait("document.activeElement.id === 'message-subject'")

    click(giulia, "#message-back")

    giulia.wait(f"document.activeElement.id === 'm-{path.split('/')[3]}'")
    assert giulia.run(MARKED)


def test_next_page_puts_the_focus_on_the_list_and_says_its_places(giulia, stage):
    begin(giulia, f"/{stage.day(-3)}/")

    click(giulia, "#page-older")

    said(giulia, "Messaggi da 51 a 100 di ")
    assert focused(giulia) == "message-list-title"
    assert giulia.run("return location.search") == "?page=2"
    assert giulia.run("return document.querySelector('.message-list__scroll').scrollTop") == 0


def test_phone_s_drawer_closes_on_the_list_s_heading(giulia, stage):
    giulia.show(390, "light")
    begin(giulia, f"/{stage.day(-3)}/")
    click(giulia, ".masthead__menu")

    click(giulia, "#folder-sent")

    giulia.wait("document.activeElement.id === 'message-list-title'")
    assert not giulia.run("return document.querySelector('#folder-pane').matches(':popover-open')")


def test_selection_is_counted_and_the_eleventh_refused(giulia, stage):
    begin(giulia, f"/{stage.day(-3)}/")

    click(giulia, ".row:nth-child(1) .checkbox")
    said(giulia, "1 di 10 selezionati.")
    giulia.run("[...document.querySelectorAll('#rows .checkbox')].slice(1, 10).forEach((box) => box.click())")
    click(giulia, ".row:nth-child(11) .checkbox")

    said(giulia, "Puoi scaricare 10 messaggi per volta.", "alarm")
    assert not giulia.find(".row:nth-child(11) .checkbox").is_selected()
    assert giulia.find("[data-limit-words]").is_displayed()
    assert giulia.find(".row:nth-child(12) .checkbox").get_attribute("aria-disabled") == "true"


def test_selection_stays_across_pages_and_comes_back_with_its_day(giulia, stage):
    begin(giulia, f"/{stage.day(-3)}/")
    click(giulia, ".row:nth-child(2) .checkbox")
    giulia.run("document.querySelector('#page-older').scrollIntoView({ block: 'center' })")
    click(giulia, "#page-older")
    said(giulia, "Messaggi da 51")
    click(giulia, ".row:nth-child(1) .checkbox")

    click(giulia, f"#day-{stage.day(-2)}")
    giulia.wait(f"document.querySelector('#selection').dataset.day === '{stage.day(-2)}'")
    other_day = giulia.find("#selection-bar").is_displayed()
    click(giulia, f"#day-{stage.day(-3)}")
    giulia.wait(f"document.querySelector('#selection').dataset.day === '{stage.day(-3)}'")

    assert not other_day
    assert giulia.find("[data-count]").text == "2 di 10"
    assert giulia.run("return new FormData(document.querySelector('#selection')).getAll('message').length") == 2


def test_dialog_takes_the_focus_and_gives_it_back(giulia, stage):
    begin(giulia, f"/{stage.day(-3)}/")

    click(giulia, "#manage-folders")
    giulia.wait("document.activeElement.matches('#folder-manager .checkbox')")
    press(giulia, Keys.ESCAPE)

    giulia.wait("document.activeElement.id === 'manage-folders'")
    assert path_of(giulia) == f"/{stage.day(-3)}/"


def test_changing_day_keeps_the_message_open_where_it_exists(giulia, stage):
    path = contract(giulia, stage)
    begin(giulia, path)

    click(giulia, f"#day-{stage.day(-4)}")

    giulia.wait(f"location.pathname.startsWith('/{stage.day(-4)}/')")
    giulia.wait("document.querySelector('#message-subject')")
    assert giulia.find("#message-subject").text == CONTRACT
    assert focused(giulia) == f"day-{stage.day(-4)}"


def test_changing_day_says_where_a_message_is_when_it_is_gone(giulia, stage):
    path = contract(giulia, stage)
    begin(giulia, path)

    click(giulia, f"#day-{stage.day(0)}")

    said(giulia, "Questo messaggio")
    assert giulia.find("#message .link").is_displayed()
    assert focused(giulia) == f"day-{stage.day(0)}"


def test_changing_day_says_when_a_folder_is_gone(giulia, stage):
    begin(giulia, f"/{stage.day(-3)}/{SITE_FOLDER}/")

    click(giulia, f"#day-{stage.day(0)}")

    said(giulia, "«Lotto 3»")
    assert "«Lotto 3»" in giulia.find(".message-list__notice").text


def test_back_and_forward_are_the_same_pages(giulia, stage):
    begin(giulia, f"/{stage.day(-3)}/")
    click(giulia, "#folder-sent")
    said(giulia, "Inviati")
    sent = text_of(giulia)
    click(giulia, f"#day-{stage.day(-2)}")
    wait_for_path(giulia, f"/{stage.day(-2)}/sent/")

    giulia.driver.back()
    wait_for_path(giulia, f"/{stage.day(-3)}/sent/")
    giulia.wait(f"document.querySelector('.day[aria-current]').id === 'day-{stage.day(-3)}'")
    back = text_of(giulia)
    giulia.driver.forward()
    wait_for_path(giulia, f"/{stage.day(-2)}/sent/")

    assert back == sent


@pytest.mark.parametrize("steps", [["#folder-sent"], ["#page-older"], [".row:nth-child(3) .row__link"]])
def test_shared_address_shows_what_the_swap_showed(giulia, stage, steps):
    begin(giulia, f"/{stage.day(-3)}/")
    for step in steps:
        click(giulia, step)
    giulia.wait(f"location.pathname + location.search !== '/{stage.day(-3)}/'")
    giulia.wait("!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')")
    swapped = text_of(giulia)

    giulia.open(giulia.run("return location.pathname + location.search"))

    assert text_of(giulia) == swapped


def test_day_that_went_meanwhile_is_a_whole_page_that_leads_on(giulia, stage):
    link, expired = f"#day-{stage.day(-2)}", f"/{stage.day(-40)}/"
    begin(giulia, f"/{stage.day(-3)}/")
    giulia.run("document.querySelector(arguments[0]).href = arguments[1]", link, expired)

    click(giulia, link)
    giulia.wait("document.title.startsWith('(Errore)')")
    once = giulia.run("return document.querySelectorAll('.masthead').length")
    giulia.wait("document.activeElement.tagName === 'H1'")
    click(giulia, link)
    wait_for_path(giulia, f"/{stage.day(-2)}/")

    assert once == 1
    assert giulia.find("#rows").is_displayed()


def test_session_that_ended_leads_htmx_to_the_login_page_and_back(giulia, stage):
    path = contract(giulia, stage)
    begin(giulia, f"/{stage.day(-3)}/")
    giulia.driver.delete_cookie("session")

    click(giulia, f"a.row__link[href='{path}']")

    giulia.wait("location.pathname === '/login/' && document.readyState === 'complete'")
    assert giulia.run("return new URLSearchParams(location.search).get('next')") == path
    assert giulia.find(".notice").is_displayed()


def test_logout_leaves_nothing_in_the_browser(giulia, stage):
    path = contract(giulia, stage)
    begin(giulia, path)
    click(giulia, ".row:nth-child(1) .checkbox")
    click(giulia, "#account-menu")

    click(giulia, "form[action='/logout/'] button")
    wait_for_path(giulia, "/login/")
    kept = giulia.run("return localStorage.length + sessionStorage.length")
    caches = giulia.driver.execute_async_script("caches.keys().then((keys) => arguments[0](keys.length))")
    giulia.driver.back()
    giulia.wait("location.pathname === '/login/' && document.readyState === 'complete'")

    assert (kept, caches) == (0, 0)
    assert CONTRACT not in giulia.driver.page_source
