"""Real workers, killed, cut off, or several at once: every message comes once, and what was there stays as it was."""

import random
import signal
import time
from collections import Counter

import pytest

from tests.dovecot import running
from tests.postgresql import running as running_postgresql
from tests.restores.conftest import emptied
from tests.restores.elsewhere import MASTERS, let_in, site
from tests.restores.live_mail import live_state
from tests.restores.meddling import Cut, before
from tests.running_site import real_today
from tests.scale import needs_evidence, part

FOLDERS = ("Clienti", "Fornitori", "Inviati")
MESSAGES = 60
PATIENCE_SECONDS = 120
PLACES = part(("unheard", "before", "within", "unanswered"), 4)


@pytest.fixture(scope="module")
def server():
    """A live server whose master user may come for everybody."""
    with running(more=MASTERS) as server:
        let_in(server)
        yield server


@pytest.fixture(scope="module")
def proxy(server):
    with before(server.port) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def postgresql():
    with running_postgresql() as postgresql:
        yield postgresql


@pytest.fixture(scope="module")
def over_sqlite(tmp_path_factory, proxy):
    return site(tmp_path_factory.mktemp("sqlite"), proxy.url)


@pytest.fixture(scope="module")
def over_postgresql(tmp_path_factory, proxy, postgresql):
    return site(tmp_path_factory.mktemp("postgresql"), proxy.url, MTM_DATABASE_URL=postgresql.url)


@pytest.fixture
def sqlite(over_sqlite):
    yield over_sqlite
    over_sqlite.end_workers()


@pytest.fixture(params=["over_sqlite", "over_postgresql"])
def database(request):
    site = request.getfixturevalue(request.param)
    yield site
    site.end_workers()


def lost(site, server, proxy):
    """Return a mailbox all of whose messages are gone but one that came since; the proxy meddles with nothing."""
    proxy.meddle = lambda command: None
    alice = site.provider.mailbox(f"alice{len(server.passwords)}@example.com")
    night = alice.night(real_today())
    for number in range(MESSAGES):
        night.message(f"Lettera {number}", folder=FOLDERS[number % len(FOLDERS)], text="ciao " * 50 * (number % 7))
    live = emptied(alice)
    live.message("Nuova", folder=FOLDERS[0])
    server.add_user(alice.address, copy_of=live.path)
    return alice


def came_once(server, mailbox, before_it):
    after = live_state(server, mailbox.address)
    new = Counter(lying.subject for key, lying in after.items() if key not in before_it)
    wanted = Counter(f"Lettera {number}" for number in range(MESSAGES))
    return new == wanted and {key: after.get(key) for key in before_it} == before_it


def worked_off(site, *mailboxes):
    """Ask for mailboxes and wait until they are restored; a worker that ends is begun again, as `serve` does."""
    wanted = site.states()["done"] + len(mailboxes)
    site.ask(*(mailbox.address for mailbox in mailboxes))
    worker, until = site.begin("worker"), time.monotonic() + PATIENCE_SECONDS
    while site.states()["done"] < wanted:
        assert time.monotonic() < until, site.states()
        if worker.poll() is not None:
            worker = site.begin("worker")
        time.sleep(0.1)


def at(place, command, then):
    """Return a cut of a command at a place, and what happens then."""
    size_bytes = len(command.data)
    at_bytes = {"before": 0, "within": random.Random(size_bytes).randrange(1, size_bytes)}.get(place, size_bytes)
    return Cut(at_bytes, waits=place == "unheard", then=then)


def at_second_append(place, then):
    """Return what meddles with the second APPEND, and with nothing else."""
    seen: Counter[str] = Counter()

    def meddle(command):
        seen[command.name] += 1
        return at(place, command, then) if command.name == "APPEND" and seen["APPEND"] == 2 else None

    return meddle


@pytest.mark.parametrize("place", PLACES)
def test_killed_worker_is_taken_over_from(sqlite, server, proxy, place):
    mailbox = lost(sqlite, server, proxy)
    before_it = live_state(server, mailbox.address)
    proxy.meddle = at_second_append(place, lambda: sqlite.workers[-1].kill())

    worked_off(sqlite, mailbox)

    assert [worker.returncode for worker in sqlite.workers[:-1]] == [-signal.SIGKILL]
    assert came_once(server, mailbox, before_it)


def test_live_server_that_begins_anew_is_gone_on_with(sqlite, server, proxy):
    mailbox = lost(sqlite, server, proxy)
    before_it = live_state(server, mailbox.address)
    proxy.meddle = at_second_append("within", server.restart)

    worked_off(sqlite, mailbox)

    assert came_once(server, mailbox, before_it)


@needs_evidence
def test_database_that_begins_anew_is_gone_on_with(over_postgresql, postgresql, server, proxy):
    mailbox = lost(over_postgresql, server, proxy)
    before_it = live_state(server, mailbox.address)

    def restart():
        postgresql.stop()
        postgresql.start()

    proxy.meddle = at_second_append("unheard", restart)

    worked_off(over_postgresql, mailbox)
    over_postgresql.end_workers()

    assert came_once(server, mailbox, before_it)


def test_workers_at_once_run_each_request_once(database, server, proxy):
    mailboxes = [lost(database, server, proxy) for _ in range(2)]
    there = [live_state(server, mailbox.address) for mailbox in mailboxes]
    done = database.states()
    database.ask(*(mailbox.address for mailbox in mailboxes))

    looking = [database.begin("shell", "-c", "from restores.tasks import look; look.func()") for _ in range(2)]

    assert [process.wait(timeout=PATIENCE_SECONDS) for process in looking] == [0, 0]
    assert database.states() - done == {"received": 2, "taken-on": 2, "running": 2, "done": 2}
    assert all(came_once(server, mailbox, before_it) for mailbox, before_it in zip(mailboxes, there, strict=True))
