"""What somebody planted in a snapshot opens nothing outside it, and nothing hangs."""

import errno
import os
import socket
import stat

import pytest

from snapshots.accounts import PathTemplate, parse_address
from snapshots.engines.beneath import HeldDirectory, descending, open_directory, open_file, read_file
from snapshots.engines.deadline import Guard
from snapshots.engines.maildir import MaildirEngine
from snapshots.engines.volumes import Volume
from snapshots.errors import MailboxNotFound, SnapshotGone
from tests.served import ALICE, NOW, calendar_of, volume_over
from tests.snapshots.conftest import DAY

SECRET = b"Subject: secret\n\nsecret of Charlie\n"
STAMP = "1795129200.M1P1.mail"


@pytest.fixture
def outside(tmp_path):
    """A Maildir that is nobody's business, beside the provider's volume."""
    for name in ("cur", "new", "tmp"):
        (tmp_path / "outside" / name).mkdir(parents=True)
    (tmp_path / "outside" / "cur" / f"{STAMP}:2,S").write_bytes(SECRET)
    (tmp_path / "outside" / "dovecot-uidlist").write_bytes(b"3 V1 N2 Gsecret\n")
    return tmp_path / "outside"


@pytest.fixture
def here(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def everything_read(reader):
    """Return all bytes a reader gives of a mailbox, and the states of its folders."""
    data = repr(reader.inbox_guid()).encode()
    states = {}
    for folder in reader.folders():
        states[folder.name] = str(folder.state)
        if folder.state == "listed":
            data += _bytes_of(reader, folder)
    return data, states


def _bytes_of(reader, folder):
    entries = list(reader.entries(folder))
    heads = reader.heads(folder, entries)
    data = b"".join(head.data for head in heads)
    for head in heads:
        with reader.open_source(folder, head.entry) as stream:
            data += stream.read()
    return data


def plant_fifo(path):
    os.mkfifo(path)


def plant_socket(path):
    address = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as planted:
        planted.bind(f"/proc/self/fd/{address}/{path.name}")
    os.close(address)


def plant_device(path):
    if os.getuid() != 0:
        pytest.skip("only root makes devices")
    os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))


def plant_directory(path):
    path.mkdir()


def plant_link(path):
    path.symlink_to("/etc/passwd")


def plant_link_to_directory(path):
    path.symlink_to("/etc")


def plant_dangling_link(path):
    path.symlink_to("nowhere")


def plant_link_to_itself(path):
    path.symlink_to(path.name)


PLANTS = {
    "FIFO": plant_fifo,
    "socket": plant_socket,
    "device": plant_device,
    "directory": plant_directory,
    "link": plant_link,
    "link to a directory": plant_link_to_directory,
    "dangling link": plant_dangling_link,
    "link to itself": plant_link_to_itself,
}


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
def test_planted_file_is_not_opened(here, tmp_path, plant):
    plant(tmp_path / "planted")

    with pytest.raises(OSError, match=r".") as caught:
        open_file(here, "planted")

    assert caught.value.errno in {errno.ENOENT, errno.ELOOP, errno.ENXIO}
    assert read_file(here, "planted", limit_bytes=100) == b""


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "/etc/passwd", "nul\0", "x" * 256, "\udcff", "none"])
def test_what_is_no_name_is_not_there(here, name):
    for opening in (open_file, open_directory):
        with pytest.raises(OSError, match=r".") as caught:
            opening(here, name)
        assert caught.value.errno in {errno.ENOENT, errno.ENAMETOOLONG}


@pytest.mark.parametrize("name", ["-rf", "line\nbreak", "\udcff\udcfe", "x" * 255, "...", " "])
def test_odd_name_is_a_name(here, tmp_path, name):
    (tmp_path / name).write_bytes(b"data")

    assert read_file(here, name, limit_bytes=3) == b"dat"


def test_walk_stops_at_a_link(here, tmp_path, outside):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link").symlink_to(outside)

    with pytest.raises(OSError, match=r".") as caught, descending(here, ["inside", "link", "cur"]):
        pytest.fail("walked through a link")

    assert caught.value.errno in {errno.ENOTDIR, errno.ELOOP}


def test_file_of_another_file_system_is_not_opened(here, tmp_path, monkeypatch):
    (tmp_path / "mounted").write_bytes(b"of another file system")
    original = os.fstat

    def fstat(descriptor):
        status = original(descriptor)
        moved = status.st_dev + stat.S_ISREG(status.st_mode)
        return os.stat_result([*status[:2], moved, *status[3:10]])

    monkeypatch.setattr(os, "fstat", fstat)

    assert read_file(here, "mounted", limit_bytes=100) == b""


