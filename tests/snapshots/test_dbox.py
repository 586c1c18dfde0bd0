"""Mailboxes that Dovecot keeps as mdbox or sdbox are refused by name, never shown as empty."""

import shutil

import pytest

from mtm.doctor import nights
from snapshots.accounts import parse_address
from snapshots.errors import NotMaildir
from tests.dovecot import PASSWORD, give_to_mail_user
from tests.mtm.doctor.words import told
from tests.served import ALICE, TODAY, archive_over, sign_in
from tests.snapshots.given import imap_engine

ACCOUNT = parse_address(ALICE)


@pytest.fixture(params=["mdbox", "sdbox"])
def night(request, provider, dovecot):
    """A night whose mailbox a real Dovecot wrote in its own format, with one message."""
    night = provider.mailbox(ALICE).night(TODAY)
    address = f"{request.param}@dbox.example"
    home = dovecot.directory / "mail" / address
    if address not in dovecot.passwords:
        home.mkdir()
        give_to_mail_user(home)
        line = f"{address}:{PASSWORD}::::{home}::userdb_mail={request.param}:{home}\n"
        (dovecot.directory / "users" / address).write_text(line)
        dovecot.passwords[address] = PASSWORD
        dovecot.client(address).append("INBOX", b"Subject: c'\xc3\xa8 posta\r\n\r\nciao\r\n")
    shutil.rmtree(night.path)
    shutil.copytree(home, night.path)
    return night


def test_mounted_dbox_is_no_maildir(provider, night, unchanged):
    archive = archive_over(unchanged(provider))

    with pytest.raises(NotMaildir):
        archive.open_mailbox(ACCOUNT, night.day)


def test_dbox_behind_the_server_is_no_maildir(provider, night, snapshot_dovecot, unchanged):
    engine = imap_engine(snapshot_dovecot, unchanged(snapshot_dovecot.serve(provider)))

    with pytest.raises(NotMaildir):
        engine.open(ACCOUNT, engine.nights(None)[-1])


def test_other_nights_are_proved_all_the_same(provider, night, unchanged):
    other = provider.mailbox(ALICE).night("2026-11-21", empty=True)
    archive = archive_over(unchanged(provider))

    assert list(archive.inbox_guids(ACCOUNT)) == [other.day]


@pytest.mark.django_db
def test_page_says_what_it_is(client, provider, night, site):
    site(provider)

    response = sign_in(client).get(f"/{TODAY}/inbox/")

    assert response.status_code == 503
    assert "non è un Maildir" in response.content.decode()


def test_doctor_says_what_it_is(provider, night, site):
    site(provider)

    assert told(nights.mailbox(ACCOUNT)) == f"{TODAY}: what lies there is no Maildir"
