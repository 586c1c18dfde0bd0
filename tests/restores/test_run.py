"""Restores into a real Dovecot: what comes back, where, and that it comes once."""

import re

import pytest

from restores import requests, work
from restores.models import Line, Outcome, Problem, Reason, State, Target, Verdict, What
from restores.plan import Plan
from restores.states import By
from restores.work import Failed
from snapshots.types import Folder, message_id
from tests.restores.conftest import BOB, DAY, asked, emptied, owner, restored, run_of
from tests.restores.live_mail import counts, live_state

pytestmark = pytest.mark.django_db

SUBJECTS = ("Contratto", "Preventivo", "Fattura")
NIGHT = DAY.isoformat()


@pytest.fixture
def alice(provider, dovecot):
    return provider.mailbox(f"alice{len(dovecot.passwords)}@example.com")


@pytest.fixture
def lost(alice, mailbox):
    """A mailbox whose three letters of the night are gone from the live one; one more is still there."""
    night = alice.night(DAY)
    letters = [night.message(subject, folder="Clienti/Rossi", flags="FS") for subject in SUBJECTS]
    night.message("Resta", folder="Clienti/Rossi")
    live = alice.live()
    for letter in letters:
        live.delete(letter)
    return mailbox(alice)


@pytest.fixture
def served(mailbox):
    """Give a function that serves a mailbox whose live side was emptied."""
    return lambda alice: mailbox(alice, live=emptied(alice))


def of(mailbox):
    return owner(mailbox.address)


def subjects(dovecot, mailbox, folder):
    state = live_state(dovecot, mailbox.address)
    return sorted(copy.subject for copy in state.values() if copy.folder == folder)


def test_what_is_lost_comes_back_to_its_folder(lost, dovecot):
    restore = restored(asked(of(lost), target=Target.ORIGINAL))

    assert restore.state == State.DONE
    assert counts(restore) == {("restored", "", "verified"): 3, ("already-there", "", ""): 1}
    assert subjects(dovecot, lost, "Clienti/Rossi") == sorted([*SUBJECTS, "Resta"])


def test_read_state_and_stars_come_back(lost, dovecot):
    restored(asked(of(lost), target=Target.ORIGINAL))

    flags = [copy.flags for copy in live_state(dovecot, lost.address).values() if copy.subject in SUBJECTS]
    assert flags == [frozenset({"\\Seen", "\\Flagged", "$MTMRestored"})] * 3


@pytest.mark.parametrize("target", list(Target))
def test_second_request_adds_nothing(lost, dovecot, target):
    restored(asked(of(lost), target=target))
    before = live_state(dovecot, lost.address)

    again = restored(asked(of(lost), target=target))

    assert (again.state, again.restored_count) == (State.DONE, 0)
    assert live_state(dovecot, lost.address) == before


@pytest.mark.parametrize("target", list(Target))
def test_nothing_that_was_there_is_changed(lost, dovecot, target):
    before = live_state(dovecot, lost.address)

    restored(asked(of(lost), target=target))

    after = live_state(dovecot, lost.address)
    assert {key: after.get(key) for key in before} == before
    assert len(after) > len(before)


@pytest.mark.parametrize(("language", "title"), [("it", "Ripristino"), ("en", "Restore")])
def test_new_folder_is_named_after_the_night(lost, dovecot, language, title):
    restore = restored(asked(of(lost), language=language))

    client = dovecot.client(lost.address)
    name = f"{title} {NIGHT}/Clienti/Rossi"
    assert restore.state == State.DONE
    assert subjects(dovecot, lost, name) == sorted([*SUBJECTS, "Resta"])
    subscribed = {each[2] for each in client.list_sub_folders()}
    assert {f"{title} {NIGHT}", f"{title} {NIGHT}/Clienti", name} <= subscribed


def test_into_the_inbox(lost, dovecot):
    restored(asked(of(lost), target=Target.INBOX))

    assert subjects(dovecot, lost, "INBOX") == sorted([*SUBJECTS, "Resta"])


def test_chosen_messages_alone_come_back(lost, dovecot):
    letters = lost.night(DAY).folders["Clienti/Rossi"].placements
    folder_id = Folder("Clienti/Rossi").id
    chosen = tuple((folder_id, message_id(each.message.guid, 0)) for each in (letters[0], letters[2]))

    restored(asked(of(lost), what=What.MESSAGES, messages=chosen, target=Target.ORIGINAL))

    assert subjects(dovecot, lost, "Clienti/Rossi") == ["Contratto", "Fattura", "Resta"]


def test_bytes_come_back_as_they_lay_there(alice, served, dovecot):
    night = alice.night(DAY)
    sources = [
        b"Subject: lf\n\nuno\ndue\n",
        b"Subject: crlf\r\n\r\nuno\r\ndue\r\n",
        b"Subject: no end\n\nuno",
        b"Subject: bare cr\n\nuno\rdue\n\r\n\rtre\r\n",
        "Subject: perch\u00e9\n\n\u00e8 cos\u00ec\n".encode(),
        b"Subject: eight bit\n\n\xe8\xff\x80\n",
        b"Subject: long\n\n" + b"x" * 1_000_000 + b"\n",
        b"Subject: x\n\n" + b"a001 LOGOUT\r\n{3+}\r\nabc\n",
    ]
    for source in sources:
        night.message(source=source)
    served(alice)

    restore = restored(asked(of(alice), target=Target.ORIGINAL))

    assert counts(restore) == {("restored", "", "verified"): len(sources)}
    stored = {copy.source for copy in live_state(dovecot, alice.address, with_source=True).values()}
    assert stored == {re.sub(rb"(?<!\r)\n", b"\r\n", source) for source in sources}


