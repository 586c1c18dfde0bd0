"""The live Maildirs beside the snapshots: what is there now, whoever is at work on it."""

from datetime import UTC, date, datetime

import pytest

from snapshots.accounts import BadTemplate, LivePath, parse_address
from snapshots.engines.maildir import LiveMaildirs
from snapshots.errors import EngineUnavailable, MailboxNotFound
from snapshots.live import now_of
from snapshots.types import Role, token
from tests.served import ALICE

ACCOUNT = parse_address(ALICE)
MORNING = datetime(2026, 11, 21, 8, tzinfo=UTC)
DAY = date(2026, 11, 21)


@pytest.fixture
def live(provider):
    night = provider.mailbox(ALICE).night(DAY)
    night.message("uno")
    night.message("due", folder="Cestino")
    return provider.mailbox(ALICE).live()


@pytest.fixture
def maildirs(provider):
    return LiveMaildirs(LivePath.parse(provider.live_setting()["MTM_LIVE_PATH"]))


def look(maildirs):
    with maildirs.open(ACCOUNT) as reader:
        return now_of(reader, lambda: MORNING)


def test_names_are_those_of_the_live_mailbox(live, maildirs):
    new = live.message("arrivato adesso", new=True)

    now = look(maildirs)

    assert now.taken_at == MORNING
    assert token(new.guid) in now.folders["INBOX"].messages
    assert (len(now.folders["Cestino"].messages), now.folders["Cestino"].role) == (1, Role.TRASH)


def test_next_look_sees_what_changed_since(live, maildirs):
    look(maildirs)

    new = live.message("arrivato adesso")

    assert token(new.guid) in look(maildirs).folders["INBOX"].messages


def test_looking_changes_nothing(live, maildirs, provider, unchanged):
    unchanged(provider)

    look(maildirs)


class Restless:
    """A mailbox that another program is at work on: each listing tells another name, `changes` times."""

    def __init__(self, reader, changes):
        self._reader = reader
        self._changes = changes

    def __getattr__(self, name):
        return getattr(self._reader, name)

    def records(self, folder):
        self._changes -= 1
        return [*self._reader.records(folder), f"170000000{self._changes}.x.example"] if self._changes > 0 else []


def test_mailbox_at_work_is_listed_until_two_listings_agree(live, maildirs):
    with maildirs.open(ACCOUNT) as reader:
        now = now_of(Restless(reader, changes=3), lambda: MORNING)

    assert {folder: list(found.messages) for folder, found in now.folders.items()} == {"INBOX": [], "Cestino": []}


def test_mailbox_that_never_rests_is_not_told(live, maildirs):
    with maildirs.open(ACCOUNT) as reader, pytest.raises(EngineUnavailable):
        now_of(Restless(reader, changes=99), lambda: MORNING)


def test_folder_that_cannot_be_read_leaves_everything_untold(live, maildirs):
    cur = live.directory("Cestino") / "cur"
    cur.rename(cur.with_name("aside"))
    cur.write_text("")

    with pytest.raises(EngineUnavailable):
        look(maildirs)


def test_mailbox_that_is_not_there_is_told_so(provider, maildirs):
    with pytest.raises(MailboxNotFound):
        look(maildirs)


@pytest.mark.parametrize(
    "text", ["mail/{user}", "/mail/.snapshot/{snapshot}/{user}", "/mail/Maildir", "/mail/../{user}", "/m/{user.a}"]
)
def test_path_that_could_be_anywhere_is_refused(text):
    with pytest.raises(BadTemplate):
        LivePath.parse(text)
