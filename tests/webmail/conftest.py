"""Two mailboxes of one night, and browsers that show a failure as a reader sees it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client

from snapshots import configured
from snapshots.accounts import parse_address
from snapshots.types import Folder
from tests.served import ALICE, CHARLIE, sign_in

DAY = date(2026, 11, 21)
REFERENCE = "R-2026-0001"
SECRETS = "Segreti di Charlie"
PICTURE = ("foto.png", "image/png", b"\x89PNG\r\n\x1a\n")


@dataclass(frozen=True, slots=True)
class Ids:
    """What stands in URLs for one mailbox's folder and message."""

    folder: str
    message: str

    @property
    def values(self) -> dict[str, Any]:
        mail = {"day": DAY, "folder": self.folder, "message": self.message, "number": "2", "name": "foto.png"}
        return mail | {"grant": 1, "uid": "MQ", "token": "token", "reference": REFERENCE}


def ids_of(client: Client, name: str = "Clienti") -> Ids:
    """Return the ids of a folder and its newest message."""
    folder = Folder(name).id
    message = client.get(f"/{DAY}/{folder}/").context["rows"][0].id
    return Ids(folder, message)


@pytest.fixture
def two_mailboxes(provider, site):
    """Put the site over mailboxes of Alice and Charlie, each with a folder and a message of its own."""
    alice, charlie = provider.mailbox(ALICE).night(DAY), provider.mailbox(CHARLIE).night(DAY)
    alice.message("Contratto", folder="Clienti", attachments=[PICTURE])
    charlie.message("Di nessun altro", folder=SECRETS, attachments=[PICTURE])
    return site(provider)


@pytest.fixture
def stranger():
    """A browser in which nobody has logged in; here a failure inside the site is an answer, as for a reader."""
    return Client(raise_request_exception=False)


@pytest.fixture
def reader(db):
    """Such a browser, in which Alice has logged in."""
    return sign_in(Client(raise_request_exception=False))


@pytest.fixture
def charlie(db):
    return sign_in(Client(raise_request_exception=False), CHARLIE)


@pytest.fixture
def indexed(site, settings, tmp_path):
    """Give a function that puts the site over a provider and builds the time index of an account's nights."""

    def serve(provider, address=ALICE):
        settings.MTM_STATE_DIR = tmp_path / "state"
        site(provider)
        while not configured.archive().build_index(parse_address(address)):
            pass
        return provider

    return serve
