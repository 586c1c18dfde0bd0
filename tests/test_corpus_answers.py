"""Real mail of public repositories, where it lies beside the checkout: what other parsers agree on, we see too."""

from collections import Counter

import pytest

from snapshots.charsets import REPLACEMENT
from tests.corpus import needs_corpus
from tests.corpus_answers import FIELDS, agreed, disputed, explained, is_readable

pytestmark = needs_corpus

LEAST_SHARE = 0.995


@pytest.fixture(scope="module")
def answers():
    return list(agreed())


def test_what_all_parsers_agree_on_is_shown(answers):
    asked = Counter(answer.field for answer in answers)
    equal = Counter(answer.field for answer in answers if answer.is_agreed)
    recovered = Counter(answer.field for answer in answers if not answer.is_agreed and answer.is_recovered)

    for field in FIELDS:
        more = f", {recovered[field]} more read by us alone" if recovered[field] else ""
        print(f"{field}: {equal[field]} of {asked[field]} equal, {equal[field] / asked[field]:.2%}{more}")
    assert min((equal[field] + recovered[field]) / asked[field] for field in FIELDS) >= LEAST_SHARE


def test_every_difference_is_explained(answers):
    different = {(answer.file, answer.field) for answer in answers if not answer.is_agreed}
    alone = {(answer.file, answer.field) for answer in disputed() if not answer.is_agreed}

    print(f"disputed: {len(alone)} of {len(list(disputed()))} answers are ours alone")
    assert different | alone == explained()


def test_what_any_parser_can_read_we_read():
    lost = [
        (answer.file, answer.field)
        for answer in disputed()
        if REPLACEMENT in str(answer.ours) and any(map(is_readable, answer.theirs))
    ]

    assert lost == []
