"""Where the focus is after each swap, and what is said: the rows of that table that test_navigation.py has not."""

from demo.screens import NEWSLETTER, PATH_OF_ROW
from tests.browser.stage import click, focused, path_of, said

POLL = """
document.querySelector(".day-band").insertAdjacentHTML("beforeend", `<p id="copies-progress" hx-trigger="every 1s"
  hx-get="/progress/?before=10" hx-target="this" hx-swap="outerHTML" hx-headers='{"Poll": "1"}'></p>`);
htmx.process(document.getElementById("copies-progress"));
"""
HEADING = "document.activeElement.tagName === 'H1'"


def test_filter_stays_where_it_was_chosen_and_says_what_is_left(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")

    click(giulia, "#show-gone")

    said(giulia, "spariti.")
    assert focused(giulia) == "show-gone"


def test_order_stays_at_its_menu_and_says_how_many_there_are(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")

    click(giulia, "#list-options")
    click(giulia, "#sort-sender")

    said(giulia, "messaggi.")
    assert focused(giulia) == "list-options"
    assert giulia.run("return location.search") == "?sort=sender"


def test_pictures_stay_at_their_button_and_are_announced(giulia, stage):
    giulia.open(f"/{stage.day(0)}/")
    giulia.open(giulia.run(PATH_OF_ROW, NEWSLETTER))

    click(giulia, "#images")

    said(giulia, "mostrate.")
    assert focused(giulia) == "images"


def test_progress_moves_nothing_and_says_its_end(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")
    giulia.run("document.querySelector('.row__link').focus()")
    row = focused(giulia)

    giulia.run(POLL)

    said(giulia, "sono completi.")
    assert focused(giulia) == row


def test_refused_form_begins_at_its_problem(browser):
    browser.leave()
    browser.open("/login/")
    browser.find("#email").send_keys("nessuno@studiorossi.example")
    browser.find("#password").send_keys("sbagliata")

    browser.find("#password").submit()

    browser.wait("document.activeElement.id === 'problem'")


def test_page_one_goes_back_to_begins_at_its_heading(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")
    click(giulia, "#folder-sent")
    giulia.wait("location.pathname.endsWith('/sent/')")

    giulia.driver.back()

    giulia.wait(f"{HEADING} && location.pathname === '/{stage.day(-3)}/'")
    assert path_of(giulia) == f"/{stage.day(-3)}/"
