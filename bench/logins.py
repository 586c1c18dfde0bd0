"""Wrong passwords in parallel against a real Dovecot, while an owner turns pages."""

import http.client
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from bench import site as sites
from bench.browser import Browser
from bench.mailbox import BigMailbox
from bench.report import Figure, Findings
from bench.site import Site
from tests.dovecot import BINARY
from tests.dovecot import running as running_dovecot

GUESSERS = 16
PAGES_RATIO = 3.0
PAUSE_SECONDS = 0.1
SETTLE_SECONDS = 1.0
LEAVE_SECONDS = 30
PAGES_TURNED = 20
REFUSED, THROTTLED, BUSY = 422, 429, 503


def measure(mailbox: BigMailbox, *, pages: int) -> Findings:
    """Measure an owner's pages on their own and while GUESSERS wrong logins are under way all the time."""
    if BINARY is None:
        return Findings(remarks=["Wrong logins: not measured, Dovecot is not installed."])
    with (
        running_dovecot(trusted_networks="127.0.0.0/8") as dovecot,
        sites.running(mailbox.settings, imap_url=dovecot.url) as site,
    ):
        owner = Browser(site.port, site.session(mailbox.account))
        paths = [f"/{mailbox.newest_day}/inbox/?page={1 + number % PAGES_TURNED}" for number in range(pages)]
        _turn(owner, paths)
        quiet_ms = _turn(owner, paths)
        with _guessing(site) as answers:
            troubled_ms = _turn(owner, paths)
            counted = Counter(answers)
    return Findings(_figures(quiet_ms, troubled_ms), [_remark(counted, pages)])


def _turn(owner: Browser, paths: list[str]) -> list[float]:
    """Return how long each page took; the owner looks at each for a moment."""
    times_ms: list[float] = []
    for path in paths:
        times_ms.append(owner.get(path).wall_ms)
        time.sleep(PAUSE_SECONDS)
    return times_ms


@contextmanager
def _guessing(site: Site) -> Iterator[list[int]]:
    """Keep GUESSERS wrong logins under way until the block ends; yield the statuses answered so far."""
    over = threading.Event()
    answers: list[int] = []
    numbers = count()
    threads = [threading.Thread(target=_guess, args=(site, over, answers, numbers)) for _ in range(GUESSERS)]
    for thread in threads:
        thread.start()
    time.sleep(SETTLE_SECONDS)
    try:
        yield answers
    finally:
        over.set()
        for thread in threads:
            thread.join(LEAVE_SECONDS)


def _guess(site: Site, over: threading.Event, answers: list[int], numbers: "count[int]") -> None:
    browser = Browser(site.port)
    while not over.is_set():
        number = next(numbers)
        # Each guess is another account's, from another address: no limit of ours may spare the server.
        client = f"198.18.{number // 250}.{number % 250 + 1}"
        try:
            answers.append(browser.try_password(f"nobody{number}@grande.example", "sbagliata", client=client).status)
        except (OSError, http.client.HTTPException):
            answers.append(0)


def _figures(quiet_ms: list[float], troubled_ms: list[float]) -> list[Figure]:
    median, slow = statistics.median, _slow
    return [
        Figure(
            f"list page while {GUESSERS} wrong logins are under way, beside quiet",
            median(troubled_ms),
            floor=median(quiet_ms),
            most_ratio=PAGES_RATIO,
        ),
        Figure("the same, 95th percentile of both", slow(troubled_ms), floor=slow(quiet_ms), most_ratio=PAGES_RATIO),
    ]


def _slow(times_ms: list[float]) -> float:
    return sorted(times_ms)[int(len(times_ms) * 0.95)]


def _remark(answers: Counter[int], pages: int) -> str:
    rest = sum(answers.values()) - answers[REFUSED] - answers[BUSY] - answers[THROTTLED]
    return (
        f"Wrong logins: a real Dovecot with its default delays; meanwhile it refused {answers[REFUSED]}, "
        f"{answers[BUSY]} were told that too many sign in just now (four checks at a time), {answers[THROTTLED]} were "
        f"throttled, {rest} answered otherwise. {pages} pages each, a pause of {PAUSE_SECONDS:g} s between them."
    )
