"""Want on the site's own machine: no room, no descriptors, no memory, processes killed. Nothing is lost by it."""

import os
import signal
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from tests.faults.kernel import full, limited, small_disk
from tests.faults.stage import ANSWER_SECONDS, eventually, standing, whole_or_nothing
from tests.scale import needs_evidence

pytestmark = needs_evidence

DISK_MB = 64
PAUSE = "Riprova tra poco"
BESIDE = ("builder", "worker")
MORE_DESCRIPTORS = range(0, 16, 2)
MORE_MEMORY = (0, 1 << 20, 4 << 20, 16 << 20)


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """The disk of the site's own state, a small one."""
    with small_disk(tmp_path_factory.mktemp("machine") / "state", size_mb=DISK_MB) as disk:
        yield disk


@pytest.fixture(scope="module")
def stage(disk, tmp_path_factory):
    figures = str(tmp_path_factory.mktemp("figures"))
    with standing(disk.parent, MTM_METRICS_TOKEN="collect", MTM_METRICS_DIR=figures) as stage:
        yield stage


@pytest.fixture(autouse=True)
def all_is_well(stage, disk):
    """Soon after each want both are served every message, one can log in, and what is kept is sound."""
    yield
    eventually(stage.anna.is_served_truly)
    assert stage.carla.is_served_truly()
    eventually(lambda: stage.logs_in(stage.anna.mailbox).status == 200)
    assert damaged(disk) == []


def damaged(disk):
    """Return the databases that are not sound."""
    paths = [disk / "mtm.sqlite3", *disk.glob("timeindex/*.sqlite3")]
    return [path.name for path in paths if not is_sound(path)]


def is_sound(path):
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=ANSWER_SECONDS)) as database:
        return database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_full_disk_is_a_pause_for_what_must_be_written_down_and_nothing_to_who_reads(stage, disk):
    [message, *_] = stage.anna.ids()
    before = stage.below

    with full(disk):
        reading = stage.anna.get()
        leaving = stage.anna.source(message)
        login = stage.logs_in(stage.carla.mailbox)
        after = stage.below

    assert reading.status == 200
    assert (leaving.status, login.status) == (503, 503)
    assert stage.anna.mailbox.address.encode() * 9 not in leaving.content
    assert PAUSE in login.content.decode()
    assert after["web worker"] == before["web worker"]


@pytest.mark.parametrize("victim", ["web worker", *BESIDE])
def test_killed_process_is_followed_by_another(stage, victim):
    # The builder may have ended by itself, over the disk that was full just now.
    eventually(lambda: stage.below.get(victim))
    [killed, *_] = stage.below[victim]

    os.kill(killed, signal.SIGKILL)

    eventually(lambda: set(stage.below.get(victim, [killed])) - {killed} and killed not in stage.below[victim])
    assert stage.process.poll() is None


def test_builder_that_finds_no_room_gives_up_and_comes_back(stage, disk):
    for path in disk.glob("timeindex/*"):
        path.unlink()

    with full(disk):
        os.kill(stage.below["builder"][0], signal.SIGKILL)
        lists = [stage.anna.get() for _ in range(10)]
        eventually(lambda: stage.below.get("builder"))

    assert {answer.status for answer in lists} == {200}
    eventually(lambda: stage.logs_in(stage.anna.mailbox).status == 200)
    eventually(lambda: list(disk.glob("timeindex/*.sqlite3")))


@pytest.mark.parametrize("more", MORE_DESCRIPTORS)
def test_want_of_descriptors_is_a_pause(stage, more):
    [message, *_] = stage.anna.ids()
    used = max(len(list(Path(f"/proc/{process}/fd").iterdir())) for process in stage.web)
    before = stage.web

    with limited(stage.web, "nofile", used + more):
        statuses = [status_of(ask) for ask in asked_of(stage, message)]

    assert set(statuses) <= {200, 503, None}
    assert stage.web == before


@pytest.mark.parametrize("more_bytes", MORE_MEMORY)
def test_want_of_memory_costs_requests_at_most_a_process_and_no_wrong_byte(stage, more_bytes):
    [message, *_] = stage.anna.ids()
    whole = stage.anna.source(message).content
    used = max(address_space(process) for process in stage.web)

    with limited(stage.web, "as", used + more_bytes):
        statuses = [status_of(ask) for ask in asked_of(stage, message)]
        got = whole_or_nothing(partial(stage.anna.source, message))

    assert set(statuses) <= {200, 503, None}
    assert got in (whole, None)


def asked_of(stage, message):
    return stage.anna.get, partial(stage.anna.source, message), stage.stranger


def status_of(ask):
    """Return the status of an answer; None where the line broke."""
    try:
        return ask().status
    except OSError:
        return None


def address_space(process):
    return int(Path(f"/proc/{process}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
