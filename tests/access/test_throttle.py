"""The three limits, under a clock of our own."""

import pytest
from axes.models import AccessAttempt, AccessLog

from access.login import LoginThrottled, WrongPassword, log_in
from tests.access.conftest import RIGHT

pytestmark = pytest.mark.django_db

ALICE = "alice@example.com"
WRONG = "wrong"


@pytest.fixture
def guess(live, clock, request_from):
    """Try a wrong password; return 0, or the seconds one is told to wait."""

    def guess(address=ALICE, client="203.0.113.7", password=WRONG) -> int:
        try:
            log_in(request_from(client), address=address, password=password)
        except WrongPassword:
            return 0
        except LoginThrottled as throttled:
            return throttled.retry_after_seconds
        return 0

    return guess


@pytest.fixture
def fail_times(guess, clock):
    """Fail so often, waiting as long as told each time."""

    def fail_times(count: int, **options) -> None:
        for _ in range(count):
            clock.forward(seconds=guess(**options))
            guess(**options)

    return fail_times


@pytest.mark.parametrize(("failures", "wait_seconds"), [(4, 0), (5, 60), (9, 60), (10, 900), (19, 900), (20, 7200)])
def test_delay_grows_with_the_failures(live, guess, clock, failures, wait_seconds):
    live.asked.clear()
    while len(live.asked) < failures:
        clock.forward(seconds=guess())

    assert abs(guess() - wait_seconds) <= (1 if wait_seconds else 0)


def test_locked_out_attempts_do_not_prolong_the_delay(guess, clock):
    for _ in range(5):
        guess()
    clock.forward(seconds=40)

    waits = [guess(), guess(), guess()]

    assert waits == [20, 20, 20]


def test_right_password_after_the_delay_opens_and_forgives(live, guess, clock, request_from):
    for _ in range(5):
        guess()
    clock.forward(seconds=61)

    log_in(request_from(), address=ALICE, password=RIGHT)

    assert AccessAttempt.objects.count() == 0
    assert guess() == 0


def test_other_addresses_and_other_accounts_do_not_wait_for_this_pair(guess):
    for _ in range(6):
        guess()

    assert guess() > 0
    assert guess(client="198.51.100.9") == 0
    assert guess(address="bob@example.com") == 0


@pytest.mark.database
def test_invented_account_waits_exactly_like_a_real_one(guess):
    real = [guess(ALICE) for _ in range(7)]
    invented = [guess("nobody@example.org", client="198.51.100.9") for _ in range(7)]

    assert real == invented


def test_account_is_delayed_over_all_addresses(live, guess):
    for number in range(10):
        guess(client=f"198.51.100.{number}")

    assert guess(client="192.0.2.1") == 1


def test_account_s_delay_ends_at_a_minute(live, guess, clock):
    longest = 0
    for number in range(40):
        wait = guess(client=f"198.51.100.{number}")
        longest = max(longest, wait)
        clock.forward(seconds=wait)
        guess(client=f"198.51.100.{number}")

    assert longest == 60


def test_thousand_guesses_from_a_hundred_addresses_reach_the_server_eighty_times_an_hour(live, guess, clock):
    for step in range(1000):
        guess(client=f"198.51.100.{step % 100}")
        clock.forward(seconds=3.6)

    assert len(live.asked) <= 80


@pytest.mark.database
def test_address_the_owner_came_from_before_is_spared(live, guess, request_from):
    log_in(request_from("203.0.113.7"), address=ALICE, password=RIGHT)
    for number in range(10):
        guess(client=f"198.51.100.{number}")

    assert guess(client="192.0.2.1") > 0
    assert guess(client="203.0.113.7") == 0


def test_owner_from_a_new_address_waits_a_minute_at_most(live, guess, clock, request_from):
    for step in range(200):
        guess(client=f"198.51.100.{step % 100}")
        clock.forward(seconds=10)

    clock.forward(seconds=guess(client="192.0.2.1"))
    owner = log_in(request_from("192.0.2.1"), address=ALICE, password=RIGHT)

    assert owner.account.address == ALICE


@pytest.mark.parametrize(
    ("clients", "limited"),
    [
        (["203.0.113.7"], True),
        (["2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1:ffff::3"], True),
        (["2001:db8:0:1::1", "2001:db8:0:2::1"], False),
    ],
)
def test_address_or_its_64_network_has_thirty_failures(guess, clients, limited):
    for step in range(30):
        guess(address=f"user{step}@example.com", client=clients[step % len(clients)])

    assert (guess(address="another@example.com", client=clients[0]) > 0) is limited


def test_address_s_limit_passes_with_time(guess, clock):
    for step in range(30):
        guess(address=f"user{step}@example.com")

    clock.forward(seconds=guess(address="another@example.com"))

    assert guess(address="another@example.com") == 0


def test_malformed_addresses_are_limited_too(guess):
    waits = [guess(address="not an address") for _ in range(6)]

    assert waits == [0, 0, 0, 0, 0, 60]


@pytest.mark.database
def test_parallel_guesses_are_counted_before_they_are_answered(live, guess):
    for number in range(9):
        guess(client=f"198.51.100.{number}")
    seen = []
    live.during = lambda: seen.append(guess_during(guess, live))

    guess(client="192.0.2.1")

    assert seen == [1]


def test_no_limit_stores_more_than_address_and_account(live, guess, request_from):
    guess(password="secret of mine")

    attempt = AccessAttempt.objects.get()

    assert attempt.post_data == attempt.get_data == ""
    assert "secret" not in str(vars(attempt))


def test_one_row_remembers_a_known_address(live, request_from):
    for _ in range(3):
        log_in(request_from(), address=ALICE, password=RIGHT)

    assert AccessLog.objects.count() == 1


def guess_during(guess, live):
    live.during = lambda: None
    return guess(client="192.0.2.2")
