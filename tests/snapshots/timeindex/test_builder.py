"""The builder: in slices, killed at any moment, with a damaged file or no room; pages work meanwhile."""

import random
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest

from snapshots.errors import EngineUnavailable, SnapshotNotFound
from snapshots.history import SearchQuery, Stage
from snapshots.listing import ListingCatalogue
from snapshots.timeindex import heads, schema, seal, store
from tests.snapshots.timeindex.given import DAYS, a_week

DAY = "2026-11-21"


def subjects(index, day=DAY):
    with index.mailbox(day) as mailbox:
        page = mailbox.catalogue.page(mailbox.catalogue.folder("inbox"))
        return [row.envelope.subject for row in page.rows]


@pytest.fixture
def big_week(mailbox):
    """Eight nights that take a builder long enough to be killed at work."""
    chance = random.Random(8)
    first = mailbox.night(DAYS[0])
    for number in range(150):
        first.message(source=b"Subject: %d\nMessage-ID: <%d@example.org>\n\nciao\n" % (number, number))
    a_week(mailbox, chance)
    return mailbox


def test_slices_add_up_to_the_whole(mailbox, over, monkeypatch):
    monkeypatch.setattr(heads, "BATCH", 7)
    a_week(mailbox, random.Random(1))
    index = over()
    stages, behind = [], []

    while not index.build(budget_seconds=-1):
        with index.history() as history:
            stages.append(history.stage())
            behind.append(history.is_behind())

    assert index.differences() == []
    assert stages.count(Stage.NAMES) >= len(DAYS) - 1
    assert stages[-1] is Stage.HEADS
    assert all(behind)
    with index.history() as history:
        progress = history.progress()
        assert not history.is_behind()
    assert progress.stage is Stage.READY
    assert progress.heads_done == progress.heads_total > 0


def test_no_question_while_an_index_is_built_takes_it_for_damaged(big_week, over):
    index = over()

    while not index.build(budget_seconds=0):
        history = index.history()
        if history is not None:
            with history:
                ask_everything(history)
        assert not index.file.damaged.exists()

    assert index.differences() == []


def ask_everything(history):
    history.is_pop3_pattern()
    history.is_behind()
    history.gone_counts()
    history.reference()
    history.progress()
    history.folders()
    for night in history.nights():
        with suppress(SnapshotNotFound):
            history.gone(night.day)
    history.search(SearchQuery("uno"))


def test_finished_index_has_nothing_left_to_do(mailbox, indexed):
    a_week(mailbox, random.Random(2))
    index = indexed()
    before = index.rows("SELECT * FROM placement")

    assert index.build()

    assert index.rows("SELECT * FROM placement") == before


def test_index_is_its_owners_alone(mailbox, indexed):
    mailbox.night(DAY).message("privato")

    index = indexed()

    files = list(index.file.path.parent.iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(index.file.path.parent.stat().st_mode) == 0o700


def test_two_builders_never_work_on_one_index(mailbox, over):
    mailbox.night(DAY).message("uno")
    index = over()

    with index.file.locked() as is_ours:
        assert is_ours
        assert not index.build()
        assert not index.file.path.exists()

    assert index.build()


def test_builders_at_once_leave_a_right_index(big_week, over):
    index = over()

    def build_on():
        while not index.build(budget_seconds=0):
            time.sleep(0.001)

    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(build_on) for _ in range(3)]:
            done.result()

    assert index.differences() == []


