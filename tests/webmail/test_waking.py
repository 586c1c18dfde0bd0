"""Pages wake the builder of their reader's index, once a minute, and stand without it."""

import os
import time
from datetime import timedelta

import pytest

from snapshots import configured, tasks
from snapshots.accounts import parse_address
from tests.served import ALICE

DAY = "2026-11-21"
ACCOUNT = parse_address(ALICE)


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path):
    settings.MTM_STATE_DIR = tmp_path / "state"
    configured.forget()
    yield
    configured.forget()


@pytest.fixture
def night(provider, site):
    lost = provider.mailbox(ALICE).night("2026-11-20").message("perso")
    night = provider.mailbox(ALICE).night(DAY).delete(lost)
    night.message("uno")
    provider.mailbox(ALICE).live()
    site(provider)
    return night


def file():
    return configured.archive().index_file(ACCOUNT)


def an_hour_ago(path):
    os.utime(path, (time.time() - 3600,) * 2)


def work_off(wake_ups):
    while wake_ups:
        each = wake_ups.pop(0)
        each.task.call(*each.args, **each.kwargs)


def test_page_without_an_index_wakes_the_builder(alice, night, wake_ups):
    alice.get(f"/{DAY}/")

    account = {"user": "alice", "domain": "example.com", "variables": {}}
    assert [each.kwargs for each in wake_ups] == [{"account": account, "guids": None}]


def test_pages_of_one_minute_wake_it_once(alice, night, wake_ups):
    for _ in range(3):
        alice.get(f"/{DAY}/")

    assert len(wake_ups) == 1


def test_wake_up_that_got_lost_is_sent_again(alice, night, wake_ups):
    alice.get(f"/{DAY}/")
    an_hour_ago(file().wake)

    alice.get(f"/{DAY}/")

    assert len(wake_ups) == 2


def test_counts_stand_on_the_page_once_the_builder_came_by(alice, night, wake_ups):
    before = alice.get("/2026-11-20/").content.decode()

    work_off(wake_ups)

    assert "1 messaggio sparito" not in before
    assert "1 messaggio sparito" in alice.get("/2026-11-20/").content.decode()


def test_finished_index_wakes_nobody(alice, night, wake_ups):
    alice.get(f"/{DAY}/")
    work_off(wake_ups)
    an_hour_ago(file().wake)

    assert alice.get(f"/{DAY}/").status_code == 200
    assert wake_ups == []


def test_new_night_wakes_the_builder(alice, night, provider, unchanged, wake_ups):
    alice.get(f"/{DAY}/")
    work_off(wake_ups)
    an_hour_ago(file().wake)
    provider.mailbox(ALICE).night("2026-11-22")
    unchanged(provider)
    configured.forget()  # The nights of a volume are remembered for a moment.

    alice.get(f"/{DAY}/")

    assert len(wake_ups) == 1


def test_damaged_index_wakes_the_builder_and_the_page_is_listed(alice, night, wake_ups):
    alice.get(f"/{DAY}/")
    work_off(wake_ups)
    an_hour_ago(file().wake)
    file().path.write_bytes(b"not a database")

    page = alice.get(f"/{DAY}/")

    assert b"uno" in page.content
    assert len(wake_ups) == 1


def test_look_at_the_live_mailbox_lasts_a_minute(alice, night, provider, settings, monkeypatch, wake_ups):
    settings.MTM_LIVE_PATH = provider.live_setting()["MTM_LIVE_PATH"]
    configured.forget()
    alice.get(f"/{DAY}/")
    work_off(wake_ups)
    an_hour_ago(file().wake)
    alice.get(f"/{DAY}/")
    woken_at_once = len(wake_ups)

    monkeypatch.setattr("snapshots.archive.NOW_LASTS", timedelta(seconds=-1))
    alice.get(f"/{DAY}/")

    assert (woken_at_once, len(wake_ups)) == (0, 1)


def test_builder_comes_back_until_it_is_done(night, wake_ups, monkeypatch):
    slices = iter([False, False, True])
    monkeypatch.setattr(type(configured.archive()), "build_index", lambda *args, **options: next(slices))

    tasks.wake_builder(ACCOUNT, None)
    work_off(wake_ups)

    assert list(slices) == []


def test_storage_that_does_not_answer_ends_the_slice_and_no_more(provider, settings, wake_ups):
    settings.MTM_SNAPSHOT_PATH = ["/nonexistent/.snapshot/{snapshot}/{domain}/{user}/Maildir"]
    configured.forget()

    tasks.wake_builder(ACCOUNT, None)
    work_off(wake_ups)

    assert wake_ups == []