def test_message_the_server_alters_is_named_and_comes_once(alice, served, dovecot):
    alice.night(DAY).message(source=b"Subject: more cr\n\nuno\r\r\n")
    served(alice)

    restore = restored(asked(of(alice), target=Target.ORIGINAL))
    again = restored(asked(of(alice), target=Target.ORIGINAL))

    assert (restore.state, counts(restore)) == (State.PARTLY_DONE, {("restored", "", "differs"): 1})
    assert (again.restored_count, len(live_state(dovecot, alice.address))) == (0, 1)


def test_keywords_come_back(alice, served, dovecot):
    alice.night(DAY).message("Urgente", flags="S", keywords=("$Label1", "Lavoro"))
    served(alice)

    restore = restored(asked(of(alice), target=Target.ORIGINAL))

    [copy] = live_state(dovecot, alice.address).values()
    assert copy.flags == {"\\Seen", "$Label1", "Lavoro", "$MTMRestored"}
    assert counts(restore) == {("restored", "", "verified"): 1}


def test_what_no_server_takes_is_named(alice, served, dovecot):
    night = alice.night(DAY)
    night.message("Buono")
    night.message(source=b"")
    night.message(source=b"Subject: nul\n\n\0\n")
    served(alice)

    restore = restored(asked(of(alice), target=Target.ORIGINAL))

    assert restore.state == State.PARTLY_DONE
    assert counts(restore) == {("restored", "", "verified"): 1, ("refused", "empty", ""): 1, ("refused", "nul", ""): 1}
    assert subjects(dovecot, alice, "INBOX") == ["Buono"]


@pytest.mark.parametrize(("with_trash", "found"), [(False, {"INBOX"}), (True, {"INBOX", "Cestino", "Junk"})])
def test_trash_and_junk_are_left_out_unless_chosen(alice, served, dovecot, with_trash, found):
    night = alice.night(DAY)
    for folder in ("INBOX", "Cestino", "Junk"):
        night.message("Ciao", folder=folder)
    served(alice)

    restored(asked(of(alice), target=Target.ORIGINAL, with_trash=with_trash))

    assert {copy.folder for copy in live_state(dovecot, alice.address).values()} == found


def test_of_two_equal_messages_the_missing_one_comes_back(alice, mailbox, dovecot):
    night = alice.night(DAY)
    first, _ = (night.message(source=b"Subject: due\nMessage-ID: <due@example.org>\n\nciao\n") for _ in range(2))
    live = alice.live()
    live.delete(first)
    mailbox(alice)

    restore = restored(asked(of(alice), target=Target.ORIGINAL))

    assert counts(restore) == {("restored", "", "verified"): 1, ("already-there", "", ""): 1}
    assert subjects(dovecot, alice, "INBOX") == ["due", "due"]


def test_two_equal_messages_both_come_back_and_only_once(alice, served, dovecot):
    for _ in range(2):
        alice.night(DAY).message(source=b"Subject: due\n\nciao\n")
    served(alice)

    restored(asked(of(alice), target=Target.ORIGINAL))
    again = restored(asked(of(alice), target=Target.ORIGINAL))

    assert subjects(dovecot, alice, "INBOX") == ["due", "due"]
    assert again.restored_count == 0


def test_message_moved_since_is_there_already(alice, mailbox):
    letter = alice.night(DAY).message("Spostata")
    alice.live().move(letter, "Archivio")
    mailbox(alice)

    restore = restored(asked(of(alice), target=Target.ORIGINAL))

    line = Line.objects.get(restore=restore)
    assert (line.outcome, line.target) == (Outcome.ALREADY_THERE, "Archivio")


def test_another_person_s_night_is_not_restored(alice, mailbox, dovecot):
    alice.night(DAY).message("Di un altro")
    mailbox(alice, live=alice.live(empty=True))
    restore = asked(of(alice))
    requests.take_on(restore, BOB)
    requests.ask_to_run(restore, BOB)

    run = run_of(restore)
    with pytest.raises(Failed) as failure, work.handled(run):
        work.restore(run, By())
    work.postpone(restore, failure.value.problem, By())

    assert (restore.state, restore.problem) == (State.FAILED, Problem.LOCKED)
    assert live_state(dovecot, alice.address) == {}


def test_plan_writes_nothing_and_tells_the_truth(lost, dovecot):
    before, folders = live_state(dovecot, lost.address), dovecot.client(lost.address).list_folders()
    restore = asked(of(lost))

    plan = run_of(restore).plan()

    assert Plan.of(restore) == plan
    assert (plan.to_add, plan.already_there, plan.refused) == (4, 0, 0)
    assert plan.folders == tuple(f"Ripristino {NIGHT}{below}" for below in ("", "/Clienti", "/Clienti/Rossi"))
    assert (live_state(dovecot, lost.address), dovecot.client(lost.address).list_folders()) == (before, folders)


def test_request_cancelled_while_it_is_planned_ends_there(lost):
    restore = asked(of(lost))
    run = run_of(restore)
    requests.cancel(restore, BOB)

    with work.handled(run):
        work.plan(run)

    restore.refresh_from_db()
    assert (restore.state, restore.due, restore.is_cancelling) == (State.CANCELLED, "", False)


def test_vanished_message_is_named(lost):
    chosen = (("inbox", message_id("nowhere", 0)), ("f-none", message_id("nowhere", 0)))

    restore = restored(asked(of(lost), what=What.MESSAGES, messages=chosen, target=Target.ORIGINAL))

    assert (restore.state, counts(restore)) == (State.FAILED, {("refused", Reason.VANISHED, Verdict.NONE): 2})
