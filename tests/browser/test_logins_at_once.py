"""Many wrong passwords at once: the mail server's delays are its own affair, readers go on reading."""

from concurrent.futures import ThreadPoolExecutor, as_completed

import pytest

from demo.provider import Provider
from tests.dovecot import PASSWORD, running
from tests.running_site import Visitor, real_today, serving
from tests.scale import needs_evidence
from tests.served import ALICE

LOGINS = 16


@pytest.fixture
def delayed_site(tmp_path):
    """A site of its own: who was wrong before is delayed for long by Dovecot."""
    night = Provider(tmp_path / "provider").mailbox(ALICE).night(real_today())
    night.message("Contratto firmato")
    with running() as dovecot:
        dovecot.add_user(ALICE, copy_of=night.path)
        with serving(tmp_path, dovecot.url) as url:
            yield url


def wrong_login(site, number):
    return Visitor(site).log_in(f"nobody{number}@example.com", "sbagliata").status


@needs_evidence
def test_wrong_logins_at_once_are_turned_away_while_a_reader_reads(delayed_site):
    reader = Visitor(delayed_site)
    reader.log_in(ALICE, PASSWORD)

    with ThreadPoolExecutor(LOGINS) as pool:
        logins = [pool.submit(wrong_login, delayed_site, number) for number in range(LOGINS)]
        pages = [reader.get(f"/{real_today()}/") for _ in as_completed(logins)]
    refused = [login.result() for login in logins]

    assert {page.status for page in pages} == {200}
    assert all(b"Contratto firmato" in page.content for page in pages)
    assert set(refused) <= {422, 429, 503}
    assert refused.count(503) >= LOGINS - 4 * 3
