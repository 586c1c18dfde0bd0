"""Real mail that public repositories hold, when it lies beside the checkout."""

import random
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from demo.provider import Provider

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
FIRST_DAY, LAST_DAY = date(2026, 11, 15), date(2026, 11, 22)
NIGHTS = LAST_DAY.toordinal() - FIRST_DAY.toordinal() + 1

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real mail is not beside the checkout")


def message_files() -> list[Path]:
    return sorted(path for path in CORPUS.glob("*/*.eml") if not path.parent.name.startswith("_"))


def sample(count: int) -> list[Path]:
    """Return some messages, the same every time."""
    return random.Random(20261122).sample(message_files(), count)


def maildirs() -> list[Path]:
    return sorted(path.parent for path in CORPUS.glob("_maildir/*/cur"))


def deliver(provider: Provider, address: str, files: Sequence[Path]) -> None:
    """Deliver the messages over eight nights, a share each night; what came once stays."""
    mailbox = provider.mailbox(address)
    for number, night in enumerate(mailbox.nights(FIRST_DAY, LAST_DAY)):
        for path in files[number::NIGHTS]:
            night.message(source=path.read_bytes())


def put_in_place(provider: Provider, address: str, maildir: Path) -> None:
    """Make a Maildir that somebody else wrote an account's mailbox of the last night."""
    provider.mailbox(address).night(LAST_DAY)
    place = provider.mailbox_path(address, LAST_DAY)
    shutil.rmtree(place)
    shutil.copytree(maildir, place)
    for path in [place, *place.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
