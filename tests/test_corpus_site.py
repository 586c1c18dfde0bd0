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
    message_files,
    needs_corpus,
    needs_evidence,
    sample,
)
from tests.crawl import Visit, crawl
from tests.served import ALICE

pytestmark = needs_corpus

SAMPLE_SIZE = 120


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


def sources(visits) -> Counter[str]:
    return Counter(visit.digest for visit in visits if visit.name == "source")


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

    print(Counter(visit.name for visit in visits))
    print([(visit.url, visit.milliseconds) for visit in visits if visit.milliseconds > 200])
    assert [visit.url for visit in visits if visit.status != 200] == []
    assert sources(visits) == digests(files)
    assert complaints == []
