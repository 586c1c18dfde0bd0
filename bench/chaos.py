"""Chaos: twenty owners click and download while whatever can fail fails, at random, one thing after the other.

Every list is held against what that night holds, every download against its digest, and every byte against the
marks of the others. After each fault all must be well again within a minute.
"""

import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from bench import line as lines
from bench.chaos_faults import Fault, Rotating, all_faults
from bench.chaos_people import PASSWORD, Owner, Tally, Truth, at_work, mark, recovered_after
from bench.processes import below
from bench.report import rows
from demo import site as demo_site
from demo.imap_server import stop
from demo.ports import LOOPBACK, free_port
from demo.provider import STAMP, Provider
from tests import dovecot
from tests.faults.kernel import small_disk
from tests.running_site import environment, real_today

OWNERS, NIGHTS, FIRST_MESSAGES = 20, 4, 5
ROTATIONS_LEFT = 5
DISK_MB = 256
FAULT_SECONDS = 3.0, 12.0
REST_SECONDS = 1.0, 5.0
RECOVERY_SECONDS = 60.0
START_SECONDS = 120.0
FAULT_OF_OURS = '"500 on '


@dataclass
class Ground:
    """Where it happens: two volumes, one with dated nights and one whose names rotate."""

    directory: Path
    dated: Provider
    rotating: Provider
    truths: dict[str, Truth] = field(default_factory=dict)

    @property
    def newest_rotating(self) -> date:
        return real_today() - timedelta(days=ROTATIONS_LEFT)

    def fill(self) -> None:
        for number in range(OWNERS):
            provider = (self.dated, self.rotating)[number % 2]
            newest = real_today() if provider is self.dated else self.newest_rotating
            mailbox = provider.mailbox(f"owner{number:02d}@example.com")
            for each, night in enumerate(mailbox.nights(newest - timedelta(days=NIGHTS - 1), newest)):
                for message in range(FIRST_MESSAGES if each == 0 else 1):
                    text = f"Subject: {mark(number)} {each} {message}\nMessage-ID: <{number}.{each}.{message}@x>\n\n"
                    night.message(source=(text + f"{mark(number)}\n" * (100 << message)).encode())
            self.truths[mailbox.address] = Truth.of(mailbox)

    def came(self, before: date, tonight: date) -> None:
        for address in self.rotating.mailboxes:
            self.truths[address].days[tonight] = self.truths[address].days[before]

    def went(self, day: date) -> None:
        for address in self.rotating.mailboxes:
            self.truths[address].days.pop(day, None)

    def settings(self, imap_url: str) -> dict[str, str]:
        """Return the site's settings."""
        (self.directory / "secret-key").write_text("k" * 50)
        both = (self.dated, self.rotating)
        return environment(
            self.directory,
            imap_url,
            MTM_SNAPSHOT_PATH="\n".join(each.settings()["MTM_SNAPSHOT_PATH"] for each in both),
            MTM_SNAPSHOT_NAMES=",".join(each.snapshot_pattern for each in both),
            MTM_SNAPSHOT_STAMP=STAMP,
        )


