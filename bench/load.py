"""Owners who come and click around for a while against the real server: pages, errors, memory, pages a second."""

import http.client
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import site as sites
from bench.browser import FRAME, Browser, hrefs, swapping
from bench.crowd import BIG_SHARE, HOSTILE_SHARE, gathered
from bench.mailbox import BigMailbox
from bench.report import Figure, Findings
from bench.site import Site
from demo.ports import LOOPBACK

CLICK_SECONDS = 5.0
ARRIVAL_SHARE = 0.1
"""All owners have come, each with no index yet, when this share of the time is over; then all are there to its end."""

MEMORY_SECONDS = 5.0
THROUGHPUT_SECONDS = 10.0
WARM_SHARE = 0.2
PAGE_MS = 300.0
MEMORY_GROWTH = 1.1
CLIENTS = 8
SWAPS = {"list": "view", "message": "message"}
"""What a click changes of a page that is there; the rest is not asked for again."""

PEER_PAGES_A_SECOND = 17.0
PEER_TIMES = 20
"""Roundcube on Dovecot, its caches on, gave so many list pages of the same folder a second, measured on two cores."""
KINDS = ("list", "message", "body", "search")


@dataclass(slots=True)
class Clicks:
    """What all owners have seen so far: milliseconds by kind of page, and what went wrong."""

    times: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    errors: list[str] = field(default_factory=list)

    def add(self, kind: str, browser: Browser, path: str, *, swaps: str = "") -> bytes:
        try:
            answer = browser.get(path, swaps=swaps)
        except (AssertionError, OSError, http.client.HTTPException) as error:
            self.errors.append(f"{kind}: {type(error).__name__} {error}")
            return b""
        self.times[kind].append(answer.wall_ms)
        return answer.body


def measure(mailbox: BigMailbox, *, owners: int, minutes: float) -> Findings:
    """Measure what `owners` see who click once in CLICK_SECONDS for so many minutes, then list pages a second."""
    with tempfile.TemporaryDirectory(prefix="mtm-crowd-") as directory:
        crowd = gathered(mailbox, Path(directory), owners=owners)
        with sites.running(crowd.settings) as site:
            browsers = [Browser(site.port, key) for key in site.sessions(crowd.accounts)]
            days = [str(day) for day in mailbox.days[-2:]]
            with _clicking(browsers, days, arrival_seconds=ARRIVAL_SHARE * minutes * 60) as clicks:
                memory_mb = _watched(site, minutes * 60)
            seconds = min(THROUGHPUT_SECONDS, minutes * 60)
            path = f"/{mailbox.newest_day}/inbox/"
            whole = _pages_a_second(site, browsers[0], path, seconds=seconds)
            turned = _pages_a_second(site, browsers[0], f"{path}?page=2", swaps="message-list", seconds=seconds)
    return Findings(_figures(clicks, memory_mb, whole, turned), _remarks(clicks, owners, minutes, whole, turned))


@contextmanager
def _clicking(browsers: list[Browser], days: list[str], *, arrival_seconds: float) -> Iterator[Clicks]:
    over, clicks = threading.Event(), Clicks()
    threads = [
        threading.Thread(target=_click_on, args=(browser, days, number, arrival_seconds, over, clicks))
        for number, browser in enumerate(browsers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield clicks
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _click_on(
    browser: Browser, days: list[str], number: int, arrival_seconds: float, over: threading.Event, clicks: Clicks
) -> None:
    """Look at a list, open one of its messages with its text, search: a click each, at moments of one's own."""
    draw = random.Random(number)
    pause_seconds = draw.uniform(0, arrival_seconds)
    path, kind, before = f"/{draw.choice(days)}/inbox/", "list", ""
    while not over.wait(pause_seconds):
        began = time.monotonic()
        content = clicks.add(kind, browser, path, swaps=SWAPS.get(kind, "") if before in SWAPS else "")
        if kind == "message" and (frame := FRAME.search(content)):
            clicks.add("body", browser, frame[1].decode())
        messages = hrefs(content, "/inbox/") if kind == "list" else []
        before = kind
        path, kind = _next(draw, days, messages)
        pause_seconds = max(0.0, CLICK_SECONDS - (time.monotonic() - began))


def _next(draw: random.Random, days: list[str], messages: list[str]) -> tuple[str, str]:
    if messages:
        return draw.choice(messages), "message"
    if draw.random() < 0.1:
        return "/search/?q=sopralluogo", "search"
    return f"/{draw.choice(days)}/inbox/", "list"


def _watched(site: Site, seconds: float) -> list[float]:
    """Wait so long and return the memory of the largest worker from time to time."""
    ends_at, told = time.monotonic() + seconds, [site.memory_mb()]
    while (left := ends_at - time.monotonic()) > 0:
        time.sleep(min(left, MEMORY_SECONDS))
        told.append(site.memory_mb())
    return told


def _pages_a_second(site: Site, browser: Browser, path: str, *, swaps: str = "", seconds: float) -> float:
    """Return how many list pages CLIENTS at once are given a second, each over a connection that is kept."""
    ends_at = time.monotonic() + seconds
    headers = {"Cookie": f"session={browser.session}"} | swapping(swaps)

    def turn() -> int:
        count, connection = 0, http.client.HTTPConnection(LOOPBACK, site.port, timeout=60)
        while time.monotonic() < ends_at:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            if response.status != http.client.OK:
                raise AssertionError(f"{path} answered {response.status}")
            count += 1
        connection.close()
        return count

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(done.result() for done in [pool.submit(turn) for _ in range(CLIENTS)]) / seconds


def _figures(clicks: Clicks, memory_mb: list[float], whole: float, turned: float) -> list[Figure]:
    warm_mb = memory_mb[int(len(memory_mb) * WARM_SHARE)]
    pages = [
        Figure(f"{kind} page under load, 95th percentile", _slow(times), most=PAGE_MS if kind != "search" else None)
        for kind, times in clicks.times.items()
        if len(times) > 1
    ]
    return [
        *pages,
        Figure("answers that were errors", len(clicks.errors), "", most=0),
        Figure(
            "largest worker at the end, beside after the first fifth",
            memory_mb[-1], "MB", floor=warm_mb, most_ratio=MEMORY_GROWTH,
        ),
        Figure(f"one list page of the large folder, {CLIENTS} clients at once", 1000 / whole),
        Figure(
            f"turning to one, {CLIENTS} clients at once",
            1000 / turned, most=1000 / (PEER_TIMES * PEER_PAGES_A_SECOND),
        ),
    ]  # fmt: skip


def _slow(times_ms: list[float]) -> float:
    return statistics.quantiles(times_ms, n=20)[-1]


def _remarks(clicks: Clicks, owners: int, minutes: float, whole: float, turned: float) -> list[str]:
    count = sum(map(len, clicks.times.values()))
    told = [
        f"Load: {owners} owners, a click every {CLICK_SECONDS:g} s each, for {minutes:g} minutes, of which they come "
        f"in the first {ARRIVAL_SHARE:.0%}: {count:,} pages. One in {HOSTILE_SHARE} has hostile mail, one in "
        f"{BIG_SHARE} the big mailbox; the indexes are built meanwhile.",
        f"{whole:.0f} list pages a second of the large folder with {CLIENTS} clients, {turned:.0f} where they turn "
        f"to it and have the rest; Roundcube on Dovecot, its caches on, gave {PEER_PAGES_A_SECOND:g} on two cores.",
    ]
    return told + [f"Errors: {error}" for error in clicks.errors[:3]]
