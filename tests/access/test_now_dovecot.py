"""What is gone now, against a real Dovecot: the live mailbox changes, and the next login tells by how much."""

import itertools
from datetime import date

import pytest

from access.login import log_in
from snapshots import configured
from snapshots.catalogue import FateKind
from snapshots.imap import ImapUrl, check_login
from snapshots.now import NamedBy
from snapshots.types import token
from tests.dovecot import PASSWORD, running

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 22)
# Dovecot delays whoever was wrong before, by address: each test comes from its own.
clients = (f"203.0.113.{number}" for number in itertools.count(10))


@pytest.fixture(scope="module", params=["maildir++", "fs"])
def layout(request):
    return request.param


@pytest.fixture(scope="module")
def server():
    with running(trusted_networks="127.0.0.0/8") as server:
        yield server


@pytest.fixture
def mailbox(server, provider, layout):
    """A mailbox on the server whose newest night is a copy of it: 11 messages, a folder of 20, 4 in the trash."""
    mailbox = provider.mailbox(f"alice{len(server.passwords)}@example.com", layout=layout)
    night = mailbox.night(DAY)
    for number in range(10):
        night.message(f"lettera {number}")
    night.copy(night.message("con una copia"), "INBOX")
    for number in range(20):
        night.message(f"cantiere {number}", folder="Cantieri/Lotto è 3")
    for number in range(4):
        night.message(f"buttata {number}", folder="Trash")
    server.add_user(mailbox.address, copy_of=night.path, layout=layout)
    return mailbox


@pytest.fixture
def after(mailbox, server, site, settings):
    """Give a function that logs in, lets the builder come by, and opens what is known then."""
    settings.MTM_IMAP_URL = server.url
    site(mailbox.provider)

    def log_in_and_open(request):
        owner = log_in(request, address=mailbox.address, password=PASSWORD)
        while not configured.archive().build_index(owner.account, guids=owner.guids):
            continue
        return configured.archive().open_history(owner.account, guids=owner.guids)

    return log_in_and_open


def kinds(gone):
    return {kind: count for kind, count in gone.counts.items() if count}


def test_untouched_mailbox_has_lost_nothing(after, request_from):
    with after(request_from(next(clients))) as history:
        assert history.reference().moment is not None
        assert kinds(history.gone(DAY)) == {}


def test_deleted_moved_and_emptied_are_told_apart(mailbox, server, after, request_from):
    client = server.client(mailbox.address)
    client.select_folder("INBOX")
    client.delete_messages([1, 2, 3], silent=True)
    client.expunge()
    client.create_folder("Fatture")
    client.move([4, 5], "Fatture")
    client.select_folder("Trash")
    client.delete_messages(client.search("ALL"), silent=True)
    client.expunge()
    client.unselect_folder()
    client.delete_folder("Cantieri/Lotto è 3")

    with after(request_from(next(clients))) as history:
        gone = history.gone(DAY)
        moved = history.gone(DAY, kind=FateKind.MOVED)

    assert kinds(gone) == {FateKind.GONE: 23, FateKind.MOVED: 2, FateKind.CLEARED: 4}
    assert [row.fate.folder.name for group in moved.groups for row in group.rows] == ["Fatture", "Fatture"]
    assert {group.folder.name: group.is_vanished for group in gone.groups} == {
        "INBOX": False,
        "Cantieri/Lotto è 3": True,
        "Trash": False,
    }


def test_message_in_the_trash_and_back_is_followed(mailbox, server, after, request_from):
    client = server.client(mailbox.address)
    client.select_folder("INBOX")
    client.move([1], "Trash")

    with after(request_from(next(clients))) as history:
        assert kinds(history.gone(DAY)) == {FateKind.TRASHED: 1}

    client.select_folder("Trash")
    client.move(client.search("ALL")[-1:], "INBOX")
    with after(request_from(next(clients))) as history:
        assert kinds(history.gone(DAY)) == {}


def test_nothing_is_marked_as_read(mailbox, server, after, request_from):
    client = server.client(mailbox.address)
    client.append("INBOX", b"Subject: nuova\n\nciao\n")

    after(request_from(next(clients))).close()

    client.select_folder("INBOX", readonly=True)
    assert client.search("UNSEEN")
    assert client.search("RECENT")


def test_names_are_guids(mailbox, server):
    url = ImapUrl.parse(server.url)
    with check_login(url, user=mailbox.address, password=PASSWORD, client_address=next(clients)) as live:
        now = live.names(timeout_seconds=5)

    placements = mailbox.night(DAY).folders["INBOX"].placements
    assert now is not None
    assert now.named_by is NamedBy.GUID
    assert sorted(now.folders["INBOX"].messages) == sorted(token(each.message.guid) for each in placements)


def test_time_that_runs_out_leaves_nothing_told(mailbox, server):
    url = ImapUrl.parse(server.url)
    with check_login(url, user=mailbox.address, password=PASSWORD, client_address=next(clients)) as live:
        assert live.names(timeout_seconds=0) is None
