"""Links, FIFOs, devices and odd names planted in a snapshot: seen through the site they open nothing."""

import contextlib
import os
import socket

import pytest

from tests.crawl import crawl, folder_ids, visit
from tests.served import ALICE, CHARLIE
from tests.webmail.conftest import DAY

SECRET = b"Subject: secret of Charlie\n\nsecret of Charlie\n"
STAMP = "1795129200.M1P1.mail"


@pytest.fixture
def night(provider):
    night = provider.mailbox(ALICE).night(DAY)
    night.message("Quello di Alice")
    return night


@pytest.fixture
def secret(provider):
    message = provider.mailbox(CHARLIE).night(DAY)
    return message.file(message.message(source=SECRET))


def opened(client):
    """Return everything of the INBOX, and every folder's first page, as it was answered."""
    folders = [visit(client, "folder", f"/{DAY}/{folder}/") for folder in folder_ids(ALICE, DAY)]
    return [*crawl(client, DAY), *folders]


def assert_nothing_leaked(visits):
    assert {each.status for each in visits} <= {200, 404, 503}
    assert [each.url for each in visits if b"secret of Charlie" in each.content] == []
    assert any(b"Quello di Alice" in each.content for each in visits)


@pytest.mark.parametrize("folder", ["cur", "new"])
@pytest.mark.parametrize("plant", ["link", "fifo", "socket", "device", "directory", "dangling"])
def test_planted_in_place_of_a_message(reader, site, provider, night, secret, plant, folder, tmp_path):
    place = night.path / folder / f"{STAMP}:2,S"
    PLANTS[plant](place, secret)
    site(provider)

    visits = opened(reader)

    assert_nothing_leaked(visits)
    assert [each for each in visits if each.name == "eml" and each.content == SECRET] == []


@pytest.mark.parametrize("name", [".Rubato", ".Rubato.dentro", "cur/cartella"])
def test_linked_folder_opens_nothing(reader, site, provider, night, secret, name):
    (night.path / name).symlink_to(secret.parent.parent, target_is_directory=True)
    site(provider)

    visits = opened(reader)

    assert_nothing_leaked(visits)


@pytest.mark.parametrize("name", ["cur", "new"])
def test_linked_cur_of_a_folder_opens_nothing(reader, site, provider, night, secret, name):
    night.folder("Vuota")
    (night.directory("Vuota") / name).rmdir()
    (night.directory("Vuota") / name).symlink_to(secret.parent, target_is_directory=True)
    site(provider)

    visits = opened(reader)

    assert_nothing_leaked(visits)


@pytest.mark.parametrize("name", ["dovecot-uidlist", "dovecot-keywords", "subscriptions"])
@pytest.mark.parametrize("plant", ["link", "fifo", "device", "directory"])
def test_planted_in_place_of_a_list(reader, site, provider, night, secret, name, plant):
    (night.path / name).unlink(missing_ok=True)
    PLANTS[plant](night.path / name, secret)
    site(provider)

    visits = opened(reader)

    assert_nothing_leaked(visits)


def test_linked_mailbox_is_no_mailbox(reader, site, provider, secret):
    night = provider.mailbox("bob@example.com").night(DAY)
    home = provider.mailbox_path(ALICE, DAY)
    home.parent.mkdir(parents=True)
    home.symlink_to(secret.parent.parent, target_is_directory=True)
    site(provider)

    response = reader.get(f"/{DAY}/")

    assert night.path.is_dir()
    assert response.status_code == 404
    assert b"secret" not in response.content


@pytest.mark.parametrize(
    "name",
    [
        b"\xff\xfe:2,S",
        b"a\nb:2,",
        b"a\rb",
        b"\x01\x1b[31m:2,F",
        b"x" * 255,
        b"<script>:2,S",
        "é\u202e:2,".encode(),
        b"-rf",
        b"%s%n",
    ],
)
def test_odd_name_of_a_message_opens(reader, site, provider, night, name):
    (night.path / "cur" / os.fsdecode(name)).write_bytes(b"Subject: strano\n\nstrano\n")
    site(provider)

    visits = opened(reader)

    assert {each.status for each in visits} == {200}
    assert b"Subject: strano\n\nstrano\n" in [each.content for each in visits if each.name == "eml"]


@pytest.mark.parametrize(
    "name",
    [
        b".\xff\xfe",
        b".a\nb",
        b".&AC4ALg-",
        b".&AC8-etc",
        b".&AAA-",
        b".&",
        b".<b>x",
        b"." + b"y" * 254,
        b"..a",
        b".a..b",
    ],
)
def test_odd_name_of_a_folder_opens(reader, site, provider, night, name):
    for inner in ("cur", "new", "tmp"):
        (night.path / os.fsdecode(name) / inner).mkdir(parents=True)
    site(provider)

    visits = opened(reader)

    assert {each.status for each in visits} == {200}
    assert [each.url for each in visits if b"<b>x" in each.content] == []


def _socket(place, secret):
    # A socket's address is short: it is bound by a name relative to where we stand for a moment.
    with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(place.parent):
        listener.bind(place.name)


def _device(place, secret):
    try:
        os.mknod(place, 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root can make a device")


PLANTS = {
    "link": lambda place, secret: place.symlink_to(secret),
    "dangling": lambda place, secret: place.symlink_to("/nonexistent"),
    "fifo": lambda place, secret: os.mkfifo(place),
    "socket": _socket,
    "device": _device,
    "directory": lambda place, secret: place.mkdir(),
}
