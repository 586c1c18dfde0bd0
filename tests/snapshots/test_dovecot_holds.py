"""The shipped Dovecot against a client that tries everything: nothing below a snapshot changes, nothing else opens."""

import base64
import re
import socket
import subprocess
from contextlib import closing

import pytest

from demo.ports import LOOPBACK
from tests.dovecot import BINARY, require_dovecot
from tests.served import ALICE
from tests.snapshot_dovecot import MASTER, SHIPPED, SnapshotDovecot, configuration, running

NIGHT, OTHER = "2026-11-21", "2026-11-20"
SPAM = b"From: x@example.org\r\nSubject: spam\r\n\r\nspam\r\n"
READS = (
    "FETCH 1:* (FLAGS)",
    "FETCH 1 BODY[]",
    "FETCH 1:* (RFC822.SIZE BODY[HEADER])",
    "UID SEARCH UNSEEN BODY ciao",
    "UID SORT (REVERSE DATE) UTF-8 ALL",
    "UID THREAD REFERENCES UTF-8 ALL",
    "STATUS Cestino (MESSAGES UNSEEN SIZE)",
    'LIST "" * RETURN (SUBSCRIBED STATUS (MESSAGES UNSEEN))',
    "CHECK",
    "NOOP",
)
MUST_BE_REFUSED = (
    "COPY 1 INBOX",
    "COPY 1 Cestino",
    "UID COPY 1:* Bozze",
    "MOVE 1 Cestino",
    "UID MOVE 1:* Cestino",
    "CREATE Hostile",
    "CREATE Clienti/Hostile",
    "CREATE INBOX/Hostile",
    "CREATE Hostile (USE (\\Archive))",
    "DELETE Cestino",
    "DELETE INBOX",
    "RENAME Bozze Hostile",
    "RENAME INBOX Hostile",
    "SETACL INBOX anyone lrswipkxtea",
    "SETACL Cestino owner lrswipkxtea",
    "DELETEACL INBOX owner",
    'SETMETADATA INBOX (/private/comment "x")',
    'SETMETADATA "" (/private/comment "x")',
    'SETQUOTA "" (STORAGE 1)',
    "XAPPLEPUSHSERVICE a b",
)
# Said to be done by some servers, for the client's comfort; whether they did anything the tree tells.
MAY_BE_ANSWERED = (
    "STORE 1 +FLAGS (\\Seen)",
    "STORE 1 -FLAGS (\\Flagged)",
    "STORE 1 FLAGS.SILENT (\\Deleted)",
    "STORE 1 +FLAGS ($Hostile)",
    "UID STORE 1:* +FLAGS (\\Deleted)",
    "UID STORE 1:* (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Flagged)",
    "EXPUNGE",
    "UID EXPUNGE 1:*",
    "SUBSCRIBE Hostile",
    "SUBSCRIBE INBOX",
    "UNSUBSCRIBE Bozze",
    "CLOSE",
)
WITH_A_MESSAGE = ("APPEND INBOX (\\Seen)", "APPEND Cestino", "APPEND Hostile", "REPLACE 1 INBOX")


class Hostile:
    """An IMAP client without manners: it sends lines, and tells how each was answered."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((LOOPBACK, port), timeout=30)
        self._lines = self._socket.makefile("rb")
        self._number = 0
        self._lines.readline()

    def send(self, command: str, literal: bytes | None = None) -> tuple[str, str]:
        """Return the kind of the answer (BYE for a closed line) and everything that was said."""
        self._number += 1
        tag = f"h{self._number}"
        told = "" if literal is None else f" {{{len(literal)}+}}"
        self._socket.sendall(f"{tag} {command}{told}\r\n".encode() + (b"" if literal is None else literal + b"\r\n"))
        said = ""
        while line := self._lines.readline().decode("utf-8", "replace"):
            said += line
            if line.startswith(f"{tag} "):
                return line.split()[1], said
            if line.startswith("+"):
                self._socket.sendall(b"\r\n")
        return "BYE", said

    def log_in(self, login: str, password: str, *, as_user: str = "") -> tuple[str, str]:
        words = base64.b64encode(f"{as_user}\0{login}\0{password}".encode()).decode()
        return self.send(f"AUTHENTICATE PLAIN {words}")

    def flags(self) -> list[str]:
        """Return every message's flags as a new session is told them."""
        self.send("EXAMINE INBOX")
        said = self.send("UID FETCH 1:* (FLAGS)")[1]
        return sorted(re.sub(r" ?\\Recent ?", "", each) for each in re.findall(r"UID \d+ FLAGS \([^)]*\)", said))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def served(provider, snapshot_dovecot, unchanged):
    """A mailbox with something of everything, and its seal: when the test ends the snapshots must be as they were."""
    mailbox = provider.mailbox(ALICE)
    mailbox.night(OTHER).message("di prima")
    night = mailbox.night(NIGHT)
    night.message("letto", flags="FS", keywords=("Cliente",), text="ciao")
    night.message("nuovo", new=True)
    for name in ("Bozze", "Cestino", "Clienti"):
        night.folder(name)
    snapshot_dovecot.serve(provider)
    unchanged(provider)
    return snapshot_dovecot


