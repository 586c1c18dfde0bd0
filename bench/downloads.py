"""Downloads of ten messages of 20 MB through the real server: speed, first byte, memory, and the pages of others."""

import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from bench import site as sites
from bench.browser import CSRF, Browser
from bench.mailbox import HEAVY_BYTES, LINE_GROWTH, BigMailbox
from bench.report import Figure, Findings
from bench.site import Site
from demo.ports import LOOPBACK
from demo.provider import Provider
from snapshots.accounts import parse_address
from snapshots.types import Account

ADDRESS = "filmati@grande.example"
MESSAGES = 10
DOWNLOADERS = 8
SLOW_BYTES_PER_SECOND = 100_000
MB_PER_SECOND = 600
FIRST_BYTE_MS = 20.0
GROWTH_MB = 10.0
PAGES_RATIO = 3.0
PAUSE_SECONDS = 0.1
SETTLE_SECONDS = 1.5
TIMEOUT_SECONDS = 120
READ_BYTES = 1 << 20
LABELS = {"eml": "ZIP of EML", "mbox": "MBOX", "maildir": "Maildir, ZIP", "maildir-tar": "Maildir, tar"}


@dataclass(frozen=True, slots=True)
class Taken:
    """One download: when its first byte came, when its last, and how many there were."""

    first_byte_ms: float
    wall_ms: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Downloader:
    """Downloads the same messages again and again in a session of its own."""

    port: int
    session: str
    day: date
    messages: Sequence[str]

    def words(self, *, slowly: bool) -> list[str]:
        """Return the arguments by which a process of its own downloads like this one."""
        pace = "slowly" if slowly else "quickly"
        return [pace, str(self.port), self.session, self.day.isoformat(), *self.messages]

    def take(self, format_: str, *, read: Callable[[http.client.HTTPResponse], int]) -> Taken:
        form = urlencode({"message": self.messages, "format": format_, "csrfmiddlewaretoken": CSRF}, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", f"/{self.day}/download/", form, headers, read)

    def take_plain(self) -> Taken:
        """Download one message as it lies: a plain copy of a file over the same server."""
        return self._ask("GET", f"/{self.day}/messages/{self.messages[0]}/message.eml", "", {}, to_the_end)

    def _ask(
        self,
        method: str,
        path: str,
        form: str,
        headers: dict[str, str],
        read: Callable[[http.client.HTTPResponse], int],
    ) -> Taken:
        began = time.perf_counter()
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, form, headers | {"Cookie": f"session={self.session}; csrf={CSRF}"})
            response = connection.getresponse()
            if response.status != http.client.OK:
                raise AssertionError(f"{path} answered {response.status}")
            first = response.read(1)
            first_byte_ms = (time.perf_counter() - began) * 1000
            size_bytes = len(first) + read(response)
        finally:
            connection.close()
        return Taken(first_byte_ms, (time.perf_counter() - began) * 1000, size_bytes)


def to_the_end(response: http.client.HTTPResponse) -> int:
    buffer = memoryview(bytearray(READ_BYTES))
    return sum(iter(partial(response.readinto, buffer), 0))


def measure(mailbox: BigMailbox, *, runs: int, pages: int) -> Findings:
    """Measure every format beside a plain copy, then list pages while eight download, quickly and slowly."""
    day = mailbox.newest_day
    with tempfile.TemporaryDirectory(prefix="mtm-bench-") as directory:
        account, settings = _films(Path(directory), day, mailbox)
        with sites.running(settings) as site:
            owner = Browser(site.port, site.session(account))
            ids = _ids(owner, day)
            downloaders = [Downloader(site.port, site.session(account), day, ids) for _ in range(DOWNLOADERS)]
            figures = _speeds(site, downloaders[0], runs)
            figures += _pages(owner, f"/{day}/inbox/", downloaders, pages)
    return Findings(figures, [_remark(runs, pages)])


def _films(root: Path, day: date, mailbox: BigMailbox) -> tuple[Account, dict[str, str]]:
    provider = Provider(root)
    night = provider.mailbox(ADDRESS).night(day)
    content = bytes(range(256)) * int(HEAVY_BYTES / LINE_GROWTH / 256)
    for number in range(MESSAGES):
        night.message(f"Filmato {number}", attachments=[(f"{number}.mp4", "video/mp4", content)])
    return parse_address(ADDRESS), mailbox.settings | provider.settings()


