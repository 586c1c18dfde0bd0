"""Real mail damaged at random: everything of it is read, and every page of it answers within the limits."""

from collections import Counter

from tests.child import all_ended, begun
from tests.corpus import needs_corpus
from tests.scale import needs_evidence

LONGEST_SECONDS = 5
MOST_MEMORY_MB = 300
SAMPLE = 60
ALL = 20_000
OPENED = "tests.damaged_mail:opened"


def check(*processes):
    found = all_ended(processes)

    statuses = sum((Counter(one["statuses"]) for one in found), Counter())
    slowest, memory = (max(one[name] for one in found) for name in ("slowest_seconds", "memory_mb"))
    print(", ".join(f"{count:,} × {status}" for status, count in sorted(statuses.items())))
    print(f"slowest answer {slowest:.2f} s of CPU, most memory {memory:.0f} MB")
    assert [failure for one in found for failure in one["failed"]] == []
    assert slowest <= LONGEST_SECONDS
    assert memory <= MOST_MEMORY_MB


def test_damaged_mail_is_read_and_opened():
    check(begun(OPENED, first=0, stop=SAMPLE))


@needs_corpus
@needs_evidence
def test_all_mail_and_twenty_thousand_mutants_are_read_and_opened():
    check(begun(OPENED, first=0, stop=ALL // 2, whole=True), begun(OPENED, first=ALL // 2, stop=ALL))
