"""A headless Chromium that shows the site at any width and in either theme."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from demo.ports import free_port

PATIENCE_SECONDS = 20
WIDTHS = {1440: 900, 1024: 768, 390: 844, 320: 640}
THEMES = ("light", "dark")
ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--no-proxy-server", "--no-first-run",
    "--disable-background-networking", "--remote-debugging-pipe", "--hide-scrollbars", "--force-color-profile=srgb",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    driver: webdriver.Chrome
    site: str

    def open(self, path: str) -> None:
        """Open a page and wait until its script has run."""
        self.driver.get(f"{self.site}{path}")
        self.wait("document.readyState === 'complete'")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition: str) -> None:
        """Wait until an expression is true in the page."""
        script = f"return Boolean({condition})"
        waiting = WebDriverWait(self.driver, PATIENCE_SECONDS, poll_frequency=0.03)
        waiting.until(lambda _: self.run(script), condition)

    def find(self, selector: str) -> WebElement:
        self.wait(f"document.querySelector({selector!r})")
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def log_in(self, email: str, password: str) -> None:
        self.leave()
        self.send_login(email, password)
        self.wait("!location.pathname.startsWith('/login/') && document.readyState === 'complete'")

    def send_login(self, email: str, password: str) -> None:
        """Fill the login form and send it, whatever comes of it."""
        self.open("/login/")
        self.find("#email").send_keys(email)
        self.find("#password").send_keys(password)
        self.find("#password").submit()

    def leave(self) -> None:
        """Forget everything: session, language, selection."""
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": self.site, "storageTypes": "all"})

    def speak(self, language: str) -> None:
        """Choose the pages' language as the form would."""
        self.prefer("django_language", language)

    def prefer(self, name: str, value: str) -> None:
        """Make one choice of the preferences in this browser alone."""
        self.driver.execute_cdp_cmd("Network.setCookie", {"name": name, "value": value, "url": self.site})

    def show(self, width: int, theme: str, *, height: int = 0) -> None:
        metrics = {"width": width, "height": height or WIDTHS[width], "deviceScaleFactor": 1, "mobile": False}
        preferences = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": preferences})

    def photograph(self, path: Path, *, quality: int) -> None:
        picture = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "webp", "quality": quality})
        path.write_bytes(base64.b64decode(picture["data"]))


@contextmanager
def window(site: str, directory: Path, *arguments: str) -> Iterator[Window]:
    """Open a browser in Italian that keeps its files in `directory`, until the block ends; `arguments` are its own."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (*ARGUMENTS, *arguments, "--lang=it", f"--user-data-dir={directory}/profile"):
        options.add_argument(argument)
    preferences = {"download.default_directory": f"{directory}/downloads", "intl.accept_languages": "it"}
    options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver")), port=free_port()))
    try:
        driver.set_page_load_timeout(60)
        yield Window(driver, site)
    finally:
        driver.quit()
