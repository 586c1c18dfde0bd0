from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from demo.provider import Provider, fingerprint

ADDRESS = "giulia@studiorossi.example"


@pytest.fixture
def provider(tmp_path):
    return Provider(tmp_path)


@pytest.fixture
def mailbox(provider):
    return provider.mailbox(ADDRESS)


def test_night_lies_where_the_settings_say(provider, mailbox):
    night = mailbox.night("2026-11-19")

    place = provider.settings()["MTM_SNAPSHOT_PATH"].format(
        snapshot="nightly.2026-11-19_0000", domain="studiorossi.example", user="giulia"
    )

    assert str(night.path) == place
    assert sorted(path.name for path in night.path.iterdir()) == [
        "cur", "dovecot-uidlist", "dovecot-uidvalidity", "dovecot-uidvalidity.5e1455d8", "new", "tmp",
    ]  # fmt: skip


def test_message_is_stored_verbatim_under_dovecots_name(mailbox):
    received = datetime(2026, 11, 17, 16, 42, tzinfo=UTC)
    night = mailbox.night("2026-11-19")

    message = night.message(source=b"Subject: x\r\n\nciao\n", received=received, flags="SF", keywords=("$Label1",))

    path = night.file(message)
    assert path.read_bytes() == b"Subject: x\r\n\nciao\n"
    assert path.name == "1794933720.M000002P4211.mail,S=18,W=20:2,FSa"
    assert path.stat().st_mtime == received.timestamp()
    assert (night.path / "dovecot-keywords").read_text() == "0 $Label1\n"
    assert (night.path / "dovecot-uidlist").read_text().splitlines()[1:] == [f"1 :{message.guid}"]


def test_composed_message_reads_as_it_was_said(mailbox):
    message = mailbox.night("2026-11-19").message(
        "Però è già così",
        sender="Niccolò Però <nico@example.org>",
        text="Ciao Giulia,\nperché no?",
        html='<p>Ciao <img src="cid:logo@x"></p>',
        inline=[("logo@x", "image/png", b"\x89PNG")],
        attachments=[
            ("fattura è.pdf", "application/pdf", b"%PDF-"),
            ("inoltro.eml", "message/rfc822", b"Subject: y\n"),
        ],
    )

    parsed = message_from_bytes(message.source, policy=default)

    assert parsed["Subject"] == "Però è già così"
    assert parsed["From"].addresses[0].display_name == "Niccolò Però"
    assert [part.get_content_type() for part in parsed.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/pdf", "message/rfc822", "text/plain",
    ]  # fmt: skip
    assert [part.get_filename() for part in parsed.iter_attachments()] == ["fattura è.pdf", "inoltro.eml"]


def test_same_calls_write_the_same_tree(tmp_path):
    for name in ("one", "two"):
        night = Provider(tmp_path / name).mailbox(ADDRESS).night("2026-11-19")
        night.message("Prima", html="<p>Prima</p>", attachments=[("a.txt", "text/plain", b"a")])

    files = [
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("one", "two")
    ]
    assert files[0] == files[1]


def test_next_night_begins_as_the_one_before(mailbox):
    first = mailbox.night("2026-11-18")
    message = first.message(flags="S")

    second = mailbox.night("2026-11-20").flag(message, "RS")

    assert first.file(message).name.endswith(":2,S")
    assert second.file(message).name.endswith(":2,RS")
    assert first.file(message).samefile(second.file(message))


def test_later_night_leaves_earlier_lists_alone(mailbox):
    first = mailbox.night("2026-11-18").folder("Fatture")
    before = fingerprint(first.path)

    mailbox.night("2026-11-19").message(keywords=("$Label1",), folder="Fatture")

    assert fingerprint(first.path) == before


def test_moved_message_keeps_its_guid_and_leaves_a_stale_line(mailbox):
    night = mailbox.night("2026-11-19")
    message = night.message()

    night.move(message, "Cestino")

    assert night.file(message) == night.path / ".Cestino" / "cur" / f"{message.guid}:2,"
    assert message.guid in (night.path / "dovecot-uidlist").read_text()
    assert message.guid not in (night.tidy().path / "dovecot-uidlist").read_text()


