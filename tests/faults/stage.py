"""Where faults are played: the real site in processes of its own, over two volumes, each with an account."""

import http.client
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from bench import line as lines
from bench.line import Line
from bench.processes import below
from demo import imap_server, site
from demo.ports import LOOPBACK, free_port
from demo.provider import Mailbox, Night, Provider
from tests.dovecot import PASSWORD
from tests.running_site import Answer, Visitor, environment, real_today

T = TypeVar("T")
ANNA, CARLA = "anna@example.com", "carla@example.org"
NIGHTS, MESSAGES = 3, 6
OTHER_FOLDER = "Clienti"
LONG_BYTES = 16_000_000
"""More than the sockets of a connection hold, so that whoever does not read it keeps its sender waiting."""
PATIENCE_SECONDS = 60
"""Longer than anything here may take; what hangs longer fails."""

ANSWER_SECONDS = 40
"""How long an answer may take while what it needs hangs: a call's deadline, and what comes around it."""

SOON_SECONDS = 20
"""How long it may take to whom the fault is no concern: far more than it does, and less than several deadlines."""

MESSAGE = re.compile(r'name="message" value="([^"]+)"')
STORAGE_SILENT = "Le copie non rispondono"
NIGHT_GONE = "Quella copia non c’è più"


@dataclass
class Person:
    """Someone logged in, and what their mailbox truly holds."""

    visitor: Visitor
    mailbox: Mailbox

    @property
    def day(self) -> date:
        return max(self.mailbox.by_day)

    @property
    def volume(self) -> Path:
        return self.mailbox.provider.volume

    @property
    def night(self) -> Night:
        return self.mailbox.night(self.day)

    @property
    def truth(self) -> list[bytes]:
        """The bytes of the newest night's INBOX, in any order."""
        return sorted(each.message.source for each in self.night.folders["INBOX"].placements)

    def get(self, path: str = "", *, patience_seconds: float = SOON_SECONDS) -> Answer:
        """Return the answer to a path, by default the newest night's list."""
        self.visitor.patience_seconds = patience_seconds
        return self.visitor.get(path or f"/{self.day}/")

    def ids(self) -> list[str]:
        return MESSAGE.findall(self.get().content.decode())

    def source(self, message: str, *, patience_seconds: float = SOON_SECONDS) -> Answer:
        """Download a message of the newest night."""
        return self.get(f"/{self.day}/messages/{message}/message.eml", patience_seconds=patience_seconds)

    def sources(self) -> list[Answer]:
        """Download every message of the newest list, one by one."""
        return [self.source(each) for each in self.ids()]

    def is_served_truly(self) -> bool:
        """Tell whether list and downloads are whole: every message once, byte for byte."""
        answers = self.sources()
        return [a.status for a in answers] == [200] * MESSAGES and sorted(a.content for a in answers) == self.truth


@dataclass
class Stage:
    """The running site; Anna's mail lies on the first volume, Carla's on the second."""

    process: "subprocess.Popen[bytes]"
    url: str
    settings: dict[str, str]
    line: Line
    anna: Person
    carla: Person

    @property
    def below(self) -> dict[str, list[int]]:
        """The processes that `serve` began, by their command; `worker of web` answers requests."""
        return below(self.process.pid)

    @property
    def web(self) -> list[int]:
        return self.below["web worker"]

    def stranger(self) -> Answer:
        """Look at the page one logs in on."""
        return Visitor(self.url, patience_seconds=SOON_SECONDS).get("/login/")

    def logs_in(self, mailbox: Mailbox) -> Answer:
        """Log in anew as the mailbox's owner, and return what comes of it."""
        return Visitor(self.url, patience_seconds=ANSWER_SECONDS).log_in(mailbox.address, PASSWORD)


@contextmanager
def standing(
    directory: Path, *, before: Callable[[Mailbox], None] = lambda anna: None, **others: str
) -> Iterator[Stage]:
    """Play on until the block ends; `before` puts more into Anna's mailbox."""
    mailboxes = [_mailbox(directory, number, address) for number, address in ((1, ANNA), (2, CARLA))]
    before(mailboxes[0])
    with ExitStack() as at_work:
        server = at_work.enter_context(imap_server.running(dict.fromkeys((ANNA, CARLA), PASSWORD)))
        line = at_work.enter_context(lines.to(int(server.rpartition(":")[2])))
        settings = _settings(directory, line, [each.provider for each in mailboxes]) | others
        port = free_port()
        process = at_work.enter_context(site.running(settings, port=port))
        people = [Person(_logged_in(f"http://{LOOPBACK}:{port}", each), each) for each in mailboxes]
        yield Stage(process, f"http://{LOOPBACK}:{port}", settings, line, *people)


def _mailbox(directory: Path, number: int, address: str) -> Mailbox:
    mailbox = Provider(directory / str(number)).mailbox(address)
    today = real_today()
    long = b"Subject: Contratto\n\n" + b"clausola\n" * (LONG_BYTES // 9)
    mailbox.night(today - timedelta(days=NIGHTS - 1)).message(source=long, folder=OTHER_FOLDER)
    for night in mailbox.nights(today - timedelta(days=NIGHTS - 1), today):
        for each in range(MESSAGES // NIGHTS):
            text = f"Subject: Lettera {night.day} {each}\nMessage-ID: <{night.day}.{each}@{address}>\n\n"
            night.message(source=text.encode() + address.encode() * (200 + each))
    return mailbox


def _settings(directory: Path, line: Line, providers: list[Provider]) -> dict[str, str]:
    (directory / "state").mkdir(exist_ok=True)
    (directory / "secret-key").write_text("k" * 50)
    paths = "\n".join(provider.settings()["MTM_SNAPSHOT_PATH"] for provider in providers)
    return environment(directory, line.url, MTM_SNAPSHOT_PATH=paths)


def _logged_in(url: str, mailbox: Mailbox) -> Visitor:
    visitor = Visitor(url)
    answer = visitor.log_in(mailbox.address, PASSWORD)
    assert answer.status == 200, answer.content.decode()
    return visitor


def eventually(asked: Callable[[], T]) -> T:
    """Return what `asked` answers as soon as it is true; connections that fail meanwhile are no answer."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if answer := asked():
                return answer
        except (OSError, http.client.HTTPException):
            pass
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.1)


def at_once(*asked: Callable[[], T]) -> list[T]:
    """Ask side by side, and return the answers in order."""
    with ThreadPoolExecutor(len(asked)) as threads:
        return [future.result() for future in [threads.submit(each) for each in asked]]


def whole_or_nothing(ask: Callable[[], Answer]) -> bytes | None:
    """Return what came whole with a good status; None for a refusal, or where the line broke on the way."""
    try:
        answer = ask()
    except (OSError, http.client.HTTPException):
        return None
    return answer.content if answer.status == http.client.OK else None
