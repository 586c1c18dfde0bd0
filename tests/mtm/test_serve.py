"""`manage.py serve`: the site and the builder beside it, as processes that may be killed at any moment."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from demo import site
from demo.ports import LOOPBACK, answers, free_port
from demo.provider import Provider
from snapshots.accounts import parse_address
from snapshots.timeindex.check import differences
from snapshots.timeindex.store import IndexFile
from tests.dovecot import PASSWORD
from tests.house_rules import ROOT
from tests.running_site import Visitor, real_today
from tests.scale import needs_evidence
from tests.served import archive_over

PATIENCE_SECONDS = 120
GONE = "2 messaggi spariti"


@pytest.fixture
def mailbox(tmp_path, dovecot):
    """A mailbox of four nights that end today; two of its messages are gone by now."""
    mailbox = Provider(tmp_path / "provider").mailbox(f"anna{len(dovecot.passwords)}@example.com")
    first = real_today() - timedelta(days=3)
    lost = [mailbox.night(first).message(f"perso {number}") for number in range(2)]
    for night in mailbox.nights(first, real_today()):
        for number in range(120):
            night.message(source=b"Subject: %d\nMessage-ID: <%d@example.org>\n\nciao\n" % (number, number))
    live = mailbox.live()
    for message in lost:
        live.delete(message)
    dovecot.add_user(mailbox.address, copy_of=live.path)
    return mailbox


@pytest.fixture
def settings_of_site(tmp_path, dovecot):
    (tmp_path / "state").mkdir()
    (tmp_path / "secret-key").write_text("k" * 50)
    return site.environment(tmp_path, imap_url=dovecot.url) | {"DJANGO_SETTINGS_MODULE": "mtm.settings"}


@pytest.fixture
def serving(settings_of_site, mailbox):
    """The site as a process, and its address."""
    port = free_port()
    with site.running(settings_of_site, port=port) as process:
        yield process, f"http://{LOOPBACK}:{port}"


def children(process):
    """Return the processes below one, by the command they run."""
    listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True)
    lines = [line.split(None, 1) for line in listed.stdout.splitlines()]
    return {command.split("manage.py ")[1].split()[0]: int(pid) for pid, command in lines}


def next_builder(process, killed):
    """Return the builder that took the place of a killed one; None while there is none."""
    builder = children(process).get("builder")
    return None if builder == killed else builder


def eventually(asked):
    """Return what `asked` answers as soon as it is true."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (answer := asked()):
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.1)
    return answer


def log_in(address, mailbox):
    visitor = Visitor(address)
    answer = visitor.log_in(mailbox.address, PASSWORD)
    assert answer.status == 200, answer.content.decode()
    return visitor


def shows_gone(visitor):
    return GONE in visitor.get("/").content.decode()


def wrong(mailbox, directory):
    """Return what the finished index says otherwise than the snapshots; there is one index."""
    archive = archive_over(mailbox.provider, now=datetime.now(UTC))
    [path] = directory.glob("*.sqlite3")
    guid = mailbox.night(real_today()).folders["INBOX"].guid
    account = parse_address(mailbox.address)
    assert IndexFile.of(directory, account, {guid}).path == path
    database = IndexFile(path).open_to_read()
    assert database is not None
    with closing(database):
        return list(differences(database, account, frozenset({guid}), archive))


def test_counts_stand_on_the_page_soon_after_login(serving, mailbox, tmp_path):
    visitor = log_in(serving[1], mailbox)

    eventually(lambda: shows_gone(visitor))

    assert "adesso" in visitor.get("/").content.decode()
    assert wrong(mailbox, tmp_path / "state/timeindex") == []


def test_pages_go_before_the_builder(serving):
    process, _ = serving
    below = eventually(lambda: children(process) if "builder" in children(process) else None)

    nice = {name: os.getpriority(os.PRIO_PROCESS, below[name]) for name in ("web", "builder")}

    assert nice["builder"] == nice["web"] + 10


@needs_evidence
def test_builder_killed_again_and_again_begins_again(serving, mailbox, tmp_path):
    process, address = serving
    chance = random.Random(6)
    builder = eventually(lambda: children(process).get("builder"))
    visitor = log_in(address, mailbox)

    for _ in range(3):
        time.sleep(chance.random() * 0.5)
        os.kill(builder, signal.SIGKILL)
        assert visitor.get("/").status == 200
        builder = eventually(partial(next_builder, process, builder))
    visitor = log_in(address, mailbox)

    eventually(lambda: shows_gone(visitor))
    assert wrong(mailbox, tmp_path / "state/timeindex") == []


def test_signal_ends_everything(serving):
    process, address = serving
    eventually(lambda: "builder" in children(process))
    below = children(process)

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert not answers(int(address.rpartition(":")[2]))
    assert [pid for pid in below.values() if Path(f"/proc/{pid}").exists()] == []


def test_end_of_the_web_server_ends_everything(serving):
    process, _ = serving
    eventually(lambda: "builder" in children(process))
    below = children(process)

    os.kill(below["web"], signal.SIGKILL)

    assert process.wait(timeout=PATIENCE_SECONDS) == -signal.SIGKILL % 256
    assert not Path(f"/proc/{below['builder']}").exists()


@contextmanager
def another_builder(settings_of_site):
    command = [sys.executable, str(ROOT / "manage.py"), "builder"]
    process = subprocess.Popen(command, env=settings_of_site)
    try:
        yield
    finally:
        process.kill()
        process.wait()


@needs_evidence
def test_second_builder_waits_and_takes_over(serving, settings_of_site, mailbox, tmp_path):
    process, address = serving
    first = eventually(lambda: children(process).get("builder"))

    with another_builder(settings_of_site):
        visitor = log_in(address, mailbox)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: shows_gone(visitor))

    assert wrong(mailbox, tmp_path / "state/timeindex") == []


@contextmanager
def no_room(directory):
    """Let nothing be written to a directory."""
    aside = directory.with_name("aside")
    directory.mkdir(exist_ok=True)
    directory.rename(aside)
    directory.write_text("")
    yield
    directory.unlink()
    aside.rename(directory)


def test_pages_stand_while_no_index_can_be_written(serving, mailbox, tmp_path):
    with no_room(tmp_path / "state/timeindex"):
        visitor = log_in(serving[1], mailbox)
        assert b"119" in visitor.get("/").content

    visitor = log_in(serving[1], mailbox)
    eventually(lambda: shows_gone(visitor))
    assert wrong(mailbox, tmp_path / "state/timeindex") == []


def test_figures_of_all_processes_are_added_up(settings_of_site, mailbox):
    port = free_port()
    request = Request(f"http://{LOOPBACK}:{port}/metrics", headers={"Authorization": "Bearer collect"})
    with site.running(settings_of_site | {"MTM_METRICS_TOKEN": "collect"}, port=port):
        visitor = log_in(f"http://{LOOPBACK}:{port}", mailbox)

        def figures():
            with build_opener(ProxyHandler({})).open(request) as answer:
                return answer.read().decode()

        eventually(lambda: 'mtm_index_slice_seconds_count{outcome="done"}' in figures())
        eventually(lambda: shows_gone(visitor))

        assert 'mtm_actions_total{action="login",result="ok"} 1.0' in figures()
        assert 'mtm_nights{state="available"} 4.0' in figures()
