"""The demo over a Dovecot that serves its nights: the lists it has over the mounted Maildirs."""

import re
from datetime import datetime

import pytest

from demo import imap_server, site, snapshot_server
from demo.ports import LOOPBACK, free_port
from demo.provider import TIME_ZONE
from demo.story import OWNER
from tests import dovecot
from tests.running_site import Visitor

PASSWORD = "lotto-tre"
MESSAGE = re.compile(rb'href="(/[\d-]+/[^/"]+/[A-Za-z0-9_-]{12}/)')
FOLDER = re.compile(rb'href="(/[\d-]+/(?:sent|trash|junk|f-[A-Za-z0-9_-]{12})/)"')


@pytest.fixture
def made(tmp_path):
    directory = tmp_path / "made"
    site.prepare(directory, datetime.now(TIME_ZONE).date())
    return directory


def seen(settings):
    """Return the messages on the first page of every folder that is shown, and what opening one of each answers."""
    port = free_port()
    with site.running(settings, port=port):
        owner = Visitor(f"http://{LOOPBACK}:{port}")
        inbox = owner.log_in(OWNER, PASSWORD).content
        folders = sorted({address.decode() for address in FOLDER.findall(inbox)})
        lists = [MESSAGE.findall(page) for page in (inbox, *(owner.get(folder).content for folder in folders))]
        return lists, [owner.get(messages[0].decode()).status for messages in lists if messages]


def test_demo_over_imap_has_the_messages_it_has_over_maildir(made):
    dovecot.require_dovecot()
    ours = {"DJANGO_SETTINGS_MODULE": "mtm.settings"}
    with imap_server.running({OWNER: PASSWORD}) as imap_url, snapshot_server.running(made) as served:
        settings = site.environment(made, imap_url=imap_url) | ours
        expected = seen(settings)
        told = seen(settings | served)

    lists, statuses = expected
    assert len(lists) > 3
    assert set(statuses) == {200}
    assert told == expected


def test_demo_without_dovecot_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(dovecot, "BINARY", None)

    with pytest.raises(site.NotStarted, match="make deps"), snapshot_server.running(tmp_path):
        pass