class Keeper:
    """Keeps the site running as systemd would: what ends is begun again."""

    def __init__(self, settings: dict[str, str], port: int, log: Path) -> None:
        self._command = [sys.executable, "manage.py", "serve", "--bind", f"{LOOPBACK}:{port}"]
        self._settings = settings
        self._log = log
        self._over = threading.Event()
        self._begin()
        self._watching = threading.Thread(target=self._watch)
        self._watching.start()

    def _begin(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self._settings, cwd=demo_site.CODE.parent, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            if self.process.poll() is not None:
                self._begin()

    def below(self) -> dict[str, list[int]]:
        return below(self.process.pid)

    def end(self) -> None:
        self._over.set()
        self._watching.join()
        stop(self.process)


def run(minutes: float, *, seed: int) -> int:
    """Play for so long, and print what came of it; return 0 when nothing came that must not."""
    chance = random.Random(seed)
    recoveries: dict[str, list[float]] = defaultdict(list)
    tally, until = Tally(), time.monotonic() + minutes * 60
    with _playing(tally) as (owners, faults):
        while time.monotonic() < until:
            name = chance.choice(list(faults))
            print(f"chaos: {name}", file=sys.stderr, flush=True)
            with faults[name]():
                time.sleep(chance.uniform(*FAULT_SECONDS))
            recoveries[name].append(recovered_after(lambda: _is_well(owners), within_seconds=RECOVERY_SECONDS))
            time.sleep(chance.uniform(*REST_SECONDS))
    print(_report(minutes, seed, tally, recoveries))
    slow = [name for name, taken in recoveries.items() if max(taken) >= RECOVERY_SECONDS]
    return 1 if tally.wrong or slow else 0


@contextmanager
def _playing(tally: Tally) -> Iterator[tuple[list[Owner], dict[str, Fault]]]:
    """Let the site stand and its owners live until the block ends."""
    with ExitStack() as at_play:
        directory = Path(at_play.enter_context(tempfile.TemporaryDirectory(prefix="mtm-chaos-")))
        state = at_play.enter_context(small_disk(directory / "state", size_mb=DISK_MB))
        ground = Ground(directory, Provider(directory / "dated"), Provider(directory / "rotating", "nightly.{n}"))
        ground.fill()
        server = at_play.enter_context(dovecot.running())
        for each in (*ground.dated.mailboxes.values(), *ground.rotating.mailboxes.values()):
            server.add_user(each.address, PASSWORD, copy_of=each.live().path)
        line = at_play.enter_context(lines.to(server.port))
        port = free_port()
        keeper = Keeper(ground.settings(line.url), port, directory / "site.log")
        at_play.callback(keeper.end)
        site = f"http://{LOOPBACK}:{port}"
        owners = [Owner(int(address[5:7]), address, truth, site, tally) for address, truth in ground.truths.items()]
        rotating = Rotating(
            ground.rotating.volume, ground.newest_rotating, last=real_today(), came=ground.came, went=ground.went
        )
        volumes = [ground.dated.volume, ground.rotating.volume]
        faults = all_faults(keeper.below, line=line, state=state, volumes=volumes, rotating=rotating)
        if recovered_after(lambda: _is_well(owners), within_seconds=START_SECONDS) >= START_SECONDS:
            raise RuntimeError((directory / "site.log").read_text()[-4000:])
        over = threading.Event()
        threads = at_work(owners, over)
        try:
            yield owners, faults
        finally:
            over.set()
            for thread in threads:
                thread.join()
            tally.log = (directory / "site.log").read_text()


def _is_well(owners: list[Owner]) -> bool:
    """Whether one of each volume can log in, sees a list and takes a message."""
    return all(_is_served(Owner(each.number, each.address, each.truth, each.site, Tally())) for each in owners[:2])


def _is_served(owner: Owner) -> bool:
    day = max(owner.truth.days)
    return owner.log_in() and owner.look_at(day) and owner.take(min(owner.truth.days[day]), day)


def _report(minutes: float, seed: int, tally: Tally, recoveries: dict[str, list[float]]) -> str:
    """Return what came of it as Markdown."""
    counted = ", ".join(f"{count:,} {what}" for what, count in sorted(tally.counts.items()))
    lines = [
        f"{minutes:g} minutes, {OWNERS} owners, {sum(map(len, recoveries.values()))} faults (seed {seed}).",
        f"Answers: {counted}; {tally.size_bytes / 1e6:,.0f} MB.",
        f"Wrong: {len(tally.wrong)}.",
        *tally.wrong[:20],
        *[line for line in tally.log.splitlines() if FAULT_OF_OURS in line][:20],
    ]
    told = [(name, str(len(taken)), f"{max(taken):.1f} s") for name, taken in sorted(recoveries.items())]
    return "\n".join([*lines, "", rows(("fault", "times", "longest until all was well"), told)])