def test_held_directory_closes_once_and_for_all(tmp_path):
    held = HeldDirectory(os.open(tmp_path, os.O_RDONLY))

    held.close()
    held.close()

    with pytest.raises(OSError, match=os.strerror(errno.EBADF)), held.opened():
        pytest.fail("opened after it was closed")


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
@pytest.mark.parametrize("directory", ["cur", "new"])
def test_planted_message_has_no_head_and_hides_no_other(provider, night, opened, unchanged, plant, directory):
    good = night.message("buono")
    plant(night.path / directory / STAMP)
    reader = opened(unchanged(provider))
    inbox = reader.folders()[0]
    entries = list(reader.entries(inbox))

    heads = reader.heads(inbox, entries)

    assert sorted(entry.guid for entry in entries) == sorted([STAMP, good.guid])
    assert [head.entry.guid for head in heads] == [good.guid]


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS)
@pytest.mark.parametrize("name", ["dovecot-uidlist", "dovecot-keywords", "subscriptions"])
def test_planted_list_is_no_list(provider, night, opened, unchanged, plant, name):
    message = night.message("buono")
    (night.path / name).unlink(missing_ok=True)
    plant(night.path / name)

    data, states = everything_read(opened(unchanged(provider)))

    assert message.source in data
    assert b"root:" not in data
    assert states == {"INBOX": "listed"}


def links(night, outside):
    """Plant links to somebody else's mail wherever a name is opened below a Maildir."""
    (night.path / ".Linked").symlink_to(outside)
    (night.path / "linked").symlink_to(outside)
    (night.path / ".Cur").mkdir()
    (night.path / ".Cur" / "cur").symlink_to(outside / "cur")
    (night.path / ".Parent" / "cur").mkdir(parents=True)
    (night.path / ".Parent" / "new").symlink_to(outside / "cur")
    (night.path / "cur" / f"{STAMP}:2,").symlink_to(outside / "cur" / f"{STAMP}:2,S")
    (night.path / "new" / STAMP).symlink_to(outside / "cur")
    (night.path / "dovecot-uidlist").unlink()
    (night.path / "dovecot-uidlist").symlink_to(outside / "dovecot-uidlist")


@pytest.mark.parametrize("layout", ["maildir++", "fs"])
def test_links_give_no_byte_from_outside(provider, outside, opened, unchanged, layout):
    night = provider.mailbox(ALICE, layout=layout).night(DAY)
    night.message("buono")
    links(night, outside)

    data, states = everything_read(opened(unchanged(provider)))

    assert b"secret" not in data
    assert b"buono" in data
    assert states == {"INBOX": "listed", "Cur": "unreadable", "Parent": "unreadable"}


@pytest.mark.parametrize("level", ["Maildir", "alice", "example.com"])
def test_mailbox_behind_a_link_is_no_mailbox(provider, night, outside, unchanged, level):
    path = next(parent for parent in (night.path, *night.path.parents) if parent.name == level)
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")
    engine = MaildirEngine([volume_over(unchanged(provider))])
    account = parse_address(ALICE)

    with pytest.raises(MailboxNotFound):
        engine.open(account, engine.nights(account)[0])


def test_snapshot_in_a_users_own_directory_may_be_no_link(tmp_path, outside):
    volume = tmp_path / "home" / "alice" / ".zfs"
    volume.mkdir(parents=True)
    (volume / f"nightly.{DAY}").symlink_to(outside)
    reads = _per_user_volume(tmp_path)
    [night] = reads.nights(parse_address(ALICE))

    with pytest.raises(SnapshotGone):
        reads.open_mailbox(parse_address(ALICE), night)


def test_snapshot_directory_of_the_administrators_may_hold_links(tmp_path, provider, night, opened):
    night.message("buono")
    provider.snapshot(DAY).rename(tmp_path / "elsewhere")
    provider.snapshot(DAY).symlink_to(tmp_path / "elsewhere")

    data, _ = everything_read(opened(provider))

    assert b"buono" in data


def _per_user_volume(root):
    template = PathTemplate.parse(f"{root}/home/{{user}}/.zfs/{{snapshot}}")
    return Volume(template, calendar_of("nightly.%Y-%m-%d"), Guard("test"), clock=lambda: NOW)


def test_mailbox_full_of_plants_hangs_nobody(provider, night, opened, unchanged):
    night.message("buono")
    for number, plant in enumerate(PLANTS.values()):
        for directory in ("cur", "new"):
            plant(night.path / directory / f"{STAMP}{number}")
        plant(night.path / f".Plant{number}")
        (night.path / f".Cur{number}").mkdir()
        plant(night.path / f".Cur{number}" / "cur")

    data, _ = everything_read(opened(unchanged(provider), guard=Guard("test", deadline_seconds=5)))

    assert b"buono" in data
    assert b"root:" not in data


def test_small_source_costs_no_visit_after_the_one_that_opens_it(provider, night, opened, monkeypatch):
    night.message("uno", text="Ci vediamo.")
    reader = opened(provider)
    inbox = reader.folders()[0]

    with reader.open_source(inbox, reader.entries(inbox)[0]) as stream:
        monkeypatch.setattr(Guard, "call_all", None)
        content = stream.read()

    assert b"Ci vediamo." in content
