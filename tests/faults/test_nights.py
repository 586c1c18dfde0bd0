"""Nights that move or go away while they are read: the right day's bytes, or a word that they are gone."""

import http.client
import threading
from contextlib import contextmanager
from urllib.parse import urlencode

import pytest

from demo import site
from demo.ports import LOOPBACK, free_port
from demo.provider import Provider
from snapshots.types import message_id
from tests.faults.stage import ANNA, MESSAGES, NIGHTS, OTHER_FOLDER, STORAGE_SILENT, eventually, standing
from tests.running_site import TOKEN, Visitor, environment, real_today
from tests.scale import needs_evidence

pytestmark = needs_evidence

LOOKS = 60
A_LITTLE = 1000
DAY_CHOICE = b'name="day"'


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with standing(tmp_path_factory.mktemp("nights")) as stage:
        yield stage


@contextmanager
def moving(path):
    """Rename a directory away and back again and again until the block ends."""
    over = threading.Event()

    def move():
        aside = path.with_name("aside")
        while not over.wait(0.01):
            path.rename(aside)
            aside.rename(path)

    mover = threading.Thread(target=move)
    mover.start()
    try:
        yield
    finally:
        over.set()
        mover.join()


def test_mount_that_is_away_is_told_and_comes_back(stage):
    snapshots = stage.anna.volume / ".snapshot"
    snapshots.rename(snapshots.with_name("unmounted"))

    away, other = stage.anna.get(), stage.carla.get()
    snapshots.with_name("unmounted").rename(snapshots)

    assert (away.status, STORAGE_SILENT in away.content.decode()) == (503, True)
    assert other.status == 200
    eventually(stage.anna.is_served_truly)


def test_site_starts_without_its_mount_and_finds_it_when_it_comes(tmp_path):
    provider = Provider(tmp_path / "provider")
    provider.mailbox(ANNA).night(real_today()).message("Contratto")
    (tmp_path / "state").mkdir()
    (tmp_path / "secret-key").write_text("k" * 50)
    settings, port = environment(tmp_path, "imap://127.0.0.1:1"), free_port()
    provider.volume.rename(tmp_path / "not mounted")
    with site.running(settings, port=port):
        visitor = Visitor(f"http://{LOOPBACK}:{port}")
        before = visitor.get("/login/")
        (tmp_path / "not mounted").rename(provider.volume)
        eventually(lambda: DAY_CHOICE in visitor.get("/login/").content)

    assert (before.status, DAY_CHOICE in before.content) == (200, False)


def test_night_that_moves_while_it_is_read_is_shown_whole_or_told_missing(stage):
    with moving(stage.anna.mailbox.provider.snapshot(stage.anna.day)):
        looks = [stage.anna.get() for _ in range(LOOKS)]
        before = stage.anna.get(f"/{min(stage.anna.mailbox.by_day)}/")

    shown = [answer.content.count(b'name="message"') for answer in looks if answer.status == 200]
    assert set(shown) <= {MESSAGES}
    assert {answer.status for answer in looks} <= {200, 404, 410, 503}
    assert (before.status, before.content.count(b'name="message"')) == (200, MESSAGES // NIGHTS)
    eventually(stage.anna.is_served_truly)


def test_night_deleted_under_a_download_breaks_it_off_and_is_told(stage):
    day = min(stage.carla.mailbox.by_day)
    [long] = stage.carla.mailbox.by_day[day].folders[OTHER_FOLDER].placements
    others = stage.carla.mailbox.by_day[day].folders["INBOX"].placements
    wanted = [message_id(each.message.guid, 0) for each in (long, *others)]

    with downloading(stage.carla, day, wanted) as answer:
        answer.read(A_LITTLE)
        stage.carla.mailbox.provider.lose(day)
        with pytest.raises(http.client.IncompleteRead):
            answer.read()

    assert eventually(lambda: stage.carla.get(f"/{day}/").status in (404, 410))
    assert stage.carla.is_served_truly()
    assert stage.anna.is_served_truly()


@contextmanager
def downloading(person, day, messages):
    """Begin a download, and give the answer before it is read."""
    [token, *_] = TOKEN.findall(person.get(f"/{day}/").content.decode())
    form = {"message": messages, "format": "mbox", "csrfmiddlewaretoken": token}
    url = f"{person.visitor.site}/{day}/download/"
    with person.visitor.opener.open(url, urlencode(form, doseq=True).encode(), timeout=60) as answer:
        yield answer
