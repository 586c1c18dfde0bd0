"""`manage.py snapshots`: the nights, and what an account's mailbox holds on each."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from snapshots import configured
from tests.served import ALICE
from tests.snapshots.timeindex.given import break_folder


def told(*arguments):
    out = StringIO()
    call_command("snapshots", *arguments, stdout=out)
    return [line.split() for line in out.getvalue().splitlines()]


@pytest.fixture
def nights(provider, site):
    mailbox = provider.mailbox(ALICE)
    lost = mailbox.night("2026-11-15").message("perso")
    mailbox.night("2026-11-20").delete(lost).message("nuovo")
    mailbox.night("2026-11-21").message("in una cartella rotta", folder="Clienti")
    break_folder(mailbox.night("2026-11-21"), "Clienti")
    site(provider)


def test_platform_s_nights_are_told_with_their_state(nights):
    lines = told()

    assert lines[0] == ["day", "state", "taken", "snapshot"]
    assert lines[1][:3] == ["2026-11-15", "expires", "tonight"]
    assert lines[1][3:] == ["2026-11-15", "00:00+01:00", "nightly.2026-11-15_0000"]
    assert lines[2] == ["2026-11-16", "missing", "-", "-"]
    assert lines[-1][:2] == ["2026-11-22", "preparing"]


def test_account_s_nights_tell_what_they_hold(nights):
    lines = {line[0]: line[1:] for line in told(ALICE)}

    taken = ["2026-11-20", "00:00+01:00"]
    assert lines["2026-11-20"] == ["listed", *taken, "1", "0.0", "1", "1", "2026-11-27", "-"]
    assert lines["2026-11-16"] == ["missing", "-", "-", "-", "-", "-", "2026-11-23", "-"]
    assert (lines["2026-11-21"][0], lines["2026-11-21"][-1]) == ("partly", "Clienti")


def test_account_of_no_night_is_absent_on_each(nights):
    assert {line[1] for line in told("charlie@example.com")[1:]} == {"absent", "missing", "pending"}


def test_what_is_no_address_is_refused(nights):
    with pytest.raises(CommandError, match="no account's address"):
        told("nobody")


def test_storage_that_is_not_there_is_told(settings, site, provider):
    site(provider)
    settings.MTM_SNAPSHOT_PATH = ["/nonexistent/.snapshot/{snapshot}/{domain}/{user}/Maildir"]
    configured.forget()

    with pytest.raises(CommandError, match="/nonexistent"):
        told(ALICE)
