"""The site in a process of its own that writes down every request: `python -m tests.browser.watched PORT LOG`.

An address with `?bare` gives what a sender wrote as it was written: then the answer's headers are all that holds.
With `?naked` not even they do.
"""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.imap_server import stop
from demo.ports import LOOPBACK, wait_for_answer
from demo.provider import Provider
from demo.window import Window
from tests.house_rules import ROOT

START_SECONDS = 90
BARE, NAKED = "bare", "naked"
_bare = ContextVar("bare", default=False)
TOLD = {
    "path": "PATH_INFO",
    "cookie": "HTTP_COOKIE",
    "initiator": "HTTP_SEC_FETCH_SITE",
    "for": "HTTP_SEC_FETCH_DEST",
    "referrer": "HTTP_REFERER",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A running site, its environment, and what was asked of it."""

    url: str
    environment: Mapping[str, str]
    log: Path

    def sign_in(self, view: Window, address: str) -> None:
        """Give a browser a session such as a right password would have begun."""
        command = [sys.executable, "-m", "bench.session", address]
        environment = dict(self.environment)
        done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
        cookie = {"name": "session", "value": done.stdout.strip(), "url": self.url, "httpOnly": True, "sameSite": "Lax"}
        view.driver.execute_cdp_cmd("Network.setCookie", cookie)

    def requests(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@contextmanager
def watched(provider: Provider, directory: Path, *, port: int) -> Iterator[Watched]:
    """Serve the provider's snapshots until the block ends."""
    directory.mkdir()
    log = directory / "requests.log"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MTM_")},
        **provider.settings(),
        "DJANGO_SETTINGS_MODULE": "mtm.settings",
        "MTM_IMAP_URL": f"imap://{LOOPBACK}:1",
        "MTM_PLAIN_HTTP": "1",
        "MTM_STATE_DIR": str(directory),
        "MTM_SECRET_KEY": secrets.token_urlsafe(50),
        "MTM_ALLOWED_HOSTS": LOOPBACK,
    }
    for command in ("migrate", "collectstatic"):
        run = [sys.executable, "manage.py", command, "--no-input", "--verbosity=0"]
        subprocess.run(run, cwd=ROOT, env=environment, check=True)
    log.touch()
    program = [sys.executable, "-m", "tests.browser.watched", str(port), str(log)]
    with (directory / "site.log").open("wb") as told:
        process = subprocess.Popen(program, cwd=ROOT, env=environment, stderr=told, start_new_session=True)
    try:
        assert wait_for_answer(port, timeout_seconds=START_SECONDS)
        yield Watched(f"http://{LOOPBACK}:{port}", environment, log)
    finally:
        stop(process)


def written_down(application: Callable[..., Iterable[bytes]], log: Path) -> Callable[..., Iterable[bytes]]:
    """Return the application with every request written down before it is answered."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        with log.open("a") as file:
            file.write(json.dumps({name: environ.get(key, "") for name, key in TOLD.items()}) + "\n")
        _bare.set(environ["QUERY_STRING"] in (BARE, NAKED))

        def start_naked(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start(status, [header for header in headers if header[0] != "Content-Security-Policy"], *rest)

        return application(environ, start_naked if environ["QUERY_STRING"] == NAKED else start)

    return answer


def main(port: str, log: str) -> None:
    from mtm.server import Server
    from webmail import sanitise as room

    cleaned = room.sanitise
    # Before the pages take it from there.
    vars(room)["sanitise"] = lambda html, **rest: room.SafeHtml(html, 0) if _bare.get() else cleaned(html, **rest)

    class WatchedServer(Server):
        def load(self) -> Any:
            return written_down(super().load(), Path(log))

    WatchedServer(bind=f"{LOOPBACK}:{port}", workers=1, threads=8, reload=False).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
