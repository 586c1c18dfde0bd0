"""Requests in another database than the test's, that of a real site: `python -m tests.restores.elsewhere ADDRESS…`.

It asks for the last night of each address, back to where it was, to be run by the worker.
"""

import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import django
import psycopg

from demo.provider import Provider
from tests.dovecot import Dovecot
from tests.house_rules import ROOT
from tests.running_site import environment, real_today

MASTER, SECRET = "ripristini", "papavero e 7 Grilli%"
MASTERS = """
auth_master_user_separator = *
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {directory}/masters
  master = yes
}}
"""
"""A Dovecot's configuration with a master user, whom `let_in` writes down."""


def let_in(dovecot: Dovecot) -> None:
    (dovecot.directory / "masters").write_text(f"{MASTER}:{SECRET}\n")


@dataclass(slots=True)
class Elsewhere:
    """A site's settings, and the processes that work for it."""

    provider: Provider
    variables: dict[str, str]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.variables, check=True)

    def ask(self, *addresses: str) -> None:
        """Ask for the mailboxes of these, to be restored by the worker."""
        command = [sys.executable, "-m", "tests.restores.elsewhere", *addresses]
        subprocess.run(command, cwd=ROOT, env=self.variables, check=True)

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Begin a command as a process that works, with the master's secret."""
        secret = {"MTM_IMAP_MASTER": f"{MASTER}:{SECRET}"}
        command = [sys.executable, "manage.py", *arguments]
        self.workers.append(subprocess.Popen(command, cwd=ROOT, env=self.variables | secret))
        return self.workers[-1]

    def states(self) -> Counter[str]:
        """Count the states that requests came into so far; none while the database does not answer."""
        return Counter(state for (state,) in self._select("SELECT state FROM restores_statechange"))

    def tracebacks(self) -> list[str]:
        """Return those of tasks that failed."""
        rows = self._select("SELECT traceback FROM django_tasks_database_dbtaskresult WHERE status = 'FAILED'")
        return [traceback for (traceback,) in rows]

    def _select(self, query: str) -> list[tuple[str]]:
        url = self.variables["MTM_DATABASE_URL"]
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=20)) as database:
                return database.execute(query).fetchall()
        try:
            with psycopg.connect(url) as connection:
                return connection.execute(query).fetchall()
        except psycopg.OperationalError:
            return []

    def end_workers(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers.clear()


def site(directory: Path, imap_url: str, **others: str) -> Elsewhere:
    """Make a site over a provider in `directory`, its database ready."""
    (directory / "state").mkdir()
    (directory / "secret-key").write_text("k" * 50)
    made = Elsewhere(Provider(directory / "provider"), environment(directory, imap_url, **others))
    made.manage("migrate", "--verbosity", "0")
    return made


def main(addresses: list[str]) -> None:
    django.setup()
    # Models can be imported only now.
    from restores import requests
    from restores.models import Target
    from tests.restores.conftest import BOB, asked, owner

    for address in addresses:
        restore = asked(owner(address), day=real_today(), target=Target.ORIGINAL)
        requests.take_on(restore, BOB)
        requests.ask_to_run(restore, BOB)


if __name__ == "__main__":
    main(sys.argv[1:])
