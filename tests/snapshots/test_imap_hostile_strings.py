"""Whatever somebody writes as a name, a password or a folder: the commands on the wire are those we meant."""

import re
import ssl
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from restores.sending import kept_flags
from snapshots.imap import (
    ANY_KEYWORD,
    Appender,
    Credentials,
    IllegalText,
    ImapUrl,
    NotStored,
    Outgoing,
    ReadingSession,
    ServerUnreachable,
    check_login,
    read_mailbox,
)
from tests.dovecot import PASSWORD
from tests.hostile_strings import COUNT, strings
from tests.imap_commands import Command, commands, folder_of
from tests.imap_faults import greeting_then, serving
from tests.imap_proxy import recording
from tests.scale import part
from tests.served import ALICE

STRINGS = strings()
CONTROL = re.compile("[\0\r\n]")
BEGINNING = Command("CAPABILITY")
END = Command("LOGOUT")
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@pytest.fixture
def proxied():
    """A server that lets everybody in, behind a proxy that keeps every byte."""
    with serving(greeting_then()) as server:
        port = server.listener.getsockname()[1]
        with recording(port, keeps_bytes=True) as proxy:
            yield proxy


@pytest.fixture
def live(dovecot):
    """A real Dovecot, behind such a proxy."""
    if ALICE not in dovecot.passwords:
        dovecot.add_user(ALICE)
    with recording(dovecot.port, keeps_bytes=True) as proxy:
        yield proxy


def opened(proxy, *who):
    return read_mailbox(ImapUrl.parse(proxy.url), Credentials(*who), tls=NO_TLS)


def test_there_are_five_hundred_of_them():
    assert len(set(STRINGS)) == COUNT


def test_user_password_and_mailbox_are_one_sasl_response(proxied):
    tried, refused = part(STRINGS, 5), []
    for text in tried:
        before = len(proxied.sent)
        try:
            opened(proxied, text, text, f"{text}@{text}").close()
        except IllegalText:
            refused.append(text)
            assert len(proxied.sent) == before
        else:
            response = f"{text}@{text}\0{text}\0{text}".encode()
            assert commands(bytes(proxied.sent[-1])) == [BEGINNING, Command("AUTHENTICATE", ("PLAIN", response)), END]

    assert refused == [text for text in tried if CONTROL.search(text)]


def test_folder_is_one_argument(live):
    session = opened(live, ALICE, PASSWORD)
    for text in STRINGS:
        for ask in (ReadingSession.count, ReadingSession.examine):
            try:
                ask(session, text)
            except ServerUnreachable:  # Dovecot repeats a line feed in its answer, which nobody can read
                session = opened(live, ALICE, PASSWORD)
    session.close()

    sent = [each for connection in live.sent for each in commands(bytes(connection))]
    told = [each for each in sent if each.name in {"STATUS", "EXAMINE"}]
    assert [(each.name, folder_of(each.arguments[0])) for each in told] == [
        (name, text) for text in STRINGS for name in ("STATUS", "EXAMINE")
    ]
    assert {each.arguments[1:] for each in told} == {(("MESSAGES",),), ()}
    assert {each.name for each in sent} == {"CAPABILITY", "AUTHENTICATE", "STATUS", "EXAMINE", "LOGOUT"}


def test_keywords_of_a_restore_are_flags(live):
    with check_login(ImapUrl.parse(live.url), user=ALICE, password=PASSWORD, tls=NO_TLS) as mailbox:
        flags = tuple(kept_flags([*STRINGS, *(f"\\{text}" for text in STRINGS)], frozenset({ANY_KEYWORD})))
        with suppress(NotStored):
            Appender(mailbox).append("INBOX", [Outgoing(2, flags, datetime(2026, 11, 20, tzinfo=UTC), [b"\r\n"])])

    append = next(each for each in commands(bytes(live.sent[-1])) if each.name == "APPEND")
    assert append.arguments == (b"INBOX", flags, b"20-Nov-2026 00:00:00 +0000", b"\r\n")
