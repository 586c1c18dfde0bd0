"""After an owner's own restore and one by the worker, neither password is left anywhere, in any form."""

import base64
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from access.session_store import SessionStore
from demo import site
from demo.ports import LOOPBACK, free_port
from demo.provider import Provider
from tests.dovecot import running
from tests.restores import elsewhere
from tests.restores.conftest import emptied
from tests.restores.live_mail import live_state
from tests.running_site import Visitor, real_today

OWNERS = "canarino ed upupa & 7 Grilli%"
WRONG = "canarino sbagliato & muto%"
LETTERS = 3
PATIENCE_SECONDS = 120


@pytest.fixture
def server():
    with running(more=elsewhere.MASTERS) as server:
        elsewhere.let_in(server)
        yield server


@pytest.fixture
def lost(tmp_path, server):
    """Two mailboxes whose messages are all gone: Alice restores alone, Bob asks for it."""
    provider = Provider(tmp_path / "provider")
    mailboxes = []
    for name in ("alice", "bob"):
        mailbox = provider.mailbox(f"{name}@example.com")
        for number in range(LETTERS):
            mailbox.night(real_today()).message(f"Lettera {number}")
        server.add_user(mailbox.address, OWNERS, copy_of=emptied(mailbox).path)
        mailboxes.append(mailbox)
    return mailboxes


def forms(secret):
    """Return a secret as it would look in plain, hex, Base64 at any offset, in JSON, and in a URL."""
    data = secret.encode()
    found = {data, data.hex().encode(), data.hex().upper().encode(), ascii(secret)[1:-1].encode(), repr(data).encode()}
    found |= {quote(secret).encode(), quote_plus(secret).encode(), quote(secret, safe="").lower().encode()}
    for offset in range(3):
        start, stop = -(-offset * 8 // 6), (offset + len(data)) * 8 // 6
        found |= {encode(bytes(offset) + data)[start:stop] for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    return found


FORMS = forms(OWNERS) | forms(elsewhere.SECRET) | forms(WRONG)


def descendants(pid):
    listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True).stdout
    for line in listed.splitlines():
        child, command = line.split(None, 1)
        yield int(child), command
        yield from descendants(int(child))


def environment_of_web(process):
    webs = [pid for pid, command in descendants(process.pid) if "manage.py web" in command]
    assert len(webs) > 1
    return b"".join(Path(f"/proc/{pid}/environ").read_bytes() for pid in webs)


@contextmanager
def no_journal(directory):
    """Take the journal away until the block ends, so that whoever restores fails with a traceback."""
    with closing(sqlite3.connect(directory / "state/mtm.sqlite3", timeout=20)) as database:
        database.execute("ALTER TABLE restores_batch RENAME TO away")
        yield
        database.execute("ALTER TABLE away RENAME TO restores_batch")


def restore_alone(visitor, directory):
    """Ask for the whole mailbox, and restore it with a wrong password, in trouble, and twice as it should be."""
    wish = {"day": str(real_today()), "what": "mailbox", "target": "original", "how": "alone"}
    asked = visitor.send("/restores/new/request/", "/restores/new/", **wish)
    place = f"/restores/R-{real_today().year}-0001/"

    def press(password):
        return visitor.send(f"{place}now/", place, password=password).status

    wrong = press(WRONG)
    with no_journal(directory):
        failed = press(OWNERS)
    return [asked.status, wrong, failed, press(OWNERS), press(OWNERS)]


def sessions(directory):
    with closing(sqlite3.connect(directory / "state/mtm.sqlite3")) as database:
        rows = database.execute("SELECT session_data FROM django_session").fetchall()
    return str([SessionStore().decode(data) for (data,) in rows]).encode()


class Log:
    """What the processes of a test wrote so far."""

    def __init__(self, capfd):
        self._capfd, self._pieces = capfd, []

    def text(self):
        self._pieces += self._capfd.readouterr()
        return "".join(self._pieces)


def eventually(is_true):
    until = time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.1)


def files_below(directory):
    paths = [path for part in ("state", "temporary") for path in (directory / part).rglob("*")]
    return {str(path): path.read_bytes() for path in paths if path.is_file()}


def test_no_password_is_left_anywhere(tmp_path, server, lost, capfd, settings):
    alice, bob = lost
    settings.SECRET_KEY = "k" * 50
    (tmp_path / "temporary").mkdir()
    log = Log(capfd)
    other = elsewhere.site(tmp_path, server.url, MTM_RESTORE="self-service", TMPDIR=str(tmp_path / "temporary"))
    secret = {"MTM_IMAP_MASTER": f"{elsewhere.MASTER}:{elsewhere.SECRET}"}
    port = free_port()
    with site.running(other.variables | secret, port=port) as process:
        visitor = Visitor(f"http://{LOOPBACK}:{port}")
        visitor.log_in(alice.address, WRONG)
        visitor.log_in(alice.address, OWNERS)
        pressed = restore_alone(visitor, tmp_path)
        failures = log.text().count('"traceback"')
        with no_journal(tmp_path):
            other.ask(bob.address)
            eventually(other.tracebacks)
        eventually(lambda: other.states()["done"] == 2)
        web = environment_of_web(process)

    kept = files_below(tmp_path) | {"environment": web, "log": log.text().encode(), "sessions": sessions(tmp_path)}
    left = [where for where, text in kept.items() if any(form in text for form in FORMS)]
    assert (pressed, failures > 0) == ([200, 422, 503, 200, 200], True)
    assert [len(live_state(server, mailbox.address)) for mailbox in lost] == [LETTERS, LETTERS]
    assert b"MTM_IMAP_MASTER" not in web
    assert left == []
    assert any(alice.address.encode() in text for text in kept.values())
