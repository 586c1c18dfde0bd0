"""The same mailbox for every engine: what it holds as values, and how each engine is given it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from snapshots.engines.imap import ImapEngine, SnapshotServer
from snapshots.engines.maildir import MaildirEngine
from snapshots.engines.memory import MemoryEngine, MemoryEntry, MemoryMailbox
from snapshots.imap import ImapUrl
from snapshots.types import Flag, Night
from tests.served import ALICE, NOW, calendar_of, volume_over
from tests.snapshot_dovecot import MASTER

DAYS = ("2026-11-20", "2026-11-21")
INBOX_GUID = "5ca1ab1e5ca1ab1e5ca1ab1e5ca1ab1e"
NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
LETTERS = {
    "D": Flag.DRAFT,
    "F": Flag.FLAGGED,
    "P": Flag.FORWARDED,
    "R": Flag.ANSWERED,
    "S": Flag.SEEN,
    "T": Flag.DELETED,
}
LONG_HEADER = b"Subject: long\nX-Long: " + b"x" * 40_000 + b"\n\nbody"


@dataclass(frozen=True)
class Given:
    """A message as every engine is given it."""

    guid: str
    source: bytes
    letters: str = ""
    keywords: tuple[str, ...] = ()
    second: int = 0

    @property
    def received(self):
        return NOON + timedelta(seconds=self.second)


CONTRACT = Given("c0", b"Subject: Contratto\r\nX: caff\xe8\r\n\r\nbare \r, NUL \0, no last newline", "FS", ("Cliente",))
TWICE = Given("d0", b"Subject: doppio\n\nuno\n", second=1)
TWICE_MORE = Given("d0", b"Subject: doppio\n\nuno\n", "R", second=3)
LONG = Given("e0", LONG_HEADER, "DT", ("$Label1", "Cliente"), second=4)
BIG = Given("f0", b"Subject: big\n\n" + b"x" * 100_000, "P", second=6)
MAILBOX = {
    "INBOX": (CONTRACT, TWICE, TWICE_MORE, LONG, BIG),
    "Bozze": (),
    "Clienti": (),
    "Clienti/Caffè & Tè": (TWICE,),
    "Posta inviata": (CONTRACT,),
    "日本語": (),
}


class MaildirMaker:
    letters = LETTERS

    def __init__(self, layout, encoding):
        self.manner = {"layout": layout, "encoding": encoding}

    def make(self, provider, unchanged, request):
        self.write(provider)
        return MaildirEngine([volume_over(unchanged(provider))])

    def write(self, provider):
        mailbox = provider.mailbox(ALICE, **self.manner)
        mailbox.night(DAYS[0])
        night = mailbox.night(DAYS[1], empty=True)
        for folder, messages in MAILBOX.items():
            night.folder(folder)
            for given in messages:
                night.message(
                    source=given.source, received=given.received, folder=folder, flags=given.letters,
                    keywords=given.keywords, guid=given.guid,
                )  # fmt: skip
        night.repair(guid=INBOX_GUID)

    def told(self, source):
        """Return a message's bytes as this engine gives them."""
        return source


class ImapMaker(MaildirMaker):
    """A real Dovecot that serves a Maildir, whose snapshots are mounted beside the engine too."""

    letters = {letter: flag for letter, flag in LETTERS.items() if letter != "P"}
    """Dovecot keeps that a message was forwarded as a keyword, and tells nothing of other servers' letter."""

    def __init__(self):
        super().__init__("maildir++", "mutf7")

    def make(self, provider, unchanged, request):
        self.write(provider)
        server = request.getfixturevalue("snapshot_dovecot")
        unchanged(server.serve(provider))
        return imap_engine(server, provider, [volume_over(provider)])

    def told(self, source):
        """IMAP has CRLF at the end of every line, and no NUL: Dovecot sends 0x80 for it."""
        return re.sub(rb"\r?\n", b"\r\n", source).replace(b"\0", b"\x80")


class MemoryMaker:
    letters = LETTERS

    def told(self, source):
        return source

    def make(self, _provider, _unchanged, _request):
        held = {name: self._entries(messages) for name, messages in MAILBOX.items()}
        mailboxes = (MemoryMailbox({"INBOX": ()}), MemoryMailbox(held, INBOX_GUID))
        days = map(date.fromisoformat, DAYS)
        nights = {self._night(day): {ALICE: mailbox} for day, mailbox in zip(days, mailboxes, strict=True)}
        return MemoryEngine(dict(reversed(nights.items())))

    def _night(self, day):
        return Night(day, datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=1), day.isoformat())

    def _entries(self, messages):
        ordinals: dict[str, int] = {}
        entries = []
        for given in messages:
            ordinal = ordinals[given.guid] = ordinals.get(given.guid, -1) + 1
            flags = Flag(sum(LETTERS[letter].value for letter in given.letters))
            entries.append(
                MemoryEntry(given.guid, given.source, ordinal, given.received, given.received, flags, given.keywords)
            )
        return tuple(entries)


def imap_engine(server, provider, volumes=(), *, url=None, now=NOW):
    """Return an engine that reads a provider's nights from a server, or through what stands at `url`."""
    login = SnapshotServer(ImapUrl.parse(url or server.url), MASTER, server.secret)
    calendar = calendar_of(provider.snapshot_pattern)
    return ImapEngine(login, calendar, days=7, volumes=volumes, clock=lambda: now)


MAKERS: dict[str, Any] = {
    "maildir++-mutf7": MaildirMaker("maildir++", "mutf7"),
    "maildir++-utf8": MaildirMaker("maildir++", "utf8"),
    "fs-mutf7": MaildirMaker("fs", "mutf7"),
    "fs-utf8": MaildirMaker("fs", "utf8"),
    "memory": MemoryMaker(),
    "imap": ImapMaker(),
}
