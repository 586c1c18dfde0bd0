"""Requests for tests: Alice's, written down as her page does it, and Bob who handles them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.test import RequestFactory

from access.live import open_live
from access.readers import SESSION_KEY, Owner, Staff, stored_form
from access.session_store import SessionStore
from restores import requests, work
from restores.leases import claim
from restores.models import RestoreRequest, State, Target, What
from restores.requests import Wish
from restores.run import Run
from restores.states import By
from snapshots.accounts import parse_address
from tests.access.conftest import flushable_audit
from tests.dovecot import PASSWORD
from tests.served import ALICE

__all__ = ["flushable_audit"]

DAY = date(2026, 11, 20)
BOB = By(actor=Staff("bob"))


WISH = Wish(DAY, datetime(2026, 11, 19, 23, tzinfo=UTC), What.MAILBOX, Target.NEW_FOLDER, "it")


def http_of(reader=None):
    """Return a request over HTTP of a reader, or of nobody."""
    http = RequestFactory().get("/")
    http.session = SessionStore()
    if isinstance(reader, Owner):
        http.session[SESSION_KEY] = stored_form(reader)
    return http


def owner(address: str = ALICE, *guids: str) -> Owner:
    return Owner(parse_address(address), frozenset(guids) or None)


def asked(reader: Owner | None = None, **others) -> RestoreRequest:
    """Return a request that an owner has made."""
    reader = reader or owner()
    return requests.create(http_of(reader), replace(WISH, **others), account=reader.account, guids=reader.guids)


@pytest.fixture
def restore(db):
    return asked()


@pytest.fixture
def mailbox(provider, dovecot, site, settings, db):
    """Give a function that puts the site over the provider, and an account's live mailbox into Dovecot."""

    def serve(mailbox, *, live=None):
        tree = live or mailbox.live()
        dovecot.add_user(mailbox.address, copy_of=tree.path)
        settings.MTM_IMAP_URL = dovecot.url
        site(provider)
        return mailbox

    return serve


def emptied(mailbox):
    """Return a mailbox's live side, the same mailbox as its nights, with every message deleted."""
    live = mailbox.live()
    for folder in live.folders.values():
        for placement in list(folder.placements):
            folder.remove(placement)
    return live


def run_of(restore: RestoreRequest, **others) -> Run:
    """Return a run as the worker makes it, with the owner's password in place of the master's."""
    return Run(claim(restore), lambda: open_live(restore.account, PASSWORD), **others)


def restored(restore: RestoreRequest, **others) -> RestoreRequest:
    """Take a request on and run it to its end."""
    if restore.state == State.RECEIVED:
        requests.take_on(restore, BOB)
    requests.ask_to_run(restore, BOB)
    run = run_of(restore, **others)
    with work.handled(run):
        work.restore(run, By())
    return restore
