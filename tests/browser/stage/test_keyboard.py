"""The keyboard's table, row by row; letters only where nothing is typed, and only while they are wanted."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.stage import click, focused, path_of, press, said, wait_for_path

ROWS = "return [...document.querySelectorAll('.row__link')].map((row) => row.id)"
CHECKED = "return [...document.querySelectorAll('#rows .checkbox')].flatMap((box, at) => box.checked ? [at] : [])"


@pytest.fixture
def rows(giulia, stage):
    """The ids of a list's rows; the focus is on the first."""
    giulia.open(f"/{stage.day(-3)}/")
    ids = giulia.run(ROWS)
    giulia.run("document.getElementById(arguments[0]).focus()", ids[0])
    return ids


def hold(view, modifier, key):
    """Press a key while another is held down."""
    ActionChains(view.driver).key_down(modifier).send_keys(key).key_up(modifier).perform()


@pytest.mark.parametrize(
    ("keys", "at"),
    [
        ([Keys.DOWN], 1),
        (["j"], 1),
        ([Keys.DOWN, Keys.DOWN, Keys.UP], 1),
        (["j", "j", "k"], 1),
        ([Keys.END], -1),
        ([Keys.END, Keys.HOME], 0),
        ([Keys.PAGE_DOWN], 8),
        ([Keys.PAGE_DOWN, Keys.PAGE_UP], 0),
        ([Keys.UP], 0),
    ],
    ids=["down", "j", "up", "k", "end", "home", "page down", "page up", "first stays"],
)
def test_moves_in_the_list_and_opens_nothing(giulia, stage, rows, keys, at):
    press(giulia, *keys)

    assert focused(giulia) == rows[at]
    assert path_of(giulia) == f"/{stage.day(-3)}/"


def test_one_row_is_in_the_tab_order_the_one_last_used(giulia, rows):
    press(giulia, "j", "j")

    stops = giulia.run("return [...document.querySelectorAll('.row__link')].filter((row) => row.tabIndex === 0)")
    assert [stop.get_attribute("id") for stop in stops] == [rows[2]]


@pytest.mark.parametrize("key", [Keys.ENTER, "o"], ids=["enter", "o"])
def test_opens_and_puts_the_focus_on_the_subject(giulia, rows, key):
    press(giulia, "j", key)

    giulia.wait("document.activeElement.id === 'message-subject'")
    assert path_of(giulia).endswith(f"/{rows[1].removeprefix('m-')}/")


@pytest.mark.parametrize("key", [Keys.ESCAPE, "u"], ids=["escape", "u"])
def test_goes_back_to_the_row(giulia, rows, key):
    press(giulia, "j", Keys.ENTER)
    giulia.wait("document.activeElement.id === 'message-subject'")

    press(giulia, key)

    assert focused(giulia) == rows[1]


@pytest.mark.parametrize(("key", "at"), [("n", 2), ("p", 0)])
def test_goes_to_the_next_and_previous_message(giulia, rows, key, at):
    press(giulia, "j", Keys.ENTER)
    giulia.wait("document.activeElement.id === 'message-subject'")

    press(giulia, key)

    giulia.wait(f"location.pathname.endsWith('/{rows[at].removeprefix('m-')}/')")


@pytest.mark.parametrize("key", [Keys.SPACE, "x"], ids=["space", "x"])
def test_selects_and_deselects_the_row(giulia, rows, key):
    press(giulia, "j", key)
    on = giulia.run(CHECKED)
    press(giulia, key)

    assert (on, giulia.run(CHECKED)) == ([1], [])


def test_shift_selects_the_range(giulia, rows):
    press(giulia, "x", "j", "j", "j")
    hold(giulia, Keys.SHIFT, Keys.SPACE)

    assert giulia.run(CHECKED) == [0, 1, 2, 3]


def test_shift_and_arrows_extend_the_selection(giulia, rows):
    hold(giulia, Keys.SHIFT, Keys.DOWN)
    hold(giulia, Keys.SHIFT, Keys.DOWN)

    assert giulia.run(CHECKED) == [0, 1, 2]


def test_range_past_the_limit_selects_up_to_it_and_says_so(giulia, rows):
    press(giulia, "x", Keys.PAGE_DOWN, "j", "j", "j", "j")
    hold(giulia, Keys.SHIFT, "X")

    said(giulia, "Selezionati 10 di 13", "alarm")
    assert giulia.run(CHECKED) == list(range(10))


def test_control_a_selects_the_first_ten(giulia, rows):
    hold(giulia, Keys.CONTROL, "a")

    assert giulia.run(CHECKED) == list(range(10))


@pytest.mark.parametrize(("key", "offset"), [(",", -4), (".", -2)])
def test_goes_to_the_previous_and_next_day(giulia, stage, rows, key, offset):
    press(giulia, key)

    wait_for_path(giulia, f"/{stage.day(offset)}/")


def test_arrows_move_along_the_rail(giulia, stage, rows):
    giulia.run("document.querySelector('.day[aria-current]').focus()")

    press(giulia, Keys.RIGHT)
    right = focused(giulia)
    press(giulia, Keys.LEFT, Keys.LEFT)

    assert (right, focused(giulia)) == (f"day-{stage.day(-2)}", f"day-{stage.day(-4)}")