def _ids(owner: Browser, day: date) -> list[str]:
    page = owner.get(f"/{day}/inbox/").body.decode()
    return [piece.partition('"')[0] for piece in page.split('name="message" value="')[1:]]


def _speeds(site: Site, downloader: Downloader, runs: int) -> list[Figure]:
    downloader.take("eml", read=to_the_end)
    before_mb = site.peak_memory_mb()
    plain: list[float] = []
    taken: dict[str, list[Taken]] = {format_: [] for format_ in LABELS}
    for _ in range(runs):
        plain.append(sum(downloader.take_plain().wall_ms for _ in range(MESSAGES)))
        for format_, results in taken.items():
            results.append(downloader.take(format_, read=to_the_end))
    figures: list[Figure] = []
    for format_, results in taken.items():
        floor_ms = statistics.median(plain)
        most_ms = round(max(results[0].size_bytes / (MB_PER_SECOND * 1000), 2 * floor_ms))
        wall_ms = statistics.median(each.wall_ms for each in results)
        what = f"{LABELS[format_]} of {MESSAGES} × 20 MB ({results[0].size_bytes / wall_ms / 1000:.0f} MB/s)"
        figures.append(Figure(what, wall_ms, floor=floor_ms, most=most_ms))
        first_ms = statistics.median(each.first_byte_ms for each in results)
        figures.append(Figure(f"{LABELS[format_]}: first byte", first_ms, most=FIRST_BYTE_MS))
    growth_mb = site.peak_memory_mb() - before_mb
    return [*figures, Figure("most that a worker grew over all of them", growth_mb, "MB", most=GROWTH_MB)]


def _pages(owner: Browser, url: str, downloaders: Sequence[Downloader], pages: int) -> list[Figure]:
    _turn(owner, url, pages)
    quiet_ms = _turn(owner, url, pages)
    with _downloading(downloaders, slowly=False):
        busy_ms = _turn(owner, url, pages)
    with _downloading(downloaders, slowly=True):
        slow_ms = _turn(owner, url, pages)
    kinds = {f"{DOWNLOADERS} downloads at once": busy_ms, f"{DOWNLOADERS} at 100 kB/s": slow_ms}
    return [
        Figure(f"list page during {name}, {word}", measured(times), floor=measured(quiet_ms), most_ratio=PAGES_RATIO)
        for name, times in kinds.items()
        for word, measured in (("median", statistics.median), ("p95", _p95))
    ]


def _turn(owner: Browser, url: str, pages: int) -> list[float]:
    times_ms: list[float] = []
    for _ in range(pages):
        times_ms.append(owner.get(url).wall_ms)
        time.sleep(PAUSE_SECONDS)
    return times_ms


def _p95(times_ms: Sequence[float]) -> float:
    return statistics.quantiles(times_ms, n=20)[-1]


@contextmanager
def _downloading(downloaders: Sequence[Downloader], *, slowly: bool) -> Iterator[None]:
    """Keep every downloader at work, in a process of its own, until the block ends and all leave in the middle."""
    with ExitStack() as at_work:
        for downloader in downloaders:
            process = subprocess.Popen([sys.executable, "-m", "bench.downloads", *downloader.words(slowly=slowly)])
            at_work.callback(process.wait)
            at_work.callback(process.kill)
        time.sleep(SETTLE_SECONDS)
        yield


def slowly(response: http.client.HTTPResponse) -> int:
    size_bytes = 0
    while chunk := response.read(SLOW_BYTES_PER_SECOND // 10):
        size_bytes += len(chunk)
        time.sleep(0.1)
    return size_bytes


def _remark(runs: int, pages: int) -> str:
    return (
        f"Downloads: medians of {runs} runs, all formats in turn; the floor is the same {MESSAGES} × 20 MB as plain "
        f"files over the same server; the goal is {MB_PER_SECOND} MB/s, or half of that floor's speed where it is "
        f"slower. List pages: {pages} in a row, the floor is a quiet server; client and server share the cores."
    )


def keep_downloading(words: Sequence[str]) -> None:
    """Download for ever; the process is ended from outside."""
    pace, port, session, day, *messages = words
    downloader = Downloader(int(port), session, date.fromisoformat(day), messages)
    while True:
        downloader.take("eml", read=slowly if pace == "slowly" else to_the_end)


if __name__ == "__main__":
    keep_downloading(sys.argv[1:])
