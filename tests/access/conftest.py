"""Requests, a clock and a mail server to order, for everything about who may come in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test import RequestFactory

from access import triggers
from access.session_store import SessionStore
from snapshots import configured
from snapshots.accounts import AddressBook
from snapshots.imap import ImapUrl, WrongPassword
from snapshots.now import Now
from snapshots.timeindex.store import IndexFile
from snapshots.types import Account

RIGHT = "girasole 12"


@dataclass
class Clock:
    """The time as Django and axes see it."""

    now: datetime = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class LiveServer:
    """Stands for the mail server: one right password, what it tells of a mailbox, and what it was asked."""

    guid: str | None = None
    messages: frozenset[str] = frozenset()
    now: Now | None = None
    failure: Exception | None = None
    during: Callable[[], None] = lambda: None
    asked: list[str] = field(default_factory=list)

    def check_login(self, url, *, user, password, **options):
        self.asked.append(user)
        self.during()
        if self.failure is not None:
            raise self.failure
        if password != RIGHT:
            raise WrongPassword
        return self

    def inbox_guid(self):
        return self.guid

    def shares_guids(self, candidates, *, timeout_seconds=2.0):
        return not self.messages.isdisjoint(candidates)

    def names(self, *, timeout_seconds):
        return self.now

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        return None


@dataclass
class Nights:
    """Stands for the archive: the INBOX GUID of each night, and its messages; what a login noted of now."""

    reads_live = False
    guids: dict[date, str | None] = field(default_factory=dict)
    messages: dict[date, list[str]] = field(default_factory=dict)
    noted: list[Now | None] = field(default_factory=list)

    def inbox_guids(self, account: Account) -> dict[date, str | None]:
        return self.guids

    def sample_guids(self, account: Account, day: date) -> list[str]:
        return self.messages.get(day, [])

    def note_now(self, account: Account, now: Now | None, *, guids: frozenset[str] | None) -> None:
        self.noted.append(now)

    def index_file(self, account: Account, *, guids: frozenset[str] | None) -> IndexFile | None:
        return None


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("django.utils.timezone.now", clock)
    monkeypatch.setattr("axes.handlers.proxy.now", clock)
    return clock


@pytest.fixture(autouse=True)
def own_state(settings, tmp_path):
    settings.MTM_STATE_DIR = tmp_path
    settings.MTM_AUDIT_KEY = "key of the tests"
    settings.MTM_AUDIT_DAYS = 365
    settings.MTM_TRUSTED_PROXIES = []
    settings.MTM_IMAP_CA = ""


@pytest.fixture
def nights(monkeypatch):
    nights = Nights()
    monkeypatch.setattr(configured, "archive", lambda: nights)
    return nights


@pytest.fixture
def live(monkeypatch, nights):
    server = LiveServer()
    monkeypatch.setattr(configured, "address_book", AddressBook)
    monkeypatch.setattr(configured, "live_server", lambda: ImapUrl("imap", "127.0.0.1", 1))
    monkeypatch.setattr("access.live.check_login", server.check_login)
    return server


@pytest.fixture
def request_from():
    """Make a request with a session of its own, from a client address."""

    def make(client="203.0.113.7", *, method="post", path="/login/", **headers) -> HttpRequest:
        request: HttpRequest = getattr(RequestFactory(), method)(path, REMOTE_ADDR=client, headers=headers)
        request.session = SessionStore()
        return request

    return make


@contextmanager
def unguarded_audit() -> Iterator[None]:
    """Let the block do what only somebody with the database's own rights could."""
    triggers.drop(connection)
    yield
    triggers.create(connection)


@pytest.fixture
def flushable_audit(transactional_db):
    """Let the test's end empty the audit table, which its triggers refuse otherwise."""
    if "mode=memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("a database in memory has one writer at a time")
    triggers.drop(connection)
    triggers.create(connection)
    yield
    triggers.drop(connection)