def session(server: SnapshotDovecot, *, night: str = NIGHT) -> Hostile:
    client = Hostile(server.port)
    assert client.log_in(MASTER, server.secret, as_user=f"{ALICE}@{night}")[0] == "OK"
    return client


def attacked(server: SnapshotDovecot, opening: str) -> tuple[str, set[str]]:
    """Try everything on an INBOX opened in this way; return how it was opened, and what was not refused."""
    accepted = set()
    with closing(session(server)) as client:
        opened = client.send(f"{opening} INBOX")[1]
        for command in READS:
            assert client.send(command)[0] == "OK", command
        for command in (*MUST_BE_REFUSED, *MAY_BE_ANSWERED):
            client.send(f"{opening} INBOX")
            if client.send(command)[0] not in ("NO", "BAD"):
                accepted.add(command)
        accepted |= {command for command in WITH_A_MESSAGE if client.send(command, SPAM)[0] not in ("NO", "BAD")}
    return opened, accepted


def flags(server: SnapshotDovecot) -> list[str]:
    with closing(session(server)) as client:
        return client.flags()


@pytest.mark.parametrize("opening", ["SELECT", "EXAMINE"])
def test_no_command_changes_anything(served, opening):
    before = flags(served)

    opened, accepted = attacked(served, opening)

    assert "[READ-ONLY]" in opened
    assert accepted <= set(MAY_BE_ANSWERED)
    assert flags(served) == before != []


def test_what_we_ask_changes_nothing_even_where_the_mount_would_let_it(served):
    mount = (served.directory / "by-day" / NIGHT).resolve().parent
    if subprocess.run(["mount", "-o", "remount,bind,rw", str(mount)], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("only root may mount")

    opened, accepted = attacked(served, "EXAMINE")

    assert "[READ-ONLY]" in opened
    assert accepted <= set(MAY_BE_ANSWERED)


@pytest.mark.parametrize(
    "mailbox",
    [
        f"{ALICE}@..",
        f"{ALICE}@.",
        f"{ALICE}@2026-11-19",
        f"{ALICE}@2026-11-99",
        f"{ALICE}@{NIGHT}@..",
        f"{ALICE}@{NIGHT}/../{OTHER}",
        f"..@example.com@{NIGHT}",
        f".@example.com@{NIGHT}",
        f"alice@..@{NIGHT}",
        f"../example.com/alice@example.com@{NIGHT}",
        f"nobody@example.com@{NIGHT}",
        f"alice@{NIGHT}",
        f"@{NIGHT}",
        f"{ALICE}@",
        ALICE,
        "alice",
        MASTER,
    ],
)
def test_no_other_name_opens_anything(served, mailbox):
    with closing(Hostile(served.port)) as client:
        client.log_in(MASTER, served.secret, as_user=mailbox)

        assert client.send("EXAMINE INBOX")[0] in ("BAD", "BYE")


@pytest.mark.parametrize(
    ("login", "as_user"),
    [(f"{ALICE}@{NIGHT}", ""), (MASTER, ""), ("nobody", f"{ALICE}@{NIGHT}"), (f"{ALICE}@{NIGHT}", f"{ALICE}@{OTHER}")],
)
def test_nobody_but_the_service_is_let_in(served, login, as_user):
    with closing(Hostile(served.port)) as client:
        client.log_in(login, "" if login == "nobody" else served.secret, as_user=as_user)

        assert client.send("EXAMINE INBOX")[0] in ("BAD", "BYE")


def test_an_owner_s_password_opens_their_own_nights_where_that_is_switched_on(provider, dovecot, unchanged):
    provider.mailbox(ALICE).night(NIGHT).message("per il mio programma di posta")
    if ALICE not in dovecot.passwords:
        dovecot.add_user(ALICE)
    owners = (SHIPPED / "owners-2.3.conf").read_text()
    owners = owners.replace("mail.example.com port=993 ssl=imaps", f"{LOOPBACK} port={dovecot.port}")
    with running(more=owners) as server:
        server.serve(provider)
        unchanged(provider)
        with closing(Hostile(server.port)) as client:
            right = client.log_in(f"{ALICE}@{NIGHT}", dovecot.passwords[ALICE])
            opened = client.send("SELECT INBOX")[1]
        with closing(Hostile(server.port)) as client:
            wrong = client.log_in(f"{ALICE}@{NIGHT}", "sbagliata")

    assert right[0] == "OK"
    assert "* 1 EXISTS" in opened
    assert "[READ-ONLY]" in opened
    assert wrong[0] == "NO"


@pytest.mark.parametrize("version", ["2.3", "2.4"])
def test_shipped_configuration_is_understood(tmp_path, version):
    require_dovecot()
    installed = subprocess.run([str(BINARY), "--version"], capture_output=True, text=True, check=True).stdout
    if not installed.startswith(version):
        pytest.skip(f"Dovecot {installed.split()[0]} is installed, not {version}")
    owners = (SHIPPED / f"owners-{version}.conf").read_text()
    path = tmp_path / "dovecot.conf"
    path.write_text(configuration(SnapshotDovecot(tmp_path, 10143, "", owners), version))

    answer = subprocess.run(["doveconf", "-n", "-c", str(path)], capture_output=True, text=True)

    assert (answer.returncode, answer.stderr) == (0, "")
