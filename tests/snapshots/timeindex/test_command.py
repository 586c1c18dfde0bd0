"""`manage.py timeindex`: compare, build anew, say how far it is."""

import sqlite3
from contextlib import closing
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from snapshots import configured
from snapshots.timeindex.store import IndexFile
from tests.served import ALICE
from tests.snapshots.timeindex.conftest import ACCOUNT


@pytest.fixture
def told(mailbox, site, provider, settings, tmp_path):
    """Give a function that runs the command over an indexed mailbox."""
    settings.MTM_STATE_DIR = tmp_path / "state"
    mailbox.night("2026-11-21").message("uno")
    site(provider)
    configured.archive().build_index(ACCOUNT, guids=right(mailbox))

    def run(what):
        out = StringIO()
        call_command("timeindex", what, ALICE, stdout=out)
        return out.getvalue()

    return run


def right(mailbox):
    return frozenset({mailbox.night("2026-11-21").folders["INBOX"].guid})


def falsify(mailbox, tmp_path):
    file = IndexFile.of(tmp_path / "state" / "timeindex", ACCOUNT, right(mailbox))
    with closing(sqlite3.connect(file.path, isolation_level=None)) as database:
        database.execute("UPDATE folder_night SET total = 7")


def test_index_that_agrees_has_no_differences(told):
    assert "no differences" in told("check")


def test_index_that_differs_fails_the_check_until_it_is_rebuilt(told, mailbox, tmp_path):
    falsify(mailbox, tmp_path)

    with pytest.raises(CommandError, match="1 differences"):
        told("check")
    told("rebuild")

    assert "no differences" in told("check")


def test_stats_tell_progress_and_nights(told):
    out = told("stats")

    assert "ready, 1 of 1 heads" in out
    assert "2026-11-21  listed  1 messages" in out


def test_account_without_an_index_is_told_so(told):
    out = StringIO()
    call_command("timeindex", "stats", "charlie@example.com", stdout=out)

    assert out.getvalue() == "charlie@example.com: no index\n"