@pytest.mark.parametrize("seed", range(4))
def test_killed_builder_leaves_nothing_stuck(provider, big_week, over, tmp_path, seed):
    index = over()
    chance = random.Random(seed)

    for _ in range(3):
        command = [sys.executable, "-m", "tests.snapshots.timeindex.building", str(tmp_path), str(tmp_path / "state")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as builder:
            assert builder.stdout and builder.stdout.readline() == b"begins\n"
            time.sleep(chance.random() * 0.4)
            builder.send_signal(signal.SIGKILL)
        assert len(subjects(index, DAYS[-1])) == 50

    assert index.build()
    assert index.differences() == []
    assert index.rows("PRAGMA integrity_check") == [("ok",)]


def change(index, statement):
    with closing(sqlite3.connect(index.file.path, isolation_level=None)) as database:
        database.execute(statement)


def damaged(path, chance):
    """Cut a file short, or turn bits of it round."""
    data = bytearray(path.read_bytes())
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    else:
        for _ in range(200):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


@pytest.mark.parametrize("seed", range(6))
def test_damaged_index_leaves_pages_to_the_listing_and_is_built_anew(big_week, indexed, seed):
    index = indexed()
    right = {day: subjects(index, day) for day in DAYS}
    damaged(index.file.path, random.Random(seed))

    for day in DAYS:
        assert subjects(index, day) is not None
    while not index.build():
        continue

    assert {day: subjects(index, day) for day in DAYS} == right
    assert index.differences() == []


def test_damage_found_by_a_page_is_told_to_the_builder(mailbox, indexed):
    mailbox.night(DAY).message("uno")
    index = indexed()
    change(index, "UPDATE message SET told = x'00'")

    assert subjects(index) == ["uno"]
    assert index.history() is None
    with index.mailbox(DAY) as opened:
        assert type(opened.catalogue) is ListingCatalogue

    assert index.build()
    assert index.differences() == []


def test_history_of_a_damaged_index_is_not_answered(mailbox, indexed):
    mailbox.night(DAY).message("uno")
    index = indexed()
    history = index.history()
    change(index, "UPDATE message SET told = x'00'")

    with history, pytest.raises(EngineUnavailable):
        history.search(SearchQuery("uno"))

    assert index.file.damaged.exists()


def test_want_of_descriptors_is_no_damage(mailbox, indexed, monkeypatch):
    mailbox.night(DAY).message("uno")
    index = indexed()
    with monkeypatch.context() as patch:
        patch.setattr(store, "_version", no_descriptor)
        assert index.file.open_to_read() is None

    assert not index.file.damaged.exists()
    assert subjects(index) == ["uno"]


def no_descriptor(connection):
    connection.execute("ATTACH '/nonexistent/directory/file' AS other")


def test_index_of_another_version_is_built_anew(mailbox, indexed, monkeypatch):
    mailbox.night(DAY).message("uno")
    index = indexed()
    change(index, f"PRAGMA user_version = {schema.VERSION + 1}")

    assert index.history() is None
    assert index.build()
    assert index.differences() == []


def test_full_disk_stops_the_builder_and_no_page(big_week, over):
    index = over()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises((sqlite3.OperationalError, OSError)):
            index.build()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)

    assert len(subjects(index, DAYS[-1])) == 50
    assert index.build()
    assert index.differences() == []


def test_reader_of_one_request_keeps_what_it_opened(mailbox, indexed, over, provider):
    mailbox.night("2026-11-20")
    mailbox.night(DAY).message("uno")
    index = indexed()

    with index.mailbox(DAY) as opened:
        provider.lose("2026-11-20")
        assert over().build()

        assert opened.catalogue.page(opened.catalogue.folder("inbox")).total == 1


def test_index_of_another_boot_is_read_once_it_has_proved_whole(mailbox, indexed, monkeypatch):
    mailbox.night(DAY).message("uno")
    index = indexed()
    before = index.rows("SELECT * FROM placement")

    monkeypatch.setattr(seal, "this_boot", lambda: "another")

    assert index.history() is None
    assert subjects(index) == ["uno"]
    assert index.build()
    assert index.rows("SELECT * FROM placement") == before


def test_unfinished_index_of_another_boot_is_built_anew(mailbox, over, monkeypatch):
    mailbox.night("2026-11-20").message("uno")
    mailbox.night(DAY)
    index = over()
    assert not index.build(budget_seconds=-1)
    change(index, "UPDATE folder SET name = 'INBOX lost in a crash'")

    monkeypatch.setattr(seal, "this_boot", lambda: "another")
    assert index.build()

    assert index.differences() == []
