"""Real mail through the whole site: nothing fails, and what leaves is what lay there."""

import hashlib
import logging
from collections import Counter
from datetime import date

import pytest

from tests.corpus import (
    FIRST_DAY,
    LAST_DAY,
    deliver,
    maildirs,
    message_files,
    needs_corpus,
    put_in_place,
    sample,
)
from tests.crawl import Visit, crawl, folder_ids
from tests.scale import needs_evidence
from tests.served import ALICE

pytestmark = needs_corpus

SAMPLE_SIZE = 50
SLOW_MILLISECONDS = 200


@pytest.fixture
def complaints(caplog):
    """Give what was logged as a warning or worse."""
    caplog.set_level(logging.WARNING)
    return caplog.records


def crawl_nights(client) -> list[Visit]:
    """Open on each night what came that night."""
    known: list[str] = []
    visits: list[Visit] = []
    for ordinal in range(FIRST_DAY.toordinal(), LAST_DAY.toordinal() + 1):
        tonight = list(crawl(client, date.fromordinal(ordinal), known=known))
        known += [row.id for visit in tonight if visit.name == "list" for row in visit.response.context["rows"]]
        visits += tonight
    return visits


def digests(files) -> Counter[str]:
    return Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)


def stored(maildir):
    return [path for path in maildir.rglob("*") if path.parent.name in ("cur", "new")]


def sources(visits) -> Counter[str]:
    return Counter(visit.digest for visit in visits if visit.name == "eml")


def figures(visits) -> str:
    """Return how many answers there were of each kind, and which were slow."""
    counts = ", ".join(f"{count} × {name}" for name, count in Counter(visit.name for visit in visits).items())
    slow = [f"{visit.milliseconds:.0f} ms {visit.url}" for visit in visits if visit.milliseconds > SLOW_MILLISECONDS]
    return "\n".join([counts, f"slower than {SLOW_MILLISECONDS} ms: {len(slow)}", *slow])


@pytest.mark.parametrize("maildir", maildirs(), ids=lambda path: path.name)
def test_maildir_of_somebody_else_opens(alice, site, provider, complaints, maildir):
    put_in_place(provider, ALICE, maildir)
    site(provider)

    visits = [visit for folder in folder_ids(ALICE, LAST_DAY) for visit in crawl(alice, LAST_DAY, folder)]

    assert [visit.url for visit in visits if visit.status != 200] == []
    assert set(sources(visits)) <= set(digests(stored(maildir)))
    assert complaints == []


def test_messages_of_two_folders_with_one_base_name_are_told_apart(alice, site, provider):
    night = provider.mailbox(ALICE).night(LAST_DAY)
    for folder in ("Uno", "Due"):
        night.message(folder, folder=folder, name="1035478339.27041_118.foo.org")
    site(provider)

    visits = [visit for folder in folder_ids(ALICE, LAST_DAY) for visit in crawl(alice, LAST_DAY, folder)]

    assert len(sources(visits)) == 2


def test_real_mail_is_listed_opened_and_leaves_as_it_lay(alice, site, provider, complaints):
    files = sample(SAMPLE_SIZE)
    deliver(provider, ALICE, files)
    site(provider)

    visits = crawl_nights(alice)

    assert [visit.url for visit in visits if visit.status != 200] == []
    assert sources(visits) == digests(files)
    assert complaints == []


@needs_evidence
def test_all_real_mail_is_listed_opened_and_leaves_as_it_lay(alice, site, provider, complaints):
    files = message_files()
    deliver(provider, ALICE, files)
    site(provider)

    visits = crawl_nights(alice)

    print(figures(visits))
    assert [visit.url for visit in visits if visit.status != 200] == []
    assert sources(visits) == digests(files)
    assert complaints == []
