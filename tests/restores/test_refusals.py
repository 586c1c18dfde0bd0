"""What a server refuses: the exact truth in the lines, everything else restored, and gone on with when it can be."""

import os
import subprocess
from contextlib import contextmanager
from functools import partial

import pytest

from restores.models import Line, Outcome, Reason, State, Target
from restores.plan import Plan
from snapshots import configured
from tests.dovecot import running
from tests.restores.conftest import DAY, asked, emptied, owner, restored, run_of
from tests.restores.live_mail import counts, live_state
from tests.restores.meddling import before

pytestmark = pytest.mark.django_db

KIBIBYTE = 1024
RULES = """
mail_plugins = zlib quota acl
protocol imap {{
  mail_plugins = zlib quota imap_quota acl imap_acl
}}
plugin {{
  quota = maildir:User quota
  acl = vfile
}}
"""


@pytest.fixture(scope="module")
def narrow():
    """A Dovecot that keeps to quotas and to rights."""
    with running(more=RULES) as server:
        yield server


@pytest.fixture
def lost(provider, site, settings):
    """Give a function that makes a mailbox of lost messages on a server; return it and its live Maildir."""

    def serve(server, *, count, kibibytes=1, more=(), inbox=0, live=(), below=False):
        alice = provider.mailbox(f"alice{len(server.passwords)}@example.com")
        for number in range(count):
            text = b"x" * 70 + b"\n"
            source = b"Subject: %d\n\n" % number + text * (kibibytes * KIBIBYTE // 71)
            alice.night(DAY).message(source=source, folder="Clienti")
        for source in more:
            alice.night(DAY).message(source=source, folder="Clienti")
        for _ in range(inbox):
            alice.night(DAY).message()
        tree = emptied(alice)
        if below:
            alice.night(DAY).message(folder="Clienti/Rossi")
        for source in live:
            tree.message(source=source)
        maildir = server.add_user(alice.address, copy_of=tree.path)
        settings.MTM_IMAP_URL = server.url
        site(provider)
        return alice, maildir

    return serve


@pytest.fixture
def meddled(dovecot, lost, settings, monkeypatch):
    """Give a function that serves such a mailbox through a proxy; return it and the proxy."""
    monkeypatch.setattr("restores.sending.MOST_MESSAGES", 10)
    with before(dovecot.port) as proxy:

        def serve(**others):
            alice, _ = lost(dovecot, **others)
            settings.MTM_IMAP_URL = proxy.url
            configured.live_server.cache_clear()
            return alice, proxy

        yield serve


def give_quota(server, mailbox, kibibytes):
    user = server.directory / "users" / mailbox.address
    line = user.read_text().split(" userdb_quota_rule")[0].rstrip("\n")
    user.write_text(f"{line} userdb_quota_rule=*:storage={kibibytes}K\n")
    # Dovecot sees a change of this file once a second, by its time and size.
    os.utime(user, (kibibytes, kibibytes))


def original(mailbox, **others):
    return asked(owner(mailbox.address), target=Target.ORIGINAL, **others)


def test_room_that_is_missing_is_told_before_anything_is_written(narrow, lost):
    alice, _ = lost(narrow, count=4, kibibytes=100)
    give_quota(narrow, alice, 300)
    restore = original(alice)

    plan = run_of(restore).plan()

    assert (plan.quota_used_bytes, plan.quota_limit_bytes) == (0, 300 * KIBIBYTE)
    assert plan.missing_bytes == plan.to_add_bytes - 300 * KIBIBYTE > 0
    assert live_state(narrow, alice.address) == {}


def test_what_fits_into_the_quota_comes_and_the_rest_when_there_is_room(narrow, lost):
    filler = b"Subject: filler\n\n" + b"x\n" * 300_000
    alice, _ = lost(narrow, count=12, kibibytes=100, live=[filler])
    give_quota(narrow, alice, 1500)

    restore = restored(original(alice))
    first = counts(restore)
    reasons = set(Line.objects.filter(restore=restore, outcome=Outcome.FAILED).values_list("reason", flat=True))
    there = len(live_state(narrow, alice.address)) - 1
    make_room(narrow, alice)
    restored(restore)

    assert first == {("restored", "", "verified"): there, ("failed", "over-quota", ""): 12 - there}
    assert (0 < there < 12, reasons) == (True, {Reason.OVER_QUOTA})
    assert (restore.state, counts(restore)) == (State.DONE, {("restored", "", "verified"): 12})
    assert len(live_state(narrow, alice.address)) == 12


def make_room(server, mailbox):
    """Delete what lies in the INBOX, as its owner."""
    client = server.client(mailbox.address)
    client.select_folder("INBOX")
    client.delete_messages(client.search())
    client.expunge()


def test_small_messages_fit_where_a_large_one_does_not(narrow, lost):
    alice, _ = lost(narrow, count=3, more=[b"Subject: large\n\n" + b"x\n" * 400_000])
    give_quota(narrow, alice, 200)

    restore = restored(original(alice))

    assert counts(restore) == {("restored", "", "verified"): 3, ("failed", "over-quota", ""): 1}


def test_largest_message_a_server_takes_is_known_before(meddled):
    alice, proxy = meddled(count=3, more=[b"Subject: large\n\n" + b"x\n" * 3000])
    proxy.rewrite = lambda data: data.replace(b"IMAP4rev1", b"IMAP4rev1 APPENDLIMIT=5000")

    restore = restored(original(alice))

    plan = Plan.of(restore)
    assert plan is not None
    assert plan.append_limit_bytes == 5000
    assert counts(restore) == {("restored", "", "verified"): 3, ("refused", "too-big", ""): 1}


def test_message_the_server_takes_for_nonsense_is_named(meddled):
    alice, proxy = meddled(count=25)
    proxy.meddle = lambda command: b"BAD no" if b"Subject: 13\r\n" in command.data else None

    restore = restored(original(alice))

    assert restore.state == State.PARTLY_DONE
    assert counts(restore) == {("restored", "", "verified"): 24, ("failed", "rejected", ""): 1}
    line = Line.objects.get(restore=restore, outcome=Outcome.FAILED)
    assert (line.place, "no" in line.answer) == (14, True)


def test_folder_that_goes_away_meanwhile_is_made_again(meddled):
    alice, proxy = meddled(count=25)
    answers = [b"NO [TRYCREATE] no such folder"]
    proxy.meddle = lambda command: answers.pop() if command.name == "APPEND" and answers else None

    restore = restored(original(alice))

    assert (restore.state, answers) == (State.DONE, [])
    assert counts(restore) == {("restored", "", "verified"): 25}


def test_folder_nobody_may_write_to_is_named_and_the_others_come(narrow, lost):
    alice, maildir = lost(narrow, count=15, inbox=1)
    rights = maildir / ".Clienti" / "dovecot-acl"
    rights.write_text("owner lr\n")

    restore = restored(original(alice))
    first = counts(restore)
    rights.write_text("owner lrwstipekxa\n")
    restored(restore)

    assert first == {("restored", "", "verified"): 1, ("failed", "read-only", ""): 15}
    assert counts(restore) == {("restored", "", "verified"): 16}


def test_folder_that_cannot_be_made_is_named(narrow, lost):
    alice, maildir = lost(narrow, count=2, inbox=1, below=True)
    (maildir / ".Clienti" / "dovecot-acl").write_text("owner lr\n")

    restore = restored(original(alice))

    assert counts(restore)["restored", "", "verified"] == 1
    assert counts(restore)["failed", "no-folder", ""] == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server has a user that is not the files' owner")
def test_folder_on_which_the_server_breaks_is_named_and_the_others_come(dovecot, lost):
    alice, maildir = lost(dovecot, count=3, inbox=1)
    for part in ("cur", "new", "tmp", "."):
        (maildir / ".Clienti" / part).chmod(0o500)

    restore = restored(original(alice), pauses_seconds=(0,) * 5)

    assert counts(restore) == {("restored", "", "verified"): 1, ("failed", "unreadable", ""): 3}


def test_full_disk_is_named_and_gone_on_with(dovecot, lost):
    alice, maildir = lost(dovecot, count=30, kibibytes=100)
    with small_disk(maildir, kibibytes=1500) as grow:
        restore = restored(original(alice))
        first, there = counts(restore), len(live_state(dovecot, alice.address))
        grow(8000)
        restored(restore)
        after = live_state(dovecot, alice.address)

    assert 0 < there < 30
    assert (first["restored", "", "verified"], sum(first.values())) == (there, 30)
    assert {outcome for outcome, _, _ in first} == {"restored", "failed"}
    assert (counts(restore), len(after)) == ({("restored", "", "verified"): 30}, 30)


@pytest.mark.parametrize("lacks", ["MULTIAPPEND", "UIDPLUS", "LITERAL+", "NAMESPACE", "QUOTA"])
def test_server_that_lacks_something_takes_everything_too(meddled, dovecot, lacks):
    alice, proxy = meddled(count=12)
    hidden = [lacks.encode(), *([b"[APPENDUID"] if lacks == "UIDPLUS" else [])]
    proxy.rewrite = partial(_without, hidden)

    restore = restored(original(alice))
    again = restored(original(alice))

    assert counts(restore) == {("restored", "", "verified"): 12}
    assert (again.restored_count, len(live_state(dovecot, alice.address))) == (0, 12)


def test_server_without_guids_is_asked_by_message_id_and_bytes(meddled, dovecot):
    alice, proxy = meddled(count=12)
    proxy.meddle = lambda command: b"BAD unknown" if b"X-GUID" in command.data else None

    restored(original(alice))
    again = restored(original(alice))

    assert (again.restored_count, len(live_state(dovecot, alice.address))) == (0, 12)


def _without(words, data):
    for word in words:
        data = data.replace(word, b"[X" + b"X" * (len(word) - 2))
    return data


@contextmanager
def small_disk(directory, *, kibibytes):
    """Put a directory onto a disk of its own; give a function that changes its size."""
    kept = directory.with_name("kept")
    subprocess.run(["cp", "-a", str(directory), str(kept)], check=True)
    owner_of = directory.stat()
    size = f"size={kibibytes}k,uid={owner_of.st_uid},gid={owner_of.st_gid},mode=700"
    tried = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(directory)], capture_output=True)
    if tried.returncode:
        pytest.skip("mounting a small disk takes the rights of root")
    try:
        subprocess.run(["cp", "-a", f"{kept}/.", str(directory)], check=True)
        yield lambda more: subprocess.run(["mount", "-o", f"remount,size={more}k", str(directory)], check=True)
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)
