"""The IMAP gate against servers that fail in every way, and against hostile input."""

import logging
from base64 import b64encode

import pytest

from snapshots.errors import EngineUnavailable
from snapshots.imap import (
    IllegalText,
    ImapUrl,
    LiveMailbox,
    ServerUnreachable,
    Timeouts,
    TlsFailure,
    WrongPassword,
    check_login,
)
from snapshots.imap.failures import TooMuch
from tests.imap_faults import (
    announcing_a_gigabyte,
    certificates,
    dripping,
    endless_greeting,
    endless_lines,
    goodbye,
    greeting_then,
    preauthenticated,
    serving,
    silent,
)

__all__ = ["certificates"]

SHORT = Timeouts(connect_seconds=1.0, read_seconds=1.0, login_seconds=0.6)
PASSWORD = "canarino-Perché"


def log_in(url: str, *, user: str = "anna@example.com", password: str = PASSWORD, **options) -> LiveMailbox:
    return check_login(ImapUrl.parse(url), user=user, password=password, **options)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("imaps://mail.example.com", ImapUrl("imaps", "mail.example.com", 993)),
        ("imaps://mail.example.com:1993", ImapUrl("imaps", "mail.example.com", 1993)),
        ("imap+starttls://mail.example.com/", ImapUrl("imap+starttls", "mail.example.com", 143)),
        ("imap://127.0.0.1:10143", ImapUrl("imap", "127.0.0.1", 10143)),
        ("imap://localhost", ImapUrl("imap", "localhost", 143)),
        ("imap://[::1]:143", ImapUrl("imap", "::1", 143)),
    ],
)
def test_url_is_scheme_host_and_port(text, expected):
    assert ImapUrl.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mail.example.com",
        "https://mail.example.com",
        "imaps://",
        "imaps://anna@mail.example.com",
        "imaps://mail.example.com/INBOX",
        "imaps://mail.example.com?x=1",
        "imaps://mail.example.com:99999",
        "imap://mail.example.com",
        "imap://192.0.2.1",
    ],
)
def test_url_that_is_wrong_or_unsafe_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        ImapUrl.parse(text)


def test_right_password_opens_the_mailbox():
    with serving(greeting_then()) as server, log_in(server.url()) as live:
        guid = live.inbox_guid()

    assert guid is None
    assert server.commands == ["CAPABILITY", "AUTHENTICATE", "", "STATUS", "LOGOUT"]


def test_guid_that_the_server_refuses_is_not_one_it_does_not_know():
    with serving(greeting_then(status=b"NO [NOPERM] no")) as server, log_in(server.url()) as live:
        guid = live.inbox_guid()

    assert guid == ""


def test_password_travels_as_utf8_in_sasl_plain():
    with serving(greeting_then()) as server, log_in(server.url()):
        pass

    assert b64encode(f"\0anna@example.com\0{PASSWORD}".encode()) in server.heard


def test_master_user_names_whom_it_acts_for():
    with serving(greeting_then()) as server, log_in(server.url(), user="mtm", on_behalf_of="anna@example.com"):
        pass

    assert b64encode(f"anna@example.com\0mtm\0{PASSWORD}".encode()) in server.heard


def test_reader_s_address_is_told_before_the_login():
    with serving(greeting_then()) as server, log_in(server.url(), client_address="203.0.113.7", session_id="s1"):
        pass

    said = next(line for line in server.heard if b" ID " in line)
    assert b'"x-originating-ip" "203.0.113.7"' in said
    assert server.commands.index("ID") < server.commands.index("AUTHENTICATE")


def test_server_that_announces_no_id_is_told_nothing():
    script = greeting_then(capabilities=b"IMAP4rev1")

    with serving(script) as server, log_in(server.url(), client_address="203.0.113.7"):
        pass

    assert "ID" not in server.commands


@pytest.mark.parametrize("verdict", [b"NO no", b"NO [AUTHENTICATIONFAILED] no", b"NO [AUTHORIZATIONFAILED] no"])
def test_refused_login_is_a_wrong_password(verdict):
    with serving(greeting_then(verdict=verdict)) as server, pytest.raises(WrongPassword):
        log_in(server.url())


@pytest.mark.parametrize(
    "verdict", [b"NO [UNAVAILABLE] later", b"NO [SERVERBUG] oops", b"NO [LIMIT] later", b"BAD what", b"* BYE bye"]
)
def test_server_that_could_not_check_is_unreachable(verdict):
    with serving(greeting_then(verdict=verdict)) as server, pytest.raises(ServerUnreachable):
        log_in(server.url(), timeouts=SHORT)


