"""What a login notes of the live mailbox, and that it never stands in its way."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError

from access.login import log_in
from demo.provider import Provider
from snapshots import configured, tasks
from snapshots.errors import EngineTimeout
from snapshots.imap import ServerUnreachable
from snapshots.now import NamedBy, Now, NowFolder
from tests.access.conftest import RIGHT
from tests.served import archive_over

pytestmark = pytest.mark.django_db

ALICE = "alice@example.com"
NOW = Now(datetime(2026, 11, 20, 10, tzinfo=UTC), NamedBy.GUID, {"INBOX": NowFolder(["AAAA"])})


def raises(error):
    def call(*args, **options):
        raise error

    return call


def test_names_are_noted_at_login(live, nights, request_from):
    live.now = NOW

    log_in(request_from(), address=ALICE, password=RIGHT)

    assert nights.noted == [NOW]


def test_names_that_could_not_be_had_replace_older_ones(live, nights, request_from):
    log_in(request_from(), address=ALICE, password=RIGHT)

    assert nights.noted == [None]


def test_nothing_is_listed_where_the_live_mailboxes_can_be_read(live, nights, request_from):
    nights.reads_live = True
    live.now = NOW

    log_in(request_from(), address=ALICE, password=RIGHT)

    assert nights.noted == []


@pytest.mark.parametrize("error", [ServerUnreachable(), EngineTimeout()])
def test_failure_to_list_fails_no_login(live, nights, request_from, monkeypatch, error):
    monkeypatch.setattr(live, "names", raises(error), raising=False)

    owner = log_in(request_from(), address=ALICE, password=RIGHT)

    assert owner.name == ALICE
    assert nights.noted == [None]


def test_full_disk_fails_no_login(live, nights, request_from, monkeypatch):
    monkeypatch.setattr(nights, "note_now", raises(OSError("no space")), raising=False)

    assert log_in(request_from(), address=ALICE, password=RIGHT).name == ALICE


@pytest.mark.parametrize("error", [DatabaseError(), OSError()])
def test_builder_that_cannot_be_woken_fails_no_login(live, nights, request_from, monkeypatch, error):
    monkeypatch.setattr("access.waking.wake_builder", raises(error))

    assert log_in(request_from(), address=ALICE, password=RIGHT).name == ALICE


@pytest.fixture
def over(monkeypatch, tmp_path):
    """Put an archive that has indexes, and nothing else, behind the tasks."""
    archive = archive_over(Provider(tmp_path), indexes=tmp_path / "timeindex")
    monkeypatch.setattr(configured, "archive", lambda: archive)
    monkeypatch.setattr(tasks, "archive", lambda: archive)
    return archive


def test_login_wakes_the_builder_for_its_own_right(live, over, request_from, wake_ups, monkeypatch):
    monkeypatch.setattr("access.login.proved_guids", lambda *args: frozenset({"b", "a"}))

    log_in(request_from(), address=ALICE, password=RIGHT)

    account = {"user": "alice", "domain": "example.com", "variables": {}}
    assert [each.kwargs for each in wake_ups] == [{"account": account, "guids": ["a", "b"]}]
