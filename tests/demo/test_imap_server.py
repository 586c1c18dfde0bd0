from datetime import UTC, datetime

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from demo import imap_server
from demo.ports import LOOPBACK, answers, free_port
from snapshots.imap import ImapUrl, check_login
from snapshots.now import NamedBy
from snapshots.types import token

USERS = {"giulia@studiorossi.example": "però così", "luca@studiorossi.example": "altra"}


@pytest.fixture(scope="module")
def port():
    port = free_port()
    with imap_server.running(USERS, port=port):
        yield port


@pytest.fixture
def client(port):
    with IMAPClient(LOOPBACK, port, ssl=False) as client:
        yield client


@pytest.mark.parametrize("address", USERS)
def test_each_user_logs_in_with_their_own_password(client, address):
    assert client.plain_login(address, USERS[address])


def test_wrong_password_is_refused(client):
    with pytest.raises(LoginError):
        client.plain_login("giulia@studiorossi.example", "altra")


def test_restored_message_is_kept_with_its_date_and_flags(client):
    client.plain_login("giulia@studiorossi.example", USERS["giulia@studiorossi.example"])
    client.normalise_times = False
    received = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)

    client.append("INBOX", b"Subject: x\r\n\r\nciao\r\n", [b"\\Seen"], received)
    client.select_folder("INBOX")
    [values] = client.fetch(client.search(), ["INTERNALDATE", "FLAGS"]).values()

    assert values[b"INTERNALDATE"] == received
    assert b"\\Seen" in values[b"FLAGS"]


def test_names_of_a_server_without_guids_are_its_message_ids(port):
    user, password = "luca@studiorossi.example", USERS["luca@studiorossi.example"]
    with IMAPClient(LOOPBACK, port, ssl=False) as client:
        client.plain_login(user, password)
        client.create_folder("Fatture")
        client.append("Fatture", b"Message-ID:\r\n <a.long@one.example>\r\nSubject: x\r\n\r\nciao\r\n")
        client.append("Fatture", b"Subject: senza\r\n\r\nciao\r\n")

    with check_login(ImapUrl.parse(f"imap://{LOOPBACK}:{port}"), user=user, password=password) as live:
        now = live.names(timeout_seconds=10)

    assert now is not None
    assert now.named_by is NamedBy.HEADER
    assert list(now.folders["Fatture"].messages) == [token("<a.long@one.example>")]


def test_server_is_gone_when_its_block_ends():
    port = free_port()

    with imap_server.running(USERS, port=port) as url:
        answered = answers(port)

    assert url == f"imap://127.0.0.1:{port}"
    assert answered
    assert not answers(port)
