"""Two web hosts behind one nginx, each with a state of its own: who comes back comes back to the same one."""

import os
import signal
import time
from datetime import timedelta

from tests.dovecot import PASSWORD
from tests.running_site import real_today
from tests.scale import needs_evidence

pytestmark = needs_evidence

PATIENCE_SECONDS = 60
BROWSERS = 6
LIST = f"/{(real_today() - timedelta(days=1)).isoformat()}/inbox/"
WITH_NOW = "rispetto ad adesso"
WITH_A_NIGHT = "rispetto a "


def compared(visitor):
    """Wait for what the band compares with, which stands there once the index is built; every answer is a page."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = visitor.get(LIST)
        assert answer.status == 200
        page = answer.content.decode()
        if WITH_A_NIGHT in page or WITH_NOW in page:
            return page
        assert time.monotonic() < until, page
        time.sleep(0.2)


def has_index(host):
    return any((host.directory / "state").rglob("*.sqlite3"))


def test_a_browser_is_sent_where_its_login_saw_the_live_mailbox(two_hosts):
    for _ in range(BROWSERS):
        browser = two_hosts.visitor()
        assert browser.log_in(two_hosts.mailbox.address, PASSWORD).status == 200

        assert WITH_NOW in compared(browser)


def test_a_host_that_is_lost_costs_its_reader_the_time_to_build_an_index_elsewhere(two_hosts):
    browser = two_hosts.visitor()
    browser.log_in(two_hosts.mailbox.address, PASSWORD)
    compared(browser)
    [lost] = [host for host in two_hosts.hosts if has_index(host)]
    [left] = [host for host in two_hosts.hosts if host is not lost]

    for service in ("web", "builder"):
        os.killpg(lost.processes[service].pid, signal.SIGKILL)

    assert "Segretissimo" in compared(browser)
    assert has_index(left)
