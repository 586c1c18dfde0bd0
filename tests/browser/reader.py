"""A person at a browser: finds things by what they say, and knows what the browser did behind the page."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Reader:
    driver: webdriver.Chrome
    downloads: Path

    def open(self, url: str) -> None:
        self.driver.get(url)

    def log_in(self, site: str, email: str, password: str) -> None:
        self.open(f"{site}/login/")
        self.driver.find_element(By.NAME, "email").send_keys(email)
        self.driver.find_element(By.NAME, "password").send_keys(password)
        self.driver.find_element(By.NAME, "password").submit()
        self.wait_for(lambda: "/login/" not in self.driver.current_url)

    def follow(self, text: str) -> None:
        """Follow the link that says this."""
        self.wait_for(lambda: self.driver.find_elements(By.PARTIAL_LINK_TEXT, text))
        self.driver.find_element(By.PARTIAL_LINK_TEXT, text).click()

    def follow_link_to(self, place: str) -> None:
        """Follow the first link whose address holds this."""
        self.wait_for(lambda: self.driver.find_elements(By.CSS_SELECTOR, f'a[href*="{place}"]'))
        self.driver.find_element(By.CSS_SELECTOR, f'a[href*="{place}"]').click()

    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    def wait_for_text(self, text: str) -> None:
        self.wait_for(lambda: text in self.text())

    def frame_text(self) -> str:
        """Return what the message's frame shows."""
        self.wait_for(lambda: self.driver.find_elements(By.TAG_NAME, "iframe"))
        self.driver.switch_to.frame(self.driver.find_element(By.TAG_NAME, "iframe"))
        self.wait_for(lambda: self.text() != "")
        text = self.text()
        self.driver.switch_to.default_content()
        return text

    def downloaded(self) -> bytes:
        """Return the one file that was downloaded."""
        self.wait_for(lambda: [path for path in self.downloads.glob("*") if path.suffix == ".eml"])
        return next(self.downloads.glob("*.eml")).read_bytes()

    def console(self) -> list[str]:
        """Return what the console complained about."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]

    def requests(self) -> list[dict[str, Any]]:
        """Return every request the browser sent or tried to send since it was asked last."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def wait_for(self, condition: Any) -> None:
        WebDriverWait(self.driver, PATIENCE_SECONDS).until(lambda _: condition())
