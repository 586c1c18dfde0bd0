"""The demo's mailboxes: eight nights of Giulia's mail that end today, and Luca's, which POP3 empties.

What happens is told in story.toml: a contract is deleted and the trash emptied after it, messages go
to another folder, the folder of a building site is removed, and one night's backup failed.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import TypedDict

from demo.documents import document, picture
from demo.everyday import Everyday
from demo.maildir import Message, digest
from demo.provider import TIME_ZONE, Night, Provider
from demo.tree import INBOX, Tree

OWNER = "giulia@studiorossi.example"
POP3_OWNER = "luca@studiorossi.example"
FIRST_NIGHT = -7
MISSING_NIGHT = -6
REMOVED_FOLDER = "Cantieri/Lotto 3"
REMOVED_NIGHT = -1
# How much ordinary mail lies in each folder before the story begins.
EVERYDAY = {
    INBOX: 193, "Posta inviata": 92, "Bozze": 0, "Cestino": 36, "Spam": 11, "Fatture": 56,
    "Cantieri": 127, REMOVED_FOLDER: 34, "Clienti/Più": 14,
}  # fmt: skip
ARRIVALS = ("08:05", "11:25", "18:40")
WORK_ITEMS = ("scavo", "magrone", "muratura", "intonaco", "massetto", "posa del parquet", "tinteggiatura", "infissi")


class Move(TypedDict):
    night: int
    to: str


@dataclass(frozen=True, slots=True)
class Told:
    """One message of story.toml."""

    id: str
    at: str
    sender: str
    subject: str
    text: str = ""
    to: str | None = None
    html: str = ""
    source: str = ""
    forwards: str = ""
    attachments: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    folder: str = INBOX
    flags: str = ""
    keywords: tuple[str, ...] = ()
    new: bool = False
    moved: tuple[Move, ...] = ()
    seen: int | None = None
    gone: int | None = None

    @property
    def arrives(self) -> int:
        """The first night that holds it."""
        return max(int(self.at.split()[0]) + 1, FIRST_NIGHT)


class Story:
    """Tells the story night by night; `messages` are those told so far, by their id."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.messages: dict[str, Message] = {}
        self.everyday = Everyday("everyday")
        self.passing: list[tuple[int, Message]] = []

    def tell(self, night: Night) -> None:
        offset = (night.day - self.today).days
        if offset == FIRST_NIGHT:
            self._begin(night)
        for told in story():
            if told.id in self.messages:
                _happen(night, self.messages[told.id], told, offset)
        self._clear_out(night, offset)
        self._arrivals(night, offset)
        if offset == REMOVED_NIGHT:
            night.remove_folder(REMOVED_FOLDER)

    def _begin(self, night: Night) -> None:
        before = night.until - timedelta(days=1)
        for folder, count in EVERYDAY.items():
            night.folder(folder, subscribed=folder != "Clienti/Più") if folder != INBOX else None
            self.everyday.fill(night, folder, count=count, before=before)

    def _clear_out(self, night: Night, offset: int) -> None:
        """One ordinary message a day is thrown away on the next, and leaves the trash two nights later."""
        for thrown, message in self.passing:
            if thrown == offset:
                night.move(message, "Cestino")
            elif thrown == offset - 2:
                night.delete(message)

    def _arrivals(self, night: Night, offset: int) -> None:
        """Deliver what is told of the day before, and some ordinary mail, in the order of arrival."""
        told = {self._moment(one.at): one for one in story() if one.arrives == offset}
        ordinary = [self._moment(f"{offset - 1} {hour}") for hour in ARRIVALS]
        for moment in sorted([*told, *ordinary]):
            if moment in told:
                self.messages[told[moment].id] = self._deliver(night, told[moment])
            else:
                message = self.everyday.deliver(night, INBOX, received=moment, flags="S" if offset < 0 else "")
                if moment == ordinary[0]:
                    self.passing.append((offset + 1, message))

    def _deliver(self, night: Night, told: Told) -> Message:
        received = self._moment(told.at)
        if told.source:
            source = _filled(told.source, told.id, received)
            return night.message(source=source, received=received, folder=told.folder, flags=told.flags)
        enclosed = self._enclosed(told)
        return night.message(
            told.subject,
            sender=told.sender,
            to=told.to,
            text=_long_text() if told.text == "long" else told.text.strip(),
            html=_file(told.html).decode() if told.html else None,
            attachments=[document(name) for name in told.attachments] + enclosed,
            inline=[picture(name) for name in told.inline],
            folder=told.folder,
            flags=told.flags,
            keywords=tuple(told.keywords),
            new=told.new,
            received=received,
        )

    def _enclosed(self, told: Told) -> list[tuple[str, str, bytes]]:
        if not told.forwards:
            return []
        return [("messaggio inoltrato.eml", "message/rfc822", self.messages[told.forwards].source)]

    def _moment(self, at: str) -> datetime:
        days, hour = at.split()
        return datetime.combine(self.today + timedelta(days=int(days)), time.fromisoformat(hour), TIME_ZONE)


def build(root: Path, today: date) -> Provider:
    """Make the demo's provider below `root`, its newest night today's; nothing has happened since."""
    provider = Provider(root)
    first = today + timedelta(days=FIRST_NIGHT)
    teller = Story(today)
    for night in provider.mailbox(OWNER).nights(first, today):
        teller.tell(night)
    for night in provider.mailbox(POP3_OWNER).nights(first, today):
        night.folder("Posta inviata")
    provider.lose(today + timedelta(days=MISSING_NIGHT))
    for mailbox in provider.mailboxes.values():
        mailbox.live()
    return provider


@cache
def story() -> tuple[Told, ...]:
    content = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(Told(**row) for row in content["message"])


def _happen(tree: Tree, message: Message, told: Told, offset: int) -> None:
    for move in told.moved:
        if move["night"] == offset:
            tree.move(message, move["to"])
    if told.seen == offset:
        tree.flag(message, "S")
    if told.gone == offset:
        tree.delete(message)


def _filled(name: str, id_: str, received: datetime) -> bytes:
    tomorrow = received + timedelta(days=1)
    values = {
        b"@DATE@": format_datetime(received),
        b"@ID@": digest(id_)[:12],
        b"@STAMP@": f"{received:%Y%m%dT%H%M%S}",
        b"@TOMORROW@": f"{tomorrow:%Y%m%d}",
    }
    source = _file(name)
    for placeholder, value in values.items():
        source = source.replace(placeholder, value.encode())
    return source


def _file(name: str) -> bytes:
    return (Path(__file__).parent / "messages" / name).read_bytes()


def _long_text() -> str:
    lines: Iterator[str] = (
        f"{number:4}. {WORK_ITEMS[number % len(WORK_ITEMS)]}, vano {number % 17 + 1}: "
        f"{number * 37 % 900 + 20} m², € {number * 91 % 4000 + 120},00"
        for number in range(1, 1501)
    )
    return "Ciao Giulia, eccolo tutto, voce per voce.\n\n" + "\n".join(lines) + "\n\nChiara"
