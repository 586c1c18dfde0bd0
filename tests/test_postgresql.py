"""What rests on the database holds over PostgreSQL as it does over SQLite: the same tests, run over both.

`make postgresql` runs all tests over it.
"""

import os
import subprocess
import sys

import pytest

from tests.house_rules import ROOT
from tests.postgresql import running

PLACES = ("tests/access", "tests/restores")


@pytest.mark.skipif("TEST_DATABASE_URL" in os.environ, reason="the whole run is over this database already")
def test_what_rests_on_the_database_holds_over_postgresql():
    command = [sys.executable, "-m", "pytest", "-q", "-m", "database", "-p", "no:cacheprovider", *PLACES]

    with running() as postgresql:
        environment = os.environ | {"TEST_DATABASE_URL": postgresql.url}
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)

    assert run.returncode == 0, run.stdout[-6000:]
