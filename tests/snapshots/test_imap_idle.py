"""Sessions that wait between two requests: taken again for the same mailbox only, and not for long."""

from datetime import timedelta

import pytest

from snapshots.accounts import parse_address
from snapshots.engines.imap import idle
from snapshots.errors import SnapshotGone
from tests.imap_proxy import recording
from tests.served import ALICE, CHARLIE, NOW
from tests.snapshots.given import imap_engine

DAY = NOW.date() - timedelta(days=1)


@pytest.fixture
def served(provider, snapshot_dovecot, unchanged):
    for address in (ALICE, CHARLIE):
        provider.mailbox(address).night(DAY).message(f"Lettera a {address}")
    unchanged(provider)
    return snapshot_dovecot.serve(provider)


@pytest.fixture
def proxy(served, snapshot_dovecot):
    with recording(snapshot_dovecot.port) as proxy:
        yield proxy
    assert proxy.unsafe() == []


@pytest.fixture
def engine(proxy, served, snapshot_dovecot):
    return imap_engine(snapshot_dovecot, served, url=proxy.url)


def night(engine):
    [night] = [each for each in engine.nights(None) if each.day == DAY]
    return night


def first_source(engine, address):
    """Read a mailbox's only message, as one request does whose list an index has."""
    with engine.open(parse_address(address), night(engine)) as reader:
        assert reader.inbox_guid()
        inbox = next(folder for folder in reader.folders() if folder.name == "INBOX")
    with engine.open(parse_address(address), night(engine)) as reader:
        [entry] = reader.entries(inbox)
        with reader.open_source(inbox, entry) as source:
            return source.read()


def alices(engine):
    return engine.open(parse_address(ALICE), night(engine))


def logins(proxy):
    return proxy.commands.count("AUTHENTICATE")


def test_reader_of_the_next_request_logs_in_no_more(engine, proxy):
    first_source(engine, ALICE)
    before = logins(proxy)

    with alices(engine) as reader:
        assert reader.inbox_guid()

    assert logins(proxy) == before


def test_no_mailbox_is_read_by_the_session_of_another(engine):
    sources = [first_source(engine, address) for address in (ALICE, CHARLIE, ALICE, CHARLIE)]

    assert [f"Lettera a {each}".encode() in source for each, source in zip([ALICE, CHARLIE] * 2, sources, strict=True)]
    assert sources[0] != sources[1]
    assert sources[:2] == sources[2:]


def test_two_readers_at_once_have_two_sessions(engine, proxy):
    first_source(engine, ALICE)
    before = logins(proxy)

    for _ in range(2):
        with alices(engine) as one, alices(engine) as other:
            assert one.inbox_guid() == other.inbox_guid()
            total = logins(proxy)

    assert total == before + 1


def test_closed_reader_asks_nothing(engine):
    reader = alices(engine)
    reader.close()
    reader.close()

    with pytest.raises(ValueError, match="closed"):
        reader.folders()


def test_folders_are_told_by_a_login_of_now(engine, snapshot_dovecot):
    first_source(engine, ALICE)
    known = night(engine)

    (snapshot_dovecot.directory / "by-day" / DAY.isoformat()).unlink()

    with engine.open(parse_address(ALICE), known) as reader, pytest.raises(SnapshotGone):
        reader.folders()


def test_session_is_let_go_at_the_end_of_its_time(monkeypatch, engine, proxy):
    monkeypatch.setattr(idle, "LIFETIME_SECONDS", 0.0)
    night(engine)
    before = logins(proxy)

    first_source(engine, ALICE)

    assert proxy.commands.count("LOGOUT") == logins(proxy) - before
