"""Whole pages through the real server: time by the clock, processor time and memory of its workers."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice

from bench import site as sites
from bench.browser import Browser
from bench.floors import listing_and_opens
from bench.mailbox import BigMailbox
from bench.report import Figure, Findings
from bench.site import Site
from bench.timing import Sample, Work, medians, timed
from snapshots.catalogue import PAGE_SIZE, Row
from snapshots.types import Account

HEAVY_PAGE_MS = 50.0
WORKER_MB = 150.0
AT_ONCE = 8
# Between 5 and 17 KB, the sizes most messages have.
ORDINARY_BYTES = 11_000
WARM_ROUNDS = 4
LABELS = {
    "list": "list page over HTTP, night opened before",
    "middle": "list page in the middle",
    "message": "page of a message of 5 to 17 KB",
    "body": "its body frame",
    "heavy message": "page of a message of 20 MB",
    "heavy body": "body frame of a message of 20 MB",
}
MOST_MS = {"heavy message": HEAVY_PAGE_MS, "heavy body": HEAVY_PAGE_MS}


def measure(mailbox: BigMailbox, *, runs: int, requests: int) -> Findings:
    """Measure list and messages as a browser sees them, and the workers' memory after many requests."""
    _warm_page_cache(mailbox)
    with sites.running(mailbox.settings) as site:
        owner = Browser(site.port, site.session(mailbox.account))
        heavy_owner = Browser(site.port, site.session(mailbox.heavy_account))
        Browser(site.port).get("/login/")
        started_mb = site.memory_mb()
        unopened_ms = statistics.median(owner.get(f"/{day}/inbox/").wall_ms for day in mailbox.days)
        visits = _visits(mailbox, owner, heavy_owner)
        times = _side_by_side(visits, listing_and_opens(mailbox.inbox_path), site, runs)
        _many(mailbox, owner, visits, requests)
        memory = [
            Figure("largest worker at the start", started_mb, "MB"),
            Figure(f"largest worker after {requests} requests more", site.memory_mb(), "MB", most=WORKER_MB),
            Figure("the most that any worker had", site.peak_memory_mb(), "MB", most=WORKER_MB),
        ]
    floor_ms = times.pop("floor").wall_ms
    first = Figure("list page over HTTP, night not opened before", unopened_ms, floor=floor_ms)
    return Findings([first, *_figures(times, floor_ms), *memory], _remarks(runs, requests))


def _warm_page_cache(mailbox: BigMailbox) -> None:
    archive = mailbox.archive()
    for day in mailbox.days:
        with archive.open_mailbox(mailbox.account, day) as opened:
            opened.catalogue.page(opened.catalogue.folder("inbox"))
            opened.catalogue.folders()


def _visits(mailbox: BigMailbox, owner: Browser, heavy_owner: Browser) -> dict[str, Callable[[], object]]:
    inbox = f"/{mailbox.newest_day}/inbox/"
    middle = max(1, mailbox.inbox_total // PAGE_SIZE // 2)
    message = f"{inbox}{_ordinary(_rows(mailbox, mailbox.account)).id}/"
    heavy = f"{inbox}{_rows(mailbox, mailbox.heavy_account)[0].id}/"
    body, heavy_body = owner.get(message).frame, heavy_owner.get(heavy).frame
    return {
        "list": lambda: owner.get(inbox),
        "middle": lambda: owner.get(f"{inbox}?page={middle}"),
        "message": lambda: owner.get(message),
        "body": lambda: owner.get(body),
        "heavy message": lambda: heavy_owner.get(heavy),
        "heavy body": lambda: heavy_owner.get(heavy_body),
    }


def _rows(mailbox: BigMailbox, account: Account) -> Sequence[Row]:
    with mailbox.archive().open_mailbox(account, mailbox.newest_day) as opened:
        return opened.catalogue.page(opened.catalogue.folder("inbox")).rows


def _ordinary(rows: Sequence[Row]) -> Row:
    return min(rows, key=lambda row: abs(row.size_bytes - ORDINARY_BYTES) if row.size_bytes else ORDINARY_BYTES)


def _side_by_side(visits: Mapping[str, Work], floor: Work, site: Site, runs: int) -> dict[str, Sample]:
    """Return times by the clock as medians, those of the processors as means: ticks are 10 ms long."""
    walls: dict[str, list[float]] = {name: [] for name in visits}
    cpu_ms = dict.fromkeys(visits, 0.0)
    floors: list[Sample] = []
    for visit in [*visits.values()] * WARM_ROUNDS:
        visit()
    for _ in range(runs):
        floors.append(timed(floor))
        for name, visit in visits.items():
            before_ms = site.cpu_ms()
            walls[name].append(timed(visit).wall_ms)
            cpu_ms[name] += site.cpu_ms() - before_ms
    times = {name: Sample(statistics.median(walls[name]), cpu_ms[name] / runs) for name in visits}
    return times | {"floor": medians(floors)}


def _many(mailbox: BigMailbox, owner: Browser, visits: Mapping[str, Work], requests: int) -> None:
    """Ask for everything on all nights, several at a time."""
    lists = [lambda day=day: owner.get(f"/{day}/inbox/") for day in mailbox.days]
    works = list(islice(cycle([*visits.values(), *lists]), requests))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(work) for work in works]:
            done.result()


def _figures(times: Mapping[str, Sample], floor_ms: float) -> list[Figure]:
    figures: list[Figure] = []
    for name, sample in times.items():
        floor = floor_ms if name in ("list", "middle") else None
        figures.append(Figure(LABELS[name], sample.wall_ms, floor=floor, most=MOST_MS.get(name)))
        figures.append(Figure(f"{LABELS[name]}, CPU of the workers", sample.cpu_ms))
    return figures


def _remarks(runs: int, requests: int) -> list[str]:
    return [
        "Over HTTP: gunicorn as `manage.py serve` starts it (two processes of 8 threads a processor), each request on "
        f"a connection of its own, client and server on the same cores; medians of {runs} runs, all rows in turn, CPU "
        "as means. The message of 20 MB lies in a mailbox of its own, the other in the big INBOX.",
        f"Memory: the {requests} requests ask for every page above and for the list on every night, {AT_ONCE} at once.",
    ]
