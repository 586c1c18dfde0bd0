"""A private real PostgreSQL on the loopback, for what rests on the database.

`python -m tests.postgresql ARGUMENTS…` starts one and runs pytest over it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.ports import LOOPBACK, free_port

USER = "mtm"
START_SECONDS = 30


def _programs() -> Path | None:
    """Return where Debian keeps the server's programs, of the newest version there is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    elsewhere = shutil.which("initdb")
    return found[-1].parent if found else Path(elsewhere).parent if elsewhere else None


PROGRAMS = _programs()


def require_postgresql() -> None:
    """Skip the test where there is no PostgreSQL; fail in CI, where there must be one."""
    if PROGRAMS is not None:
        return
    if os.environ.get("CI"):
        pytest.fail("PostgreSQL is not installed: run `make deps`")
    pytest.skip("PostgreSQL is not installed: run `make deps` as root")


@dataclass(slots=True)
class Postgresql:
    """A running server, which a test may stop and start again."""

    directory: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://{USER}@{LOOPBACK}:{self.port}/postgres"

    def start(self) -> None:
        options = [f"port={self.port}", f"listen_addresses={LOOPBACK}", "unix_socket_directories=", "fsync=off"]
        command = [*_run("postgres"), "-D", str(self.directory)] + [word for each in options for word in ("-c", each)]
        log = (self.directory / "server.log").open("ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", start_new_session=True)
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run([f"{PROGRAMS}/pg_isready", "-q", "-h", LOOPBACK, "-p", str(self.port)]).returncode:
            if time.monotonic() > deadline:
                raise RuntimeError((self.directory / "server.log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        """End the server at once, whoever is connected."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=START_SECONDS)
            self.process = None


@contextmanager
def running() -> Iterator[Postgresql]:
    """Run a server with an empty database until the block ends."""
    require_postgresql()
    # Not below pytest's directories, into which the server's own user may not look.
    directory = Path(tempfile.mkdtemp(prefix="mtm-postgresql-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(directory, "postgres", "postgres")
        initialise = [*_run("initdb"), "-D", str(directory), "-U", USER, "--auth=trust", "--no-sync", "-E", "UTF8"]
        subprocess.run([*initialise, "--locale=C.UTF-8"], check=True, capture_output=True, cwd="/")
        server = Postgresql(directory, free_port())
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _run(program: str) -> list[str]:
    """Return how to run one of PostgreSQL's programs, which refuse to be run by root."""
    switch = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return [*switch, f"{PROGRAMS}/{program}"]


def main(arguments: list[str]) -> int:
    """Run pytest over a server of its own; return pytest's status."""
    with running() as server:
        environment = os.environ | {"TEST_DATABASE_URL": server.url}
        return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
