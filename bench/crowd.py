"""Many small mailboxes beside the big one, some of them full of hostile mail, and the sessions of their owners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from pathlib import Path

from bench.mailbox import BigMailbox
from demo.provider import Provider
from snapshots.accounts import parse_address
from snapshots.types import Account
from tests.bombs import BOMBS
from tests.payload_mail import message_of, payloads

MESSAGES = 30
NIGHTS = 3
HOSTILE_SHARE = 5
BIG_SHARE = 20
BOMB_SCALE = 0.01
"""One owner of so many has hostile mail, one of so many the big mailbox."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Owners, and the settings of a site that has the mail of all of them."""

    accounts: Sequence[Account]
    settings: dict[str, str]


def gathered(big: BigMailbox, directory: Path, *, owners: int) -> Crowd:
    """Make a mailbox for each owner but those who share the big one, in a volume of its own below `directory`."""
    provider = Provider(directory)
    hostile = cycle(_hostile())
    accounts = []
    for number in range(owners):
        if number % BIG_SHARE == 0:
            accounts.append(big.account)
            continue
        address = f"persona{number}@piccola.example"
        _fill(provider, address, big.newest_day, hostile if number % HOSTILE_SHARE == 1 else None)
        accounts.append(parse_address(address))
    paths = [big.settings["MTM_SNAPSHOT_PATH"], provider.settings()["MTM_SNAPSHOT_PATH"]]
    return Crowd(accounts, big.settings | {"MTM_SNAPSHOT_PATH": "\n".join(paths)})


def _fill(provider: Provider, address: str, newest: date, hostile: "cycle[bytes] | None") -> None:
    mailbox = provider.mailbox(address)
    for night in mailbox.nights(newest - timedelta(days=NIGHTS - 1), newest):
        for number in range(MESSAGES // NIGHTS):
            if hostile is None:
                night.message(f"Sopralluogo {number}", text="Ci vediamo in cantiere.\n" * 40)
            else:
                night.message(source=next(hostile))


def _hostile() -> list[bytes]:
    written = [message_of(text, raw=raw) for text in payloads() for raw in (False, True)]
    return [*written, *(bomb.made(BOMB_SCALE) for bomb in BOMBS.values())]
