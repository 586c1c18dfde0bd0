"""What the tests of an owner's pages begin with: a night, and Alice's browser."""

import pytest
from django.test import Client

from snapshots.types import Folder
from tests.restores.conftest import DAY
from tests.served import ALICE, CHARLIE, sign_in

CLIENTS = Folder("Clienti").id


@pytest.fixture
def night(provider, site):
    """Alice's mailbox of a night: three letters in a folder, one in the inbox, one in the trash."""
    night = provider.mailbox(ALICE).night(DAY)
    for subject in ("Contratto", "Preventivo", "Fattura"):
        night.message(subject, folder="Clienti")
    night.message("Resta")
    night.message("Buttata", folder="Trash")
    provider.mailbox(CHARLIE).night(DAY).message("Di nessun altro", folder="Segreti")
    site(provider)
    return night


@pytest.fixture
def alice(night):
    return sign_in(Client())