def test_copy_in_its_own_folder_is_listed_with_the_first_ones_guid(mailbox):
    night = mailbox.night("2026-11-19")
    message = night.message()

    night.copy(message, "INBOX")

    copy = night.folders["INBOX"].placements[1]
    assert copy.base != message.guid
    assert f"2 G{message.guid} :{copy.base}\n" in (night.path / "dovecot-uidlist").read_text()


def test_new_message_is_in_no_uidlist_until_a_client_flags_it(mailbox):
    night = mailbox.night("2026-11-19")
    message = night.message(new=True)

    listed_before = message.guid in (night.path / "dovecot-uidlist").read_text()
    lay_in = night.file(message).parent.name
    night.flag(message, "S")

    assert (listed_before, lay_in) == (False, "new")
    assert night.file(message).parent.name == "cur"
    assert message.guid in (night.path / "dovecot-uidlist").read_text()


@pytest.mark.parametrize(
    ("layout", "encoding", "directory"),
    [
        ("maildir++", "mutf7", ".Clienti.Pi&APk- &- co"),
        ("maildir++", "utf8", ".Clienti.Più & co"),
        ("fs", "mutf7", "Clienti/Pi&APk- &- co"),
        ("fs", "utf8", "Clienti/Più & co"),
    ],
)
def test_folder_lies_as_its_layout_and_encoding_say(provider, layout, encoding, directory):
    night = provider.mailbox(ADDRESS, layout=layout, encoding=encoding).night("2026-11-19")

    night.folder("Clienti/Più & co")

    assert (night.path / directory / "cur").is_dir()
    assert (night.path / directory / "maildirfolder").exists() == (layout == "maildir++")
    name = directory.lstrip(".").replace("/", "\t").replace(".", "\t")
    assert (night.path / "subscriptions").read_text() == f"V\t2\n\n{name}\n"


@pytest.mark.parametrize("layout", ["maildir++", "fs"])
def test_removed_folder_leaves_the_one_below_it(provider, layout):
    night = provider.mailbox(ADDRESS, layout=layout).night("2026-11-19").folder("Cantieri").folder("Cantieri/Lotto 3")

    night.remove_folder("Cantieri")

    assert not (night.directory("Cantieri") / "cur").exists()
    assert (night.directory("Cantieri/Lotto 3") / "cur").is_dir()


def test_lost_night_is_not_there(provider, mailbox):
    days = [night.day for night in mailbox.nights("2026-11-17", "2026-11-19")]

    provider.lose("2026-11-18")

    assert len(days) == 3
    assert sorted(path.name for path in (provider.volume / ".snapshot").iterdir()) == [
        "nightly.2026-11-17_0000", "nightly.2026-11-19_0000",
    ]  # fmt: skip


def test_rotating_nights_move_up_and_keep_their_stamps(tmp_path):
    provider = Provider(tmp_path, "nightly.{n}")
    mailbox = provider.mailbox(ADDRESS)
    message = mailbox.night("2026-11-18").message()
    mailbox.night("2026-11-19")

    provider.rotate(keep=2)

    assert [path.name for path in sorted((provider.volume / ".snapshot").iterdir())] == ["nightly.0", "nightly.1"]
    assert (provider.snapshot("2026-11-20") / ".mtm-stamp").read_text() == "2026-11-20T00:00:00+01:00\n"
    assert mailbox.night("2026-11-19").file(message).is_relative_to(provider.snapshot("2026-11-19"))
    assert mailbox.night("2026-11-19").file(message).exists()


def test_mailbox_begun_anew_has_another_guid(mailbox):
    before = mailbox.night("2026-11-18")

    after = mailbox.night("2026-11-19", empty=True)

    assert before.folders["INBOX"].guid != after.folders["INBOX"].guid


def test_live_mailbox_continues_the_newest_night(provider, mailbox):
    message = mailbox.night("2026-11-19").message()

    live = mailbox.live()

    assert live.path == provider.volume / "studiorossi.example" / "giulia" / "Maildir"
    assert live.file(message).read_bytes() == message.source


@pytest.mark.parametrize(("method", "magic"), [("gz", b"\x1f\x8b"), ("zstd", b"\x28\xb5\x2f\xfd")])
def test_compressed_message_keeps_its_plain_size_in_its_name(mailbox, method, magic):
    night = mailbox.night("2026-11-19")

    message = night.message(text="ciao " * 500, compressed=method)

    assert night.file(message).read_bytes().startswith(magic)
    assert f",S={len(message.source)}," in night.file(message).name
