"""What the tests of engines use: a night of a made provider, opened."""

from datetime import date

import pytest

from snapshots.accounts import parse_address
from snapshots.engines.maildir import MaildirEngine
from tests.served import ALICE, volume_over

DAY = "2026-11-21"


@pytest.fixture
def mailbox(provider):
    return provider.mailbox(ALICE)


@pytest.fixture
def night(mailbox):
    return mailbox.night(DAY)


@pytest.fixture
def opened():
    """Give a function that opens a provider's night as the maildir engine does; it is closed with the test."""
    readers = []

    def open_night(provider, day=DAY, *, address=ALICE, **volume):
        account = parse_address(address)
        engine = MaildirEngine([volume_over(provider, **volume)])
        night = next(night for night in engine.nights(account) if night.day == date.fromisoformat(day))
        readers.append(engine.open(account, night))
        return readers[-1]

    yield open_night
    for reader in readers:
        reader.close()
