"""A browser that asks for pages and looks at the clock."""

import http.client
import re
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from demo.ports import LOOPBACK

TIMEOUT_SECONDS = 120
FRAME = re.compile(rb'<iframe[^>]*\bsrc="([^"]+)"')
HREF = re.compile(rb'(?:href|src)="([^"#]+)"')
# Unmasked, as Django takes it too: the cookie's value is the form's.
CSRF = "bench" * 6 + "ab"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, and how long it took from connecting to its last byte."""

    status: int
    body: bytes
    wall_ms: float

    @property
    def frame(self) -> str:
        """The address of the document that the page frames."""
        found = FRAME.search(self.body)
        if found is None:
            raise AssertionError("the message's page frames no document")
        return found[1].decode()


def hrefs(page: bytes, part: str) -> list[str]:
    """Return the addresses below `part` that a page leads to, without what is asked of them."""
    found = dict.fromkeys(address.decode() for address in HREF.findall(page))
    return [address for address in found if part in address and not address.endswith(part) and "?" not in address]


def swapping(element: str) -> dict[str, str]:
    """Return the headers by which a page's own script asks for that one of its elements anew."""
    return {"HX-Request": "true", "HX-Target": element} if element else {}


@dataclass(frozen=True, slots=True)
class Browser:
    """Asks as the owner of one session, each time over a connection of its own."""

    port: int
    session: str = ""

    def get(self, path: str, *, swaps: str = "") -> Answer:
        """Return the answer; of what `swaps` names alone, where a page is there already and a part of it is asked for.

        Raises: AssertionError unless its status is 200.
        """
        answer = self._ask("GET", path, "", {"Cookie": f"session={self.session}"} | swapping(swaps))
        if answer.status != http.client.OK:
            raise AssertionError(f"{path} answered {answer.status}")
        return answer

    def try_password(self, address: str, password: str, *, client: str) -> Answer:
        """Send the login form as from another address, and return the answer whatever it says."""
        form = urlencode({"email": address, "password": password, "csrfmiddlewaretoken": CSRF})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"csrf={CSRF}",
            "X-Forwarded-For": client,
        }
        return self._ask("POST", "/login/", form, headers)

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        began = time.perf_counter()
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        return Answer(response.status, content, (time.perf_counter() - began) * 1000)
