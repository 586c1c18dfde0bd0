"""A server of the snapshots that fails: a page that says so, in bounded time, and all is well again when it is."""

import random
import re
import threading
from datetime import timedelta

import pytest

from access.models import AuditRecord
from snapshots import configured
from snapshots.engines.imap import server as service
from snapshots.imap import reading
from snapshots.types import Folder
from tests.imap_faults import DRIP_SECONDS, certificates, greeting_then, serving, silent
from tests.imap_proxy import recording
from tests.served import ALICE, CHARLIE, NOW, sign_in
from tests.snapshot_dovecot import MASTER

__all__ = ["certificates"]

DAY = NOW.date() - timedelta(days=1)
LIST = f"/{DAY}/{Folder('Clienti').id}/"
SECRET = "canarino-del-servizio"
SHORT_SECONDS = 1.0
GONE = 410
WORDS = "Le copie non rispondono"
DIGITS = re.compile(rb"\d+")


def told_apart(change):
    """Return a change of what a server tells that leaves its verdicts as they are."""
    return lambda data: b"".join(
        change(line) if line.startswith(b"*") else line for line in data.splitlines(keepends=True)
    )


GARBAGE = {
    "noise": lambda data: random.Random(len(data)).randbytes(4096) + b"\r\n",
    "words for numbers": told_apart(lambda line: DIGITS.sub(b"x", line)),
    "endless numbers": told_apart(lambda line: DIGITS.sub(b"9" * 5000, line)),
    "no brackets": told_apart(lambda line: line.translate(None, b"()")),
    "nothing": told_apart(lambda line: b""),
    "half of it": lambda data: data[: len(data) // 2] + b"\r\n",
}


@pytest.fixture
def impatient(monkeypatch):
    """Deadlines that a test can wait for."""
    for module in (service, reading):
        for name in ("LOGIN_SECONDS", "DEADLINE_SECONDS", "READ_SECONDS", "LIST_SECONDS"):
            monkeypatch.setattr(module, name, SHORT_SECONDS, raising=False)


@pytest.fixture
def over(settings):
    """Give a function that puts the site over the server at a URL."""

    def switch(url, secret=SECRET):
        settings.MTM_ENGINE = "imap"
        settings.MTM_SNAPSHOT_IMAP_URL = url
        settings.MTM_SNAPSHOT_IMAP_MASTER = f"{MASTER}:{secret}"
        configured.forget()

    return switch


@pytest.fixture
def snapshots(provider, site, snapshot_dovecot):
    """A night of Alice and Charlie, served by a real Dovecot."""
    for address in (ALICE, CHARLIE):
        provider.mailbox(address).night(DAY).message("Contratto", folder="Clienti")
    return site(snapshot_dovecot.serve(provider))


@pytest.fixture
def proxy(snapshots, snapshot_dovecot, over):
    with recording(snapshot_dovecot.port) as proxy:
        over(proxy.url, snapshot_dovecot.secret)
        yield proxy
    assert proxy.unsafe() == []


@pytest.fixture
def reader(client, db):
    return sign_in(client)


def assert_says_so(response):
    assert response.status_code == 503
    assert WORDS in response.content.decode()
    assert response["Retry-After"] == "30"


def assert_reads(reader):
    response = reader.get(LIST)
    assert [row.subject for row in response.context["rows"]] == ["Contratto"]
    assert reader.get(f"{LIST}{response.context['rows'][0].id}/").status_code == 200


def test_stopped_server_is_told_and_comes_back(reader, snapshots, snapshot_dovecot, over):
    over(snapshot_dovecot.url, snapshot_dovecot.secret)
    snapshot_dovecot.stop()
    try:
        stopped = [reader.get(LIST) for _ in range(3)]
        elsewhere = reader.get("/accesses/")
    finally:
        snapshot_dovecot.start()

    for response in stopped:
        assert_says_so(response)
    assert elsewhere.status_code == 200
    assert_reads(reader)


def test_restarted_server_costs_no_page(reader, snapshot_dovecot, proxy):
    assert_reads(reader)

    snapshot_dovecot.stop()
    snapshot_dovecot.start()

    assert_reads(reader)


def test_line_that_breaks_once_is_not_seen(reader, proxy):
    def cut_once(data):
        if b"UID FETCH" in data:
            proxy.before_forwarding = lambda data: None
            proxy.cut()

    proxy.before_forwarding = cut_once

    assert_reads(reader)
    assert len([name for name in proxy.commands if name == "AUTHENTICATE"]) > 1


def test_hung_server_is_given_up(reader, impatient, snapshots, over, snapshot_dovecot):
    with serving(silent) as server:
        over(server.url())
        assert_says_so(reader.get(LIST))

    over(snapshot_dovecot.url, snapshot_dovecot.secret)
    assert_reads(reader)


@pytest.mark.parametrize("command", [b"NAMESPACE", b"LIST", b"EXAMINE", b"UID FETCH 1:*", b"BODY.PEEK"])
def test_server_that_hangs_in_a_session_is_asked_once(reader, impatient, proxy, command):
    over = threading.Event()

    def hang(data):
        if command in data:
            over.wait(20)

    proxy.before_forwarding = hang
    response = reader.get(LIST)
    asked = [line for line in proxy.lines if command in line]
    over.set()

    assert_says_so(response)
    assert len(asked) == 1
    assert_reads(reader)


def test_a_byte_now_and_then_is_no_answer(reader, impatient, proxy):
    over = threading.Event()

    def drip(data):
        for place in range(len(data)):
            over.wait(DRIP_SECONDS)
            yield data[place : place + 1]

    honest, proxy.answering = proxy.answering, drip
    response = reader.get(LIST)
    over.set()
    proxy.answering = honest

    assert_says_so(response)
    assert_reads(reader)


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_at_any_point_is_an_answer_of_ours(reader, impatient, proxy, kind):
    honest, statuses = proxy.answering, []
    for good in range(0, 24, 2):
        left = iter(range(good))
        proxy.answering = lambda data, left=left: (data if next(left, None) is not None else GARBAGE[kind](data),)
        statuses.append(reader.get(LIST).status_code)
        configured.forget()
    proxy.answering = honest

    assert set(statuses) <= {200, 404, 503}
    assert_reads(reader)


@pytest.mark.parametrize("trouble", ["another name", "nobody vouches", "no STARTTLS"])
def test_secret_of_the_service_is_not_told_without_tls(reader, settings, snapshots, over, certificates, trouble):
    context = certificates.wrong_name if trouble == "another name" else certificates.right
    tls = None if trouble == "no STARTTLS" else context
    if trouble == "another name":
        settings.MTM_IMAP_CA = str(certificates.wrong_name_file)

    with serving(greeting_then(), tls=tls) as server:
        over(server.url("imaps" if tls else "imap+starttls", "localhost"))
        response = reader.get(LIST)

    assert_says_so(response)
    assert "AUTHENTICATE" not in server.commands


def test_night_that_expires_in_an_open_session_is_gone(reader, proxy, provider, snapshot_dovecot):
    assert_reads(reader)

    (snapshot_dovecot.directory / "by-day" / DAY.isoformat()).unlink()
    response = reader.get(LIST)

    assert response.status_code == GONE
    assert "La copia" in response.content.decode()


def test_what_could_not_be_read_is_not_on_record_as_read(reader, snapshots, over):
    with serving(silent) as server:
        url = server.url()
    over(url)

    reader.get(LIST)

    assert not AuditRecord.objects.filter(result="ok").exists()
