"""The IMAP gate against a real Dovecot: passwords, and whose mailbox it is."""

import itertools
import re

import pytest

from snapshots.imap import ImapUrl, WrongPassword, check_login
from tests.dovecot import running

GUID = "1700000000.M1P1.example"
OTHER_GUID = "1700000001.M2P2.example,S=30,W=31"


@pytest.fixture(scope="module")
def server():
    with running(trusted_networks="127.0.0.0/8") as server:
        yield server


@pytest.fixture
def maildir(tmp_path):
    for name in ("cur", "new", "tmp", ".Cestino/cur", ".Cestino/new", ".Cestino/tmp"):
        (tmp_path / "Maildir" / name).mkdir(parents=True)
    (tmp_path / "Maildir" / "cur" / f"{GUID}:2,").write_bytes(b"Subject: one\n\nBody\n")
    (tmp_path / "Maildir" / ".Cestino" / "cur" / f"{OTHER_GUID}:2,S").write_bytes(b"Subject: two\n\nBody\n")
    return tmp_path / "Maildir"


# Dovecot delays whoever was wrong before, by address: each test comes from its own.
addresses = (f"203.0.113.{number}" for number in itertools.count(10))


def log_in(server, address, password, *, client_address=None):
    told = client_address or next(addresses)
    return check_login(ImapUrl.parse(server.url), user=address, password=password, client_address=told)


@pytest.mark.parametrize("password", ["girasole 12", "perché-no €uro", '"\\ {3}'])
def test_right_password_of_any_alphabet_opens(server, password):
    address = f"anna{abs(hash(password))}@example.com"
    server.add_user(address, password)

    with log_in(server, address, password) as live:
        guid = live.inbox_guid()

    assert guid is not None


@pytest.mark.parametrize("password", ["girasole 13", "", "girasolé"])
def test_wrong_password_is_refused(server, password):
    server.add_user(f"bruno{len(password)}@example.com", "girasole 12")

    with pytest.raises(WrongPassword):
        log_in(server, f"bruno{len(password)}@example.com", password)


def test_unknown_address_is_refused_the_same_way(server):
    with pytest.raises(WrongPassword):
        log_in(server, "nobody@example.com", "girasole 12")


def test_server_s_log_names_the_reader_not_us(server):
    server.add_user("carla@example.com")

    log_in(server, "carla@example.com", "girasole 12", client_address="203.0.113.7").close()

    assert re.search(r"Login: user=<carla@example\.com>.*rip=203\.0\.113\.7", server.log)


def test_inbox_guid_is_the_uidlist_s(server, maildir):
    lies_at = server.add_user("dora@example.com", copy_of=maildir)

    with log_in(server, "dora@example.com", "girasole 12") as live:
        guid = live.inbox_guid()

    assert f" G{guid}" in (lies_at / "dovecot-uidlist").read_text().splitlines()[0]


@pytest.mark.parametrize(
    ("candidates", "expected"),
    [([GUID], True), (["nothing", OTHER_GUID], True), (["nothing"], False), ([], False)],
)
def test_shared_messages_are_found_in_any_folder(server, maildir, candidates, expected):
    address = f"elena{len(server.passwords)}@example.com"
    server.add_user(address, copy_of=maildir)

    with log_in(server, address, "girasole 12") as live:
        shared = live.shares_guids(candidates)

    assert shared is expected


def test_looking_for_shared_messages_marks_nothing(server, maildir):
    lies_at = server.add_user("fabio@example.com", copy_of=maildir)

    with log_in(server, "fabio@example.com", "girasole 12") as live:
        live.shares_guids(["nothing"])

    assert [path.name for path in (lies_at / "cur").iterdir()] == [f"{GUID}:2,"]


def test_search_of_many_guids_runs_out_of_time_as_not_proved(server, maildir):
    server.add_user("gino@example.com", copy_of=maildir)

    with log_in(server, "gino@example.com", "girasole 12") as live:
        shared = live.shares_guids([GUID], timeout_seconds=0.0)

    assert shared is False
