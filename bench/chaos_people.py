"""Owners who click and download while faults are played, and hold every byte against what was put there."""

import http.client
import io
import random
import re
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from demo.provider import Mailbox
from snapshots.types import message_id
from tests.running_site import Answer, Visitor

PASSWORD = "chaos, for an hour"
LOGIN_FORM = b'name="email"'
THINK_SECONDS = 1.0, 4.0
PATIENCE_SECONDS = 60
MARK = re.compile(rb"mark-(\d\d)-mark")
LISTED = re.compile(rb'name="message" value="([^"]+)"')
MAY_ANSWER = {404, 410, 429, 503}
"""What a page may say instead of what was asked for, while a fault lasts and where a night expired."""

NO_FORM = {403, 422}
"""What a form may be told that was taken from a page which showed none, or for a night that expired."""


def mark(number: int) -> str:
    return f"mark-{number:02d}-mark"


@dataclass
class Truth:
    """What one mailbox holds: which messages on which day, and the digest of each."""

    days: dict[date, frozenset[str]]
    digests: dict[str, str]

    @classmethod
    def of(cls, mailbox: Mailbox) -> "Truth":
        digests: dict[str, str] = {}
        days: dict[date, frozenset[str]] = {}
        for day, night in mailbox.by_day.items():
            messages = [placement.message for placement in night.folders["INBOX"].placements]
            of_day = {message_id(message.guid, 0): sha256(message.source).hexdigest() for message in messages}
            days[day] = frozenset(of_day)
            digests |= of_day
        return cls(days, digests)


@dataclass
class Tally:
    """What all owners met, counted; `wrong` says what must never be, `log` what the site said all the while."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    size_bytes: int = 0
    log: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, *, size_bytes: int = 0) -> None:
        with self.lock:
            self.counts[what] += 1
            self.size_bytes += size_bytes

    def accuse(self, what: str) -> None:
        with self.lock:
            self.wrong.append(what)


@dataclass
class Owner:
    """One of them."""

    number: int
    address: str
    truth: Truth
    site: str
    tally: Tally
    visitor: Visitor = field(init=False)
    is_in: bool = False

    def live(self, over: threading.Event) -> None:
        """Click until it is over."""
        chance = random.Random(self.number)
        while not over.wait(chance.uniform(*THINK_SECONDS)):
            day = chance.choice(list(self.truth.days))
            try:
                self.click(chance, day)
            except (OSError, http.client.HTTPException):
                self.tally.add("line broken")

    def click(self, chance: random.Random, day: date) -> None:
        kind = chance.random()
        if kind < 0.1 or not self.is_in:
            self.log_in()
        elif kind < 0.5:
            self.look_at(day)
        elif kind < 0.8:
            self.take(chance.choice(sorted(self.truth.days.get(day, self.truth.digests))), day)
        else:
            self.take_all(day)

    def log_in(self) -> bool:
        """Log in anew; the newest night, to which one is led, may be one that lacks this mailbox."""
        self.visitor = Visitor(self.site, patience_seconds=PATIENCE_SECONDS)
        answer = self.visitor.log_in(self.address, PASSWORD)
        self.answered(answer)
        self.is_in = answer.status in (200, 404, 410) and LOGIN_FORM not in answer.content
        return self.is_in

    def look_at(self, day: date) -> bool:
        """Open a night's list: the messages of that day, all of them and no other."""
        expected = self.truth.days.get(day)
        answer = self.answered(self.visitor.get(f"/{day}/"))
        if answer is None:
            return False
        listed = frozenset(each.decode() for each in LISTED.findall(answer.content))
        if expected is not None and listed != expected and expected == self.truth.days.get(day):
            self.tally.accuse(f"{self.address}: {day} lists {len(listed)} messages, and has {len(expected)}")
        return True

    def take(self, message: str, day: date) -> bool:
        """Download one message."""
        answer = self.answered(self.visitor.get(f"/{day}/messages/{message}/message.eml"))
        if answer is None:
            return False
        if sha256(answer.content).hexdigest() != self.truth.digests[message]:
            self.tally.accuse(f"{self.address}: {message} of {day} has other bytes")
        return True

    def take_all(self, day: date) -> None:
        """Download all messages of a night in one archive."""
        expected = self.truth.days.get(day)
        answer = self.answered(
            self.visitor.send(f"/{day}/download/", f"/{day}/", message=sorted(expected or ()), format="eml"),
            may_answer=MAY_ANSWER | NO_FORM,
        )
        if answer is None or not answer.content.startswith(b"PK"):
            return
        found = Counter(sha256(content).hexdigest() for content in self.members(answer.content))
        wanted = Counter(self.truth.digests[each] for each in expected or ())
        if found - wanted:
            self.tally.accuse(f"{self.address}: the archive of {day} holds what that night does not")

    def members(self, archive: bytes) -> Iterator[bytes]:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            for name in file.namelist():
                content = file.read(name)
                self.check_marks(content)
                if name.endswith(".eml"):
                    yield content

    def answered(self, answer: Answer, *, may_answer: Collection[int] = frozenset(MAY_ANSWER)) -> Answer | None:
        """Count an answer; None where it is a refusal in words, or the way in for one whose session is over."""
        self.check_marks(answer.content)
        if answer.status != http.client.OK:
            self.tally.add(f"told {answer.status}")
            if answer.status not in may_answer:
                self.tally.accuse(f"{self.address}: an answer of {answer.status}")
            return None
        self.tally.add("answered", size_bytes=len(answer.content))
        if LOGIN_FORM not in answer.content:
            return answer
        self.is_in = False
        return None

    def check_marks(self, content: bytes) -> None:
        if {int(found) for found in MARK.findall(content)} - {self.number}:
            self.tally.accuse(f"{self.address}: bytes of another mailbox")


def at_work(owners: list[Owner], over: threading.Event) -> list[threading.Thread]:
    """Let all of them live, each in a thread."""
    threads = [threading.Thread(target=owner.live, args=(over,)) for owner in owners]
    for thread in threads:
        thread.start()
    return threads


def recovered_after(is_well: Callable[[], bool], *, within_seconds: float) -> float:
    """Return how long it took until all was well; `within_seconds` where it was not."""
    began = time.monotonic()
    while time.monotonic() < began + within_seconds:
        try:
            if is_well():
                return min(time.monotonic() - began, within_seconds)
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.2)
    return within_seconds
