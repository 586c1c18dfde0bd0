"""The site as it runs in earnest, in processes of its own, and what those processes use."""

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.imap_server import stop
from demo.ports import LOOPBACK, free_port, wait_for_answer
from snapshots.types import Account

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
LOG_TOLD = 4000
NO_MAIL_SERVER = "imap://127.0.0.1:1"
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
KIB_PER_MB = 1000 / 1.024


@dataclass(frozen=True, slots=True)
class Site:
    """A running site: its port, its environment, and the process whose children answer requests."""

    port: int
    pid: int
    environment: Mapping[str, str]

    def session(self, account: Account) -> str:
        """Return the key of a session such as a right password would have begun."""
        return self.sessions([account])[0]

    def sessions(self, accounts: Sequence[Account]) -> list[str]:
        """Return the keys of such sessions, one each."""
        command = [sys.executable, "-m", "bench.session", *(account.address for account in accounts)]
        done = subprocess.run(command, env=dict(self.environment), cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.split()

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(child) for child in children]

    def cpu_ms(self) -> float:
        """Return what all workers have used of the processors so far; exact to 10 ms."""
        return sum(_cpu_ticks(worker) for worker in self.workers()) * TICK_MS

    def memory_mb(self) -> float:
        """Return the resident memory of the largest worker."""
        return max(_memory_kib(worker, "VmRSS") for worker in self.workers()) / KIB_PER_MB

    def peak_memory_mb(self) -> float:
        """Return the most that any worker ever had resident."""
        return max(_memory_kib(worker, "VmHWM") for worker in self.workers()) / KIB_PER_MB


@contextmanager
def running(snapshots: Mapping[str, str], *, imap_url: str = NO_MAIL_SERVER) -> Iterator[Site]:
    """Serve these snapshots with `manage.py serve`, its defaults and an empty database, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="mtm-bench-") as state:
        variables = environment(snapshots, Path(state), imap_url)
        port = free_port()
        command = [sys.executable, str(ROOT / "manage.py"), "serve", "--bind", f"{LOOPBACK}:{port}"]
        log_path = Path(state) / "site.log"
        with log_path.open("wb") as log:
            process = subprocess.Popen(command, env=variables, stdout=log, stderr=log, start_new_session=True)
        try:
            if not wait_for_answer(port, timeout_seconds=START_SECONDS) or process.poll() is not None:
                raise RuntimeError("the site did not start")
            yield Site(port, process.pid, variables)
        except Exception as error:
            error.add_note(f"The site's log ends:\n{log_path.read_text()[-LOG_TOLD:]}")
            raise
        finally:
            stop(process)


def environment(snapshots: Mapping[str, str], state: Path, imap_url: str) -> dict[str, str]:
    """Return the caller's environment with no settings but these, whatever it runs under."""
    rest = {name: value for name, value in os.environ.items() if not name.startswith("MTM_")}
    return {
        **rest,
        **snapshots,
        "DJANGO_SETTINGS_MODULE": "mtm.settings",
        "MTM_IMAP_URL": imap_url,
        "MTM_PLAIN_HTTP": "1",
        "MTM_STATE_DIR": str(state),
        "MTM_SECRET_KEY": secrets.token_urlsafe(50),
        "MTM_ALLOWED_HOSTS": LOOPBACK,
        "MTM_TRUSTED_PROXIES": LOOPBACK,  # one machine must be able to guess as many do
    }


def _cpu_ticks(pid: int) -> int:
    # The name in brackets may hold spaces: fields are counted behind it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _memory_kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