@pytest.mark.parametrize(
    ("letter", "folder"), [("i", "inbox"), ("s", "sent"), ("b", "drafts"), ("c", "trash"), ("p", "junk")]
)
def test_g_and_a_letter_open_a_default_folder(giulia, stage, rows, letter, folder):
    press(giulia, "g", letter)

    wait_for_path(giulia, f"/{stage.day(-3)}/{folder}/")


def test_slash_goes_to_the_search_of_all_days(giulia, rows):
    press(giulia, "/", "x")

    assert focused(giulia) == "search-all"
    assert giulia.find("#search-all").get_attribute("value") == "x"


def test_slash_opens_the_search_where_a_phone_has_no_field(giulia, stage):
    giulia.show(390, "light")
    giulia.open(f"/{stage.day(-3)}/")

    press(giulia, "/")

    wait_for_path(giulia, "/search/")


def test_v_shows_what_is_gone_and_then_all_again(giulia, rows):
    press(giulia, "v")
    giulia.wait("location.search === '?filter=gone' && document.activeElement.id === 'show-gone'")
    press(giulia, "v")

    giulia.wait("location.search === '' && document.activeElement.id === 'show-all'")


def test_d_opens_the_actions(giulia, rows):
    press(giulia, "d")

    assert giulia.find(".message-list__tools .menu").get_attribute("open")
    assert focused(giulia) == "actions"


def test_r_restores_the_open_message(giulia, rows):
    press(giulia, Keys.ENTER)
    giulia.wait("document.activeElement.id === 'message-subject'")

    press(giulia, "r")

    giulia.wait("location.pathname.startsWith('/restores/') && document.readyState === 'complete'")
    assert "1 messaggio" in giulia.find("main").text


def test_r_restores_the_selected_messages(giulia, rows):
    press(giulia, "x", "j", "x", "r")

    giulia.wait("location.pathname.startsWith('/restores/') && document.readyState === 'complete'")
    assert "2 messaggi" in giulia.find("main").text


@pytest.mark.parametrize(("key", "document"), [("h", "headers"), ("s", "source")])
def test_opens_what_stands_behind_the_message_and_goes_back(giulia, rows, key, document):
    press(giulia, Keys.ENTER)
    giulia.wait("document.activeElement.id === 'message-subject'")
    message = path_of(giulia)

    press(giulia, key)
    giulia.wait(f"location.pathname.endsWith('/{document}/')")
    press(giulia, "u")

    wait_for_path(giulia, message)


def test_question_mark_shows_the_shortcuts_and_escape_hides_them(giulia, rows):
    press(giulia, "?")
    shown = giulia.find("#shortcuts").is_displayed()
    press(giulia, Keys.ESCAPE)

    assert shown
    assert not giulia.find("#shortcuts").is_displayed()
    assert focused(giulia) == rows[0]


def test_escape_closes_a_menu_before_anything_else(giulia, rows):
    press(giulia, Keys.ENTER)
    giulia.wait("document.activeElement.id === 'message-subject'")
    click(giulia, "#more-actions")

    press(giulia, Keys.ESCAPE)

    assert focused(giulia) == "more-actions"
    assert not giulia.find(".reader .menu").get_attribute("open")


def test_f6_goes_round_the_panes_and_back(giulia, stage, rows):
    press(giulia, Keys.ENTER)
    giulia.wait("document.activeElement.id === 'message-subject'")
    round_ = []

    for key in [Keys.F6] * 4:
        press(giulia, key)
        round_.append(focused(giulia))
    hold(giulia, Keys.SHIFT, Keys.F6)

    assert round_ == [f"day-{stage.day(-3)}", "folder-inbox", rows[0], "message-subject"]
    assert focused(giulia) == rows[0]


def test_skip_link_is_first_and_leads_to_the_list(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")

    press(giulia, Keys.TAB)
    first = giulia.run("return document.activeElement.textContent.trim()")
    press(giulia, Keys.ENTER)

    assert first == "Vai all’elenco dei messaggi"
    assert focused(giulia) == "message-list"


def test_letters_are_only_letters_where_something_is_typed(browser):
    browser.leave()
    browser.open("/login/")
    browser.find("#email").click()

    press(browser, *"jxg?d@o.p")

    assert browser.find("#email").get_attribute("value") == "jxg?d@o.p"


def test_letters_switched_off_do_nothing_and_arrows_go_on(giulia, stage, rows):
    press(giulia, "?")
    click(giulia, "#shortcuts button[name=letter_keys]")
    giulia.wait("document.documentElement.dataset.letterKeys === 'off' && document.readyState === 'complete'")
    giulia.run("document.querySelector('.row__link').focus()")

    press(giulia, "j", ",", "?")
    letters = focused(giulia)
    press(giulia, Keys.DOWN)
    arrows = focused(giulia)
    giulia.run("document.querySelector('#shortcuts button[name=letter_keys]').click()")
    giulia.wait("!document.documentElement.dataset.letterKeys && document.readyState === 'complete'")

    assert (letters, arrows) == (rows[0], rows[1])
