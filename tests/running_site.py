"""The real site: `manage.py serve` in processes of its own, over a made provider and a real Dovecot."""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, build_opener

from demo import site
from demo.ports import LOOPBACK, free_port
from demo.provider import TIME_ZONE, Provider

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def real_today() -> date:
    """Return today where days begin: the real site has no clock but the machine's."""
    return datetime.now(TIME_ZONE).date()


@contextmanager
def serving(directory: Path, imap_url: str, **others: str) -> Iterator[str]:
    """Run the site over the provider in `directory`/provider until the block ends, and give its address.

    `others` are settings besides those the demo's site has.
    """
    (directory / "state").mkdir()
    (directory / "secret-key").write_text(secrets.token_urlsafe(50))
    Provider(directory / "provider")
    port = free_port()
    with site.running(environment(directory, imap_url, **others), port=port):
        yield f"http://{LOOPBACK}:{port}"


def environment(directory: Path, imap_url: str, **others: str) -> dict[str, str]:
    """Return the settings of such a site, for its commands too."""
    # The tests' own settings are in the environment too.
    return site.environment(directory, imap_url=imap_url) | {"DJANGO_SETTINGS_MODULE": "mtm.settings"} | others


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    content: bytes


@dataclass(slots=True)
class Visitor:
    """A browser without a screen: it keeps cookies and follows redirects."""

    site: str
    opener: OpenerDirector = field(
        default_factory=lambda: build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))
    )
    patience_seconds: float = 60

    def get(self, path: str) -> Answer:
        return self._ask(path, None)

    def log_in(self, email: str, password: str) -> Answer:
        return self.send("/login/", "/login/", email=email, password=password)

    def send(self, path: str, page: str, **form: str | Sequence[str]) -> Answer:
        """Send a form that stands on a page; a list is sent value by value."""
        found = TOKEN.search(self.get(page).content.decode())
        form["csrfmiddlewaretoken"] = found[1] if found else ""
        return self._ask(path, urlencode(form, doseq=True).encode())

    def _ask(self, path: str, form: bytes | None) -> Answer:
        try:
            with self.opener.open(f"{self.site}{path}", form, timeout=self.patience_seconds) as response:
                return Answer(response.status, response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.read())
