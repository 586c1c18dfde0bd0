"""Indexes that nobody uses are let go, and with every night what only it showed."""

import fcntl
import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from snapshots.now import NamedBy, Now, NowFolder
from snapshots.timeindex.purge import purge
from tests.snapshots.timeindex.conftest import ACCOUNT

DAY = "2026-11-21"
OLD = date(2026, 11, 15)
HOUR = 3600


@pytest.fixture
def index(mailbox, indexed):
    mailbox.night("2026-11-20").message("scaduto")
    night = mailbox.night(DAY)
    night.delete(night.folders["INBOX"].placements[0].message)
    night.message("rimasto")
    return indexed()


def purged(index, *, oldest_day=OLD):
    return purge(index.file.path.parent, oldest_day=oldest_day, kept_seconds=24 * HOUR)


def last_used(index, *, hours_ago):
    os.utime(index.file.lock, (time.time() - hours_ago * HOUR,) * 2)


def test_index_in_use_stays(index):
    last_used(index, hours_ago=23)

    assert purged(index) == 0
    assert index.differences() == []


def test_index_unused_for_a_day_is_deleted_with_all_that_lay_beside_it(index):
    index.archive.note_now(ACCOUNT, Now(datetime.now(UTC), NamedBy.GUID, {}))
    index.file.claim_wake()
    last_used(index, hours_ago=25)

    assert purged(index) == 1
    assert list(index.file.path.parent.iterdir()) == []


def test_opening_it_is_a_use(index):
    last_used(index, hours_ago=25)
    index.history().close()

    assert purged(index) == 0


def test_use_is_noted_once_a_minute(index, monkeypatch):
    last_used(index, hours_ago=1)
    index.history().close()
    noted: list[object] = []
    monkeypatch.setattr(os, "utime", noted.append)

    index.history().close()

    assert noted == []


def test_index_somebody_builds_on_stays(index):
    last_used(index, hours_ago=25)

    with index.file.locked():
        assert purged(index) == 0

    assert index.file.path.exists()


def test_expired_night_is_dropped_from_an_index_in_use(index):
    assert purged(index, oldest_day=date.fromisoformat(DAY)) == 0

    assert index.rows("SELECT day FROM night") == [(date.fromisoformat(DAY).toordinal(),)]
    assert index.rows("SELECT count(*) FROM message") == [(1,)]
    assert index.history().gone_counts() == {date.fromisoformat(DAY): 0}
    assert index.rows("PRAGMA integrity_check") == [("ok",)]


def test_index_does_not_outlive_its_last_night(index):
    assert purged(index, oldest_day=date(2026, 11, 22)) == 1
    assert not index.file.path.exists()


def test_names_of_a_live_mailbox_outlive_no_index(over, mailbox):
    mailbox.night(DAY)
    index = over()
    index.archive.note_now(ACCOUNT, Now(datetime.now(UTC), NamedBy.GUID, {"INBOX": NowFolder(["AAAA"])}))
    purged(index)
    last_used(index, hours_ago=25)

    assert purged(index) == 1
    assert not index.file.now.exists()


def test_damaged_index_with_nights_nobody_can_tell_is_deleted(index):
    with closing(sqlite3.connect(index.file.path)) as database:
        database.execute("PRAGMA journal_mode = DELETE")
    index.file.path.write_bytes(b"not a database" * 1000)

    assert purged(index) == 1


def test_lock_of_an_index_deleted_meanwhile_is_not_taken(index, monkeypatch):
    lock = fcntl.flock

    def delete_first(*arguments):
        index.file.delete()
        lock(*arguments)

    monkeypatch.setattr(fcntl, "flock", delete_first)

    with index.file.locked() as is_ours:
        assert not is_ours
