"""Whatever breaks in the middle of a restore: it is gone on with, and every message comes exactly once."""

import random
from collections import Counter
from functools import partial

import pytest
from django.db import OperationalError

from restores import journal, run, work
from restores.models import Problem, State, Target
from restores.states import By
from snapshots import configured
from tests.restores.conftest import DAY, asked, emptied, owner, restored, run_of
from tests.restores.live_mail import counts, live_state
from tests.restores.meddling import Cut, before
from tests.scale import IS_WHOLE

pytestmark = pytest.mark.django_db

MESSAGES = 60
PLACES = ("before", "within", "unanswered", "unheard")
CUTS = 100 if IS_WHOLE else 8


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(run, "SETTLING_SECONDS", 0.3)


@pytest.fixture
def lost(provider, dovecot, mailbox):
    """A mailbox all of whose messages are gone, in batches of ten, and one that is still there."""
    alice = provider.mailbox(f"alice{len(dovecot.passwords)}@example.com")
    night = alice.night(DAY)
    for number in range(MESSAGES):
        night.message(f"Lettera {number}", folder="Clienti", text="ciao " * 50 * (number % 7), flags="S" * (number % 2))
    live = emptied(alice)
    live.message("Nuova", folder="Clienti")
    return mailbox(alice, live=live)


@pytest.fixture
def proxy(dovecot, settings, lost, monkeypatch):
    monkeypatch.setattr("restores.sending.MOST_MESSAGES", 10)
    with before(dovecot.port) as proxy:
        settings.MTM_IMAP_URL = proxy.url
        configured.live_server.cache_clear()
        yield proxy


def cut(command, place, chance):
    """Break a command off somewhere: before it, within it, before its answer, or after it."""
    size_bytes = len(command.data)
    at = {"before": 0, "within": chance.randrange(1, size_bytes)}.get(place, size_bytes)
    return Cut(at, waits=place == "unheard")


def came_once(dovecot, mailbox, before_it):
    """Tell whether all of the night lies there once, and what was there before lies there as it did."""
    after = live_state(dovecot, mailbox.address)
    new = Counter(lying.subject for key, lying in after.items() if key not in before_it)
    wanted = Counter(f"Lettera {number}" for number in range(MESSAGES))
    return new == wanted and {key: after.get(key) for key in before_it} == before_it


@pytest.mark.parametrize("number", range(CUTS))
def test_line_cut_anywhere_loses_and_doubles_nothing(lost, proxy, dovecot, number):
    chance = random.Random(number)
    place = PLACES[number % len(PLACES)]
    before_it = live_state(dovecot, lost.address)
    waiting = [chance.randrange(5)]

    def meddle(command):
        if command.name != "APPEND":
            return None
        waiting[0] -= 1
        return cut(command, place, chance) if waiting[0] == -1 else None

    proxy.meddle = meddle
    restore = restored(asked(owner(lost.address), target=Target.ORIGINAL), pauses_seconds=(0,) * 5)

    assert restore.state == State.DONE
    assert counts(restore) == {("restored", "", "verified"): MESSAGES}
    assert came_once(dovecot, lost, before_it)
    assert waiting[0] < -1


@pytest.mark.parametrize("place", PLACES)
def test_run_that_was_given_up_is_gone_on_with_by_the_next(lost, proxy, dovecot, place):
    before_it = live_state(dovecot, lost.address)
    commands: Counter[str] = Counter()

    def meddle(command):
        commands[command.name] += 1
        return cut(command, place, random.Random(1)) if command.name == "APPEND" and commands["APPEND"] > 2 else None

    proxy.meddle = meddle
    restore = asked(owner(lost.address), target=Target.ORIGINAL)
    with pytest.raises(work.Failed):
        restored(restore, pauses_seconds=())
    proxy.meddle = lambda command: None
    work.give_up(restore, Problem.UNREACHABLE, By())
    state_between = restore.state
    restored(restore)

    assert (state_between, restore.state) == (State.PARTLY_DONE, State.DONE)
    assert came_once(dovecot, lost, before_it)


@pytest.mark.parametrize("after", [1, 3])
def test_database_that_fails_after_the_server_stored_doubles_nothing(lost, proxy, dovecot, monkeypatch, after):
    before_it = live_state(dovecot, lost.address)
    settled = []

    def fails(settle, batch, lines, uids):
        settled.append(batch)
        if len(settled) == after:
            raise OperationalError("the database went away")
        settle(batch, lines, uids)

    monkeypatch.setattr(journal, "settle", partial(fails, journal.settle))
    restore = asked(owner(lost.address), target=Target.ORIGINAL)
    with pytest.raises(OperationalError):
        restored(restore)
    run = run_of(restore)
    with work.handled(run):
        work.restore(run, By())

    assert restore.state == State.DONE
    assert came_once(dovecot, lost, before_it)


def test_message_that_always_breaks_the_line_is_named(lost, proxy, dovecot):
    proxy.meddle = lambda command: Cut(10) if command.name == "APPEND" and b"Lettera 33\n" in _lf(command) else None

    restore = restored(asked(owner(lost.address), target=Target.ORIGINAL), pauses_seconds=(0,) * 5)

    assert restore.state == State.PARTLY_DONE
    assert counts(restore) == {("restored", "", "verified"): MESSAGES - 1, ("failed", "server-trouble", ""): 1}


def test_what_goes_with_its_folder_meanwhile_is_named_and_the_rest_comes_once(lost, proxy, dovecot):
    waiting = [2]

    def remake():
        client = dovecot.client(lost.address)
        client.delete_folder("Clienti")
        client.create_folder("Clienti")

    def meddle(command):
        waiting[0] -= command.name == "APPEND"
        is_it = command.name == "APPEND" and waiting[0] == 0
        return Cut(len(command.data), waits=True, then=remake) if is_it else None

    proxy.meddle = meddle
    restore = restored(asked(owner(lost.address), target=Target.ORIGINAL), pauses_seconds=(0,) * 5)

    assert restore.state == State.PARTLY_DONE
    assert counts(restore) == {("restored", "", "missing"): 10, ("restored", "", "verified"): MESSAGES - 10}
    assert Counter(lying.subject for lying in live_state(dovecot, lost.address).values()).most_common(1)[0][1] == 1


def test_cancelled_restore_stops_before_its_next_batch(lost, proxy, dovecot):
    restore = asked(owner(lost.address), target=Target.ORIGINAL)

    def cancel(now):
        type(restore).objects.update(is_cancelling=True)

    restored(restore, told=cancel)

    assert restore.state == State.CANCELLED
    assert counts(restore) == {("restored", "", ""): 10, ("waiting", "", ""): MESSAGES - 10}


def _lf(command):
    return command.data.replace(b"\r\n", b"\n")
