"""The real site in a real browser, over eight nights of a mailbox and the real Dovecot."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from demo.ports import free_port
from demo.provider import Message, Provider, fingerprint
from tests.browser.canary import hostile_html, listening
from tests.browser.installed import CHROMEDRIVER, CHROMIUM, require_chromium
from tests.browser.reader import Reader
from tests.browser.stage import browser, giulia, stage
from tests.dovecot import running
from tests.running_site import real_today, serving
from tests.served import ALICE

__all__ = ["browser", "giulia", "stage"]


@dataclass(frozen=True, slots=True)
class Story:
    """Eight nights of Alice's mailbox: a contract, deleted before the last night, and a hostile letter."""

    directory: Path
    provider: Provider
    contract: Message
    first: date
    last: date


@pytest.fixture(scope="session")
def canary():
    """A server on the loopback that writes down every request."""
    with listening() as canary:
        yield canary


@pytest.fixture(scope="session")
def story(tmp_path_factory, canary) -> Story:
    directory = tmp_path_factory.mktemp("real")
    provider = Provider(directory / "provider")
    last = real_today()
    first = last - timedelta(days=7)
    mailbox = provider.mailbox(ALICE)
    night = mailbox.night(first)
    html = "<p>In allegato il <b>contratto</b> del lotto 3.</p>"
    contract = night.message("Contratto firmato", folder="Posta inviata", html=html, text="caffè\r e nessun a capo")
    night.message("Lettera ostile", html=hostile_html(canary))
    for night in mailbox.nights(first, last - timedelta(days=1)):
        night.message(f"Notte {night.day}")
    mailbox.night(last).delete(contract)
    return Story(directory, provider, contract, first, last)


@pytest.fixture(scope="session")
def site(story):
    """The address of the site; after all tests the snapshots are as they were."""
    before = fingerprint(story.provider.volume)
    with running() as dovecot:
        dovecot.add_user(ALICE, copy_of=story.provider.mailbox(ALICE).night(story.last).path)
        with serving(story.directory, dovecot.url) as url:
            yield url
    assert fingerprint(story.provider.volume) == before


@pytest.fixture
def chromium(tmp_path) -> Iterator[Reader]:
    """A new browser, in Italian, that writes down its requests and what its console says."""
    require_chromium()
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server", "--lang=it",
        "--window-size=1280,900", "--disable-background-networking", "--no-first-run", "--remote-debugging-pipe",
        f"--user-data-dir={tmp_path}/profile",
    ):  # fmt: skip
        options.add_argument(argument)
    options.add_experimental_option(
        "prefs", {"download.default_directory": f"{tmp_path}/downloads", "intl.accept_languages": "it"}
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(str(CHROMEDRIVER), port=free_port())
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.set_page_load_timeout(60)
        yield Reader(driver, tmp_path / "downloads")
    finally:
        driver.quit()
