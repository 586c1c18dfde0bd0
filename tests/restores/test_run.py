"""Restores into a real Dovecot: what comes back, where, and that it comes once."""

import pytest

from restores.models import Line, State, Target
from tests.restores.conftest import DAY, asked, restored

pytestmark = pytest.mark.django_db

SUBJECTS = ("Contratto", "Preventivo", "Fattura")


@pytest.fixture
def lost(provider, dovecot, mailbox):
    """Alice's mailbox, whose three letters of the night are gone from the live one; one more is still there."""
    alice = provider.mailbox(f"alice{len(dovecot.passwords)}@example.com")
    night = alice.night(DAY)
    letters = [night.message(subject, folder="Clienti/Rossi", flags="FS") for subject in SUBJECTS]
    night.message("Resta", folder="Clienti/Rossi")
    live = alice.live()
    for letter in letters:
        live.delete(letter)
    return mailbox(alice)


def subjects(dovecot, address, folder):
    client = dovecot.client(address)
    client.select_folder(folder, readonly=True)
    fetched = client.fetch(client.search(), ["ENVELOPE"]) if client.folder_status(folder)[b"MESSAGES"] else {}
    return sorted(each[b"ENVELOPE"].subject.decode() for each in fetched.values())


def owner_of(mailbox):
    from tests.restores.conftest import owner

    return owner(mailbox.address)


def test_what_is_lost_comes_back_to_its_folder(lost, dovecot):
    restore = restored(asked(owner_of(lost), target=Target.ORIGINAL))

    assert restore.state == State.DONE
    assert subjects(dovecot, lost.address, "Clienti/Rossi") == sorted([*SUBJECTS, "Resta"])
    lines = Line.objects.filter(restore=restore)
    assert sorted(lines.values_list("outcome", "verdict")) == sorted(
        [("already-there", "")] + [("restored", "verified")] * 3
    )
