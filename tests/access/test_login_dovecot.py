"""Logging in against a real Dovecot: the password's alphabet, the reader's address, whose nights they are."""

import itertools
from datetime import date

import pytest

from access.login import WrongPassword, log_in
from snapshots import configured
from snapshots.accounts import AddressBook
from snapshots.imap import ImapUrl
from tests.dovecot import PASSWORD, running

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 11, 16)
MESSAGE = "1700000000.M1P1.example"
# Dovecot delays whoever was wrong before, by address: each test comes from its own.
clients = (f"203.0.113.{number}" for number in itertools.count(10))


@pytest.fixture(scope="module")
def server():
    with running(trusted_networks="127.0.0.0/8") as server:
        yield server


@pytest.fixture
def address(server, tmp_path, monkeypatch):
    """A mailbox with one message on the server that the site asks."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    (tmp_path / "Maildir" / "cur" / f"{MESSAGE}:2,").write_bytes(b"Subject: one\n\nBody\n")
    address = f"alice{len(server.passwords)}@example.com"
    server.add_user(address, copy_of=tmp_path / "Maildir")
    monkeypatch.setattr(configured, "address_book", AddressBook)
    monkeypatch.setattr(configured, "live_server", lambda: ImapUrl.parse(server.url))
    return address


def test_owner_is_told_by_the_inbox_s_guid(address, nights, request_from):
    owner = log_in(request_from(next(clients)), address=address, password=PASSWORD)

    assert owner.guids is not None
    assert len(owner.guids) == 1


def test_predecessor_s_night_stays_closed(address, nights, request_from):
    nights.guids, nights.messages = {MONDAY: "predecessor"}, {MONDAY: ["1600000000.M9P9.example"]}

    owner = log_in(request_from(next(clients)), address=address, password=PASSWORD)

    assert owner.guids is not None
    assert "predecessor" not in owner.guids


def test_repaired_index_locks_nobody_out(address, nights, request_from):
    nights.guids, nights.messages = {MONDAY: "before-the-repair"}, {MONDAY: [MESSAGE]}

    owner = log_in(request_from(next(clients)), address=address, password=PASSWORD)

    assert owner.guids is not None
    assert "before-the-repair" in owner.guids


def test_wrong_password_is_the_server_s_own_answer(address, nights, request_from):
    client = next(clients)

    with pytest.raises(WrongPassword):
        log_in(request_from(client), address=address, password="wrong")
