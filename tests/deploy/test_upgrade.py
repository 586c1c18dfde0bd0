"""A site's database of an earlier release, and an index of one, under this release."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

from snapshots.timeindex import schema
from snapshots.timeindex.store import IndexFile
from tests.house_rules import APPS, ROOT
from tests.served import archive_over
from tests.snapshots.timeindex.conftest import ACCOUNT

PREVIOUS = Path(__file__).parent / "previous/database.sql"
OLDER_INDEX = (
    f"CREATE TABLE message (id INTEGER PRIMARY KEY, subject TEXT); PRAGMA user_version = {schema.VERSION - 1};"
)


class Upgraded:
    """The earlier database, and this release's commands over it."""

    def __init__(self, path):
        self.path = path
        with closing(sqlite3.connect(path)) as database:
            database.executescript(PREVIOUS.read_text())

    def manage(self, *arguments):
        environment = os.environ | {"TEST_DATABASE_URL": f"sqlite:///{self.path}"}
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    def rows(self, statement):
        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(statement).fetchall()


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory):
    earlier = Upgraded(tmp_path_factory.mktemp("upgraded") / "mtm.sqlite3")
    prepared = earlier.manage("prepare", "--no-static")
    assert prepared.returncode == 0, prepared.stderr
    return earlier


def test_everything_of_an_earlier_release_is_there(upgraded):
    assert upgraded.rows("SELECT folder FROM webmail_shownfolder ORDER BY folder") == [("f-abc",), ("inbox",)]
    actions = [action for (action,) in upgraded.rows("SELECT action FROM access_auditrecord ORDER BY seq")]
    assert actions == ["login", "login", "download", "settings"]


def test_the_chain_of_the_audit_log_goes_on(upgraded):
    verified = upgraded.manage("audit", "verify")

    assert verified.returncode == 0, verified.stderr
    assert "whole up to seq 4" in verified.stdout


def test_rows_of_an_earlier_release_are_still_locked(upgraded):
    with closing(sqlite3.connect(upgraded.path)) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute("UPDATE access_auditrecord SET account = 'eve@example.com' WHERE seq = 1")


def test_what_is_new_works_over_it(upgraded):
    added = upgraded.manage("operator", "add", "m.bianchi", "--permissions", "help")

    assert added.returncode == 0, added.stderr


@pytest.mark.parametrize("app", APPS)
def test_migrations_are_one_line(app):
    graph = MigrationLoader(None).graph
    names = [key for key in graph.nodes if key[0] == app]

    followers = [[child.key for child in graph.node_map[key].children if child.key[0] == app] for key in names]

    assert [each for each in followers if len(each) > 1] == []
    assert len(graph.leaf_nodes(app)) == min(1, len(names))


def test_an_index_of_an_earlier_release_is_built_anew(provider, unchanged, tmp_path):
    provider.mailbox(ACCOUNT.address).night("2026-11-20").message("ciao")
    archive = archive_over(unchanged(provider), indexes=tmp_path)
    file = IndexFile.of(tmp_path, ACCOUNT, None)
    archive.build_index(ACCOUNT)
    file.path.unlink()
    with closing(sqlite3.connect(file.path)) as earlier:
        earlier.executescript(OLDER_INDEX)

    unread = file.open_to_read()
    archive.build_index(ACCOUNT)

    assert unread is None
    assert list(archive.check_index(ACCOUNT)) == []
