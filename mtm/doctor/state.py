"""What the site keeps itself: its directory, its database, its audit log, and the search engine in SQLite."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError

from access import chain, heads
from mtm.doctor.findings import Finding, ok, problem, reason, warning
from mtm.doctor.mounts import mount_of
from snapshots.timeindex.schema import TABLES
from snapshots.types import Account

GIBIBYTE = 1 << 30
LITTLE_BYTES = GIBIBYTE
TOO_LITTLE_BYTES = GIBIBYTE // 16
CLOCKS_APART = timedelta(seconds=5)


def directory(account: Account | None) -> Iterator[Finding]:
    """Look at MTM_STATE_DIR: there, ours alone, on a local disk with room."""
    path = Path(settings.MTM_STATE_DIR)
    if not path.is_dir():
        yield problem(f"{path} is not there", f"install -d -m 0700 -o {os.getuid()} {path}")
        return
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield problem(f"{path} cannot be written by this user ({os.getuid()})", f"chown {os.getuid()} {path}")
        return
    status = path.stat()
    if status.st_uid != os.getuid():
        yield warning(
            f"{path} belongs to user {status.st_uid}, and this is user {os.getuid()}: others may read other things",
            "Look again as the user the site runs as.",
        )
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        yield problem(
            f"{path} is open to others (mode {mode:04o}), and indexes name people's mail", f"chmod 0700 {path}"
        )
    mount = mount_of(path)
    if mount and mount.is_over_the_network:
        yield problem(
            f"{path} lies on {mount.kind}, where SQLite's locks cannot be trusted",
            "Name a directory of a local disk in MTM_STATE_DIR; indexes are a cache, each host has its own.",
        )
    yield _room(path)


def _room(path: Path) -> Finding:
    free_bytes = shutil.disk_usage(path).free
    words = f"{path} has {free_bytes / GIBIBYTE:.1f} GiB free"
    if free_bytes < TOO_LITTLE_BYTES:
        return problem(words, "Make room: without it nobody can log in, since the audit log cannot be written.")
    if free_bytes < LITTLE_BYTES:
        return warning(words, "Indexes take about 1 KB a message for a day after their last use: make room.")
    return ok(words)


def database(account: Account | None) -> Iterator[Finding]:
    """Look whether the database answers, is up to date, and has our time."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT CURRENT_TIMESTAMP")
            told = cursor.fetchone()[0]
    except DatabaseError as error:
        yield problem(f"the database does not answer: {reason(error)}", "See MTM_DATABASE_URL, and that it runs.")
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield problem("the database is not up to date", "Run `manage.py migrate`.")
    clock = told if isinstance(told, datetime) else datetime.fromisoformat(told).replace(tzinfo=UTC)
    if abs(clock - datetime.now(UTC)) > CLOCKS_APART:
        yield problem(
            "the database's clock and this host's differ", "Keep both by NTP: grants and throttling end by it."
        )
    name = settings.DATABASES[DEFAULT_DB_ALIAS]["NAME"]
    if connection.vendor == "sqlite" and (mount := mount_of(Path(name).parent)) and mount.is_over_the_network:
        yield problem(f"SQLite lies on {mount.kind}", "Keep it on a local disk, or use PostgreSQL (MTM_DATABASE_URL).")
    yield ok(f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))} answers")


def audit_log(account: Account | None) -> Iterator[Finding]:
    """Look whether every row of the audit log is as it was written."""
    if settings.MTM_AUDIT_KEY.removeprefix("audit:") == settings.MTM_SECRET_KEY:
        yield warning(
            "its key is made from MTM_SECRET_KEY: once that changes, no older row can be proved",
            "Give it one of its own in MTM_AUDIT_KEY_FILE, before there is much to prove.",
        )
    bad, last = chain.first_bad_row([heads.noted()])
    if bad is not None:
        yield problem(f"row {bad.seq}: {bad.reason}", "Compare with `manage.py audit verify --head` of another host.")
    else:
        yield ok(f"whole up to row {last.seq}")


def search(account: Account | None) -> Iterator[Finding]:
    """Look whether this Python's SQLite has the full-text search that time indexes are made with."""
    with closing(sqlite3.connect(":memory:")) as memory:
        try:
            memory.executescript(TABLES)
        except sqlite3.OperationalError:
            yield problem(
                f"SQLite {sqlite3.sqlite_version} has no FTS5, so there is no search",
                "Use the Python of the distribution, whose SQLite has it.",
            )
            return
    yield ok(f"SQLite {sqlite3.sqlite_version} with FTS5")
