"""States that only a browser has: loading, a lost connection, a session about to end."""

import pytest

from demo.screens import CONTRACT, PATH_OF_ROW
from tests.browser.stage import click, focused, path_of, press, said, wait_for_path

OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
# Requests that htmx sends wait until they are let go; nothing is timed.
HOLD = """
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (...rest) { window.letGo = () => send.apply(this, rest); };"""
# Timers of a minute and more are kept by their length, to be run at will.
KEEP_TIMERS = """
window.kept = {};
const begin = window.setTimeout;
window.setTimeout = (act, ms, ...rest) => ms < 60000 ? begin(act, ms, ...rest) : ((window.kept[ms / 1000] = act), 0);"""
MINUTES_28, MINUTES_30 = 1680, 1801


@pytest.fixture
def timed(giulia, stage):
    """A list whose long timers can be run at will."""
    script = giulia.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": KEEP_TIMERS})
    giulia.open(f"/{stage.day(-3)}/")
    yield giulia
    giulia.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


@pytest.fixture
def offline(giulia, stage):
    """A list whose connection is lost."""
    giulia.open(f"/{stage.day(-3)}/")
    giulia.driver.execute_cdp_cmd("Network.enable", {})
    giulia.driver.execute_cdp_cmd("Network.emulateNetworkConditions", OFFLINE)
    yield giulia
    connect(giulia)


def connect(view):
    view.driver.execute_cdp_cmd("Network.emulateNetworkConditions", OFFLINE | {"offline": False})


def test_day_that_is_slow_to_come_says_so_in_the_list(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")
    giulia.run(HOLD)

    click(giulia, f"#day-{stage.day(-2)}")

    giulia.wait("document.querySelector('#view').getAttribute('aria-busy') === 'true'")
    words = giulia.find(".message-list__scroll").get_attribute("data-busy")
    assert words.startswith("Carico la copia di ")
    assert focused(giulia) == f"day-{stage.day(-2)}"
    said(giulia, words)
    giulia.run("window.letGo()")
    wait_for_path(giulia, f"/{stage.day(-2)}/")
    giulia.wait("!document.querySelector('[aria-busy], [data-busy]')")


def test_message_that_is_slow_to_come_keeps_the_list(giulia, stage):
    giulia.open(f"/{stage.day(-3)}/")
    giulia.run(HOLD)

    click(giulia, ".row__link")

    giulia.wait("document.querySelector('#message').dataset.busy === 'Carico…'")
    assert not giulia.run("return document.querySelector('#message-list').closest('[aria-busy]')")
    giulia.run("window.letGo()")
    giulia.wait("document.activeElement.id === 'message-subject'")


def test_lost_connection_is_said_and_the_click_can_be_repeated(offline, stage):
    click(offline, "#folder-sent")
    offline.wait("!document.querySelector('#lost').hidden")
    words, page = offline.find("#lost").text, path_of(offline)
    connect(offline)
    click(offline, "#lost button")

    wait_for_path(offline, f"/{stage.day(-3)}/sent/")
    offline.wait("document.querySelector('#lost').hidden")
    assert words.startswith("Connessione interrotta.")
    assert page == f"/{stage.day(-3)}/"


def test_session_about_to_end_is_asked_about_and_can_be_kept(timed):
    timed.run(f"window.kept[{MINUTES_28}]()")
    asked = timed.find("#idle").text
    timed.run("window.kept = {}")
    click(timed, "#idle .button--primary")

    timed.wait("!document.querySelector('#idle').open")
    assert asked.startswith("Sei ancora qui?")
    assert timed.run(f"return Boolean(window.kept[{MINUTES_28}])")


def test_session_that_ended_meanwhile_leads_to_the_login_and_back(timed, stage):
    path = timed.run(PATH_OF_ROW, CONTRACT)
    timed.open(path)
    timed.driver.delete_cookie("session")

    timed.run(f"window.kept[{MINUTES_30}]()")

    timed.wait("location.pathname === '/login/' && document.readyState === 'complete'")
    assert timed.run("return new URLSearchParams(location.search).get('next')") == path
    assert "scaduta" in timed.find(".notice").text


def test_folders_are_found_while_one_types(giulia, stage):
    giulia.open(f"/{stage.day(0)}/")
    click(giulia, "#manage-folders")
    giulia.wait("document.querySelector('#folder-dialog').open")

    giulia.find("#folder-words").click()
    press(giulia, *"LOTTO")

    said(giulia, "Cartelle trovate: 1.")
    shown = "return [...document.querySelectorAll('#folder-choices [data-name]')].filter((item) => !item.hidden)"
    assert [item.get_attribute("data-name") for item in giulia.run(shown)] == ["Cantieri / Lotto 3"]