def test_wrong_password_is_no_engine_error():
    assert not issubclass(WrongPassword, EngineUnavailable)
    assert issubclass(TlsFailure, ServerUnreachable)
    assert issubclass(ServerUnreachable, EngineUnavailable)


def test_refused_connection_is_unreachable():
    with serving(silent) as server:
        url = server.url()

    with pytest.raises(ServerUnreachable):
        log_in(url)


@pytest.mark.parametrize("script", [silent, dripping, goodbye])
def test_server_that_says_nothing_useful_is_given_up(script):
    with serving(script) as server, pytest.raises(ServerUnreachable):
        log_in(server.url(), timeouts=SHORT)


@pytest.mark.parametrize("script", [endless_greeting, endless_lines, announcing_a_gigabyte])
def test_server_that_floods_is_cut_off_by_size(script):
    with serving(script) as server, pytest.raises(ServerUnreachable) as caught:
        log_in(server.url())

    assert isinstance(caught.value.__cause__, TooMuch)


def test_preauthenticated_connection_is_not_a_login():
    with serving(preauthenticated) as server, pytest.raises(TlsFailure):
        log_in(server.url(), timeouts=SHORT)

    assert "AUTHENTICATE" not in server.commands


@pytest.mark.parametrize("text", ["a\0b", "a\rb", "a\nb", "a\r\nX1 NOOP"])
@pytest.mark.parametrize("argument", ["user", "password", "client_address", "session_id", "on_behalf_of"])
def test_controls_are_refused_before_anything_is_sent(argument, text):
    with serving(silent) as server, pytest.raises(IllegalText):
        log_in(server.url(), **{argument: text})

    assert server.connections == 0


@pytest.mark.parametrize("criteria", ["SUBJECT a\r\nX1 NOOP", ["FROM", "a\nb"], [b"TO", b"\0"]])
def test_search_that_smuggles_a_command_is_refused(criteria):
    with serving(greeting_then()) as server, log_in(server.url()) as live, pytest.raises(IllegalText):
        live.client.search(criteria)

    assert server.commands == ["CAPABILITY", "AUTHENTICATE", "", "LOGOUT"]


def test_folder_name_that_smuggles_a_command_is_refused():
    with serving(greeting_then()) as server, log_in(server.url()) as live, pytest.raises(IllegalText):
        live.client.connection.status("INBOX\r\nX1 NOOP", "(MESSAGES)")

    assert "STATUS" not in server.commands


def test_starttls_protects_what_follows(certificates):
    script = greeting_then(capabilities=b"IMAP4rev1 STARTTLS", tls=certificates.right)

    with serving(script) as server, log_in(server.url("imap+starttls", "localhost"), tls=certificates.client):
        pass

    assert server.commands[:4] == ["CAPABILITY", "STARTTLS", "CAPABILITY", "AUTHENTICATE"]


def test_imaps_speaks_tls_from_the_first_byte(certificates):
    with (
        serving(greeting_then(), tls=certificates.right) as server,
        log_in(server.url("imaps", "localhost"), tls=certificates.client),
    ):
        pass

    assert "AUTHENTICATE" in server.commands


def test_stripped_starttls_never_sees_the_password():
    with serving(greeting_then(capabilities=b"IMAP4rev1")) as server, pytest.raises(TlsFailure):
        log_in(server.url("imap+starttls"))

    assert server.commands == ["CAPABILITY"]


def test_words_slipped_in_before_tls_are_refused(certificates):
    script = greeting_then(
        capabilities=b"IMAP4rev1 STARTTLS", tls=certificates.right, after_starttls=b"* CAPABILITY EVIL\r\n"
    )

    with serving(script) as server, pytest.raises(TlsFailure):
        log_in(server.url("imap+starttls", "localhost"), tls=certificates.client)

    assert "AUTHENTICATE" not in server.commands


def test_certificate_of_another_name_is_refused(certificates):
    with serving(greeting_then(), tls=certificates.wrong_name) as server, pytest.raises(TlsFailure):
        log_in(server.url("imaps", "localhost"), tls=certificates.client)

    assert server.heard == []


def test_certificate_nobody_vouches_for_is_refused(certificates):
    with serving(greeting_then(), tls=certificates.right) as server, pytest.raises(TlsFailure):
        log_in(server.url("imaps", "localhost"))

    assert server.heard == []


def test_password_is_in_no_log_and_no_error(caplog, capfd):
    caplog.set_level(logging.DEBUG)

    with serving(greeting_then(verdict=b"NO no")) as server, pytest.raises(WrongPassword) as caught:
        log_in(server.url())

    written = caplog.text + repr(caught.value) + capfd.readouterr().err
    assert PASSWORD not in written
    assert b64encode(f"\0anna@example.com\0{PASSWORD}".encode()).decode() not in written
