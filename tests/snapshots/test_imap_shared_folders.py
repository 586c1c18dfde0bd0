"""What everybody may copy into a mailbox proves nothing of whose it is: against a real Dovecot."""

import pytest

from snapshots.imap import ImapUrl, check_login
from tests.dovecot import PASSWORD, running

PUBLIC = """
namespace public {{
  type = public
  prefix = Public/
  separator = /
  location = maildir:{directory}/mail/public
  subscriptions = no
}}
"""
ANNA, BRUNO = "anna@example.com", "bruno@example.com"


@pytest.fixture(scope="module")
def server():
    with running(more=PUBLIC) as server:
        server.add_user(ANNA)
        server.add_user(BRUNO)
        (server.directory / "mail").chmod(0o777)
        server.client(ANNA).create_folder("Public/Notices")
        yield server


def guid_of_first(client, folder):
    client.select_folder(folder, readonly=True)
    return client.fetch([1], ["X-GUID"])[1][b"X-GUID"].decode()


def shares(server, address, guid):
    with check_login(ImapUrl.parse(server.url), user=address, password=PASSWORD) as live:
        return live.shares_guids([guid])


def test_copy_of_a_public_message_is_no_proof(server):
    anna, bruno = server.client(ANNA), server.client(BRUNO)
    anna.append("Public/Notices", b"Subject: to all\r\n\r\nx\r\n")
    for client in (anna, bruno):
        client.select_folder("Public/Notices", readonly=True)
        client.copy([1], "INBOX")

    guid = guid_of_first(anna, "INBOX")

    assert guid == guid_of_first(bruno, "INBOX")
    assert not shares(server, BRUNO, guid)


def test_message_of_one_s_own_is_proof_beside_public_folders(server):
    anna = server.client(ANNA)
    anna.create_folder("Private")
    anna.append("Private", b"Subject: mine\r\n\r\nx\r\n")

    guid = guid_of_first(anna, "Private")

    assert shares(server, ANNA, guid)
    assert not shares(server, BRUNO, guid)


def test_folders_of_others_are_not_among_the_names_of_now(server):
    with check_login(ImapUrl.parse(server.url), user=ANNA, password=PASSWORD) as live:
        now = live.names(timeout_seconds=5)

    assert now is not None
    assert "INBOX" in now.folders
    assert [name for name in now.folders if name.startswith("Public")] == []
