"""The imap engine beside Dovecot itself: the names of all nights, the headers of one, and pages with an index."""

import base64
import re
import socket
import tempfile
import time
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

from bench.mailbox import BigMailbox
from bench.report import Figure, Findings
from bench.timeindex import WHOLE_SECONDS, Some
from bench.timing import Work, side_by_side
from demo.ports import LOOPBACK
from demo.provider import Provider
from snapshots.archive import Archive
from snapshots.engines.base import HEAD_BYTES
from snapshots.engines.imap import SnapshotServer
from snapshots.imap import ImapUrl
from snapshots.timeindex.builder import build
from tests import dovecot, snapshot_dovecot
from tests.snapshot_dovecot import MASTER, SnapshotDovecot

NAMES_RATIO = 3.0
HEADERS_RATIO = 2.0
PAGES_RATIO = 1.5
RECEIVE_BYTES = 1 << 20
TAIL_BYTES = 4096
FOLDERS = re.compile(rb'^\* LIST \([^)]*\) "/" (.+)\r$', re.MULTILINE)
NAMES = "UID FETCH 1:* (FLAGS INTERNALDATE RFC822.SIZE X-GUID)"
VERDICT = re.compile(rb"(?:^|\n)bench (OK|NO|BAD)[^\n]*\n\Z")
HEADERS = f"UID FETCH 1:* (X-GUID INTERNALDATE RFC822.SIZE BODY.PEEK[]<0.{HEAD_BYTES}>)"
REMARK = (
    "The imap engine: a real Dovecot with the configuration we ship, on the same cores; its floor is a bare socket "
    "that throws the same answers away. Names: after the server listed each folder once."
)


def measure(mailbox: BigMailbox, *, runs: int) -> Findings:
    """Measure what reading over IMAP costs above what the server takes for the same answers."""
    if dovecot.BINARY is None:
        return Findings(remarks=["The imap engine: not measured, Dovecot is not installed."])
    with snapshot_dovecot.running() as server, tempfile.TemporaryDirectory() as directory:
        server.serve(_provider(mailbox))
        login = SnapshotServer(ImapUrl.parse(server.url), MASTER, server.secret)
        indexes = Path(directory)
        figures = [_names(mailbox, server, login), _headers(mailbox, server, login, indexes)]
        return Findings([*figures, _pages(mailbox, login, indexes, runs)], [REMARK])


def _names(mailbox: BigMailbox, server: SnapshotDovecot, login: SnapshotServer) -> Figure:
    """Ask for every name of every night, after the server has listed each folder once for itself."""
    floor_seconds = ours_seconds = 0.0
    for day in mailbox.days:
        _raw(mailbox, server, day, NAMES)
        floor_seconds += _seconds(partial(_raw, mailbox, server, day, NAMES))
        ours_seconds += _seconds(partial(_listed, mailbox, login, day))
    return Figure("names of all nights over IMAP", ours_seconds, "s", floor=floor_seconds, most_ratio=NAMES_RATIO)


def _headers(mailbox: BigMailbox, server: SnapshotDovecot, login: SnapshotServer, indexes: Path) -> Figure:
    some = Some(mailbox.archive(over=login), frozenset({mailbox.newest_day}))
    floor_seconds = _seconds(lambda: _raw(mailbox, server, mailbox.newest_day, HEADERS))
    ours_seconds = _seconds(lambda: build(mailbox.account, None, some, indexes, budget_seconds=WHOLE_SECONDS))
    return Figure("index of one night over IMAP", ours_seconds, "s", floor=floor_seconds, most_ratio=HEADERS_RATIO)


def _pages(mailbox: BigMailbox, login: SnapshotServer, indexes: Path, runs: int) -> Figure:
    """Turn the first page of the large folder, which both indexes know."""
    with tempfile.TemporaryDirectory() as directory:
        mounted = mailbox.archive(indexes=Path(directory))
        some = Some(mounted, frozenset({mailbox.newest_day}))
        build(mailbox.account, None, some, Path(directory), budget_seconds=WHOLE_SECONDS)
        over_imap = mailbox.archive(over=login, indexes=indexes)
        archives = {"imap": over_imap, "maildir": mounted}
        times = side_by_side(
            {name: partial(partial, _page, mailbox, each) for name, each in archives.items()}, runs=runs
        )
    what = "indexed list page over IMAP, beside the maildir engine"
    return Figure(what, times["imap"].wall_ms, floor=times["maildir"].wall_ms, most_ratio=PAGES_RATIO)


def _page(mailbox: BigMailbox, archive: Archive) -> None:
    with archive.open_mailbox(mailbox.account, mailbox.newest_day) as opened:
        opened.catalogue.page(opened.catalogue.folder("inbox"))
        opened.catalogue.folders()


def _listed(mailbox: BigMailbox, login: SnapshotServer, day: date) -> None:
    _, reader = mailbox.archive(over=login).open_reader(mailbox.account, day)
    with reader:
        for folder in reader.folders():
            reader.records(folder)


def _raw(mailbox: BigMailbox, server: SnapshotDovecot, day: date, question: str) -> None:
    """Ask that of every folder of a night and throw the answers away: what Dovecot and a socket take."""
    with closing(socket.create_connection((LOOPBACK, server.port))) as sock:
        who = f"{mailbox.account.address}@{day}\0{MASTER}\0{server.secret}"
        _answer(sock, f"AUTHENTICATE PLAIN {base64.b64encode(who.encode()).decode()}")
        for folder in FOLDERS.findall(_answer(sock, 'LIST "" "*"')):
            _answer(sock, f"EXAMINE {folder.decode()}")
            _answer(sock, question)


def _answer(sock: socket.socket, command: str) -> bytes:
    """Return the end of what is answered to a command. Raises: AssertionError unless it is OK."""
    sock.sendall(f"bench {command}\r\n".encode())
    tail = b""
    while not (said := VERDICT.search(tail)):
        data = sock.recv(RECEIVE_BYTES)
        if not data:
            raise AssertionError("the server hung up")
        tail = (tail + data)[-TAIL_BYTES:]
    if said[1] != b"OK":
        raise AssertionError(f"{command} was answered {said[0]!r}")
    return tail


def _seconds(work: Work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _provider(mailbox: BigMailbox) -> Provider:
    """Return the provider of the big mailbox, which knows what its nights are called."""
    provider = Provider(mailbox.root)
    provider.names = {day: mailbox.maildir_path(day).parents[2].name for day in mailbox.days}
    return provider
