"""Sending: messages in batches, and alone where a batch was refused, so that the one at fault is named."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from access.models import moment_of
from restores import journal
from restores.ahead import Ahead
from restores.leases import STEP_SECONDS, Lease
from restores.models import Line, Outcome, Reason
from restores.sources import Sources, Unusable
from snapshots.imap import (
    ANY_KEYWORD,
    Appender,
    Broken,
    Contents,
    NotStored,
    Outgoing,
    ServerUnreachable,
    Standing,
    patience_seconds,
)

MOST_MESSAGES = 100
MOST_BYTES = 16 << 20
MARKER = "$MTMRestored"
NOT_OF_ONE_MESSAGE = {"NOPERM": Reason.READ_ONLY, "READ-ONLY": Reason.READ_ONLY, "NONEXISTENT": Reason.NO_FOLDER}
REASONS = {
    "OVERQUOTA": Reason.OVER_QUOTA,
    "TOOBIG": Reason.TOO_BIG,
    "LIMIT": Reason.TOO_BIG,
    **NOT_OF_ONE_MESSAGE,
}
BREAKS = 4
"""So often a message may break the line before it is taken for the cause."""


@dataclass(slots=True)
class Live:
    """An open live mailbox, both ways."""

    appender: Appender
    contents: Contents
    keywords: frozenset[str] = frozenset()


@dataclass(slots=True)
class Memory:
    """What is known from one connection to the next: how often it broke at which message, and at which folder."""

    breaks: dict[int, int] = field(default_factory=dict)
    folder_breaks: Counter[str] = field(default_factory=Counter)


class FolderClosed(Exception):
    """Nothing can be added to the folder."""

    def __init__(self, reason: Reason, answer: str) -> None:
        self.reason = reason
        self.answer = answer
        super().__init__(answer)


class Sender:
    """Adds the lines of one folder."""

    def __init__(self, lease: Lease, sources: Sources, live: Live, memory: Memory, target: str) -> None:
        self._lease = lease
        self._sources = sources
        self._live = live
        self._memory = memory
        self._target = target
        self._ahead = Ahead(sources)
        self._waiting: deque[Line] = deque()
        self._least_too_much: int | None = None
        self._is_made_again = False

    def send(self, lines: Iterable[Line], *, told: Callable[[], None]) -> None:
        """Send what can be sent, and tell so after each batch.

        Raises: ServerUnreachable, Cancelled, LeaseLost, the engine's errors.
        """
        self._waiting = deque(lines)
        try:
            with self._ahead:
                while self._waiting:
                    if batch := self._next():
                        self._send_batch(batch)
                        told()
        except FolderClosed as closed:
            left = Line.objects.filter(restore=self._lease.restore, target=self._target, outcome=Outcome.WAITING)
            left.update(outcome=Outcome.FAILED.value, reason=closed.reason.value, answer=closed.answer)
        journal.count(self._lease.restore)

    def _next(self) -> list[Line]:
        """Take the next batch: alone what is large, or broke the line before."""
        waiting = self._waiting
        batch: list[Line] = []
        total_bytes = 0
        most = MOST_MESSAGES if self._live.appender.takes_many else 1
        while waiting and len(batch) < most:
            size_bytes, is_suspect = waiting[0].size_bytes or 0, waiting[0].place in self._memory.breaks
            if batch and (is_suspect or total_bytes + size_bytes > MOST_BYTES):
                break
            line = waiting.popleft()
            if self._is_hopeless(line):
                continue
            batch.append(line)
            total_bytes += size_bytes
            if is_suspect:
                break
        return batch

    def _is_hopeless(self, line: Line) -> bool:
        if self._memory.breaks.get(line.place, 0) >= BREAKS:
            journal.close(line, Outcome.FAILED, Reason.SERVER_TROUBLE)
            return True
        if self._least_too_much is not None and (line.size_bytes or 0) >= self._least_too_much:
            journal.close(line, Outcome.FAILED, Reason.OVER_QUOTA)
            return True
        return False

    def _soon(self) -> Iterator[Line]:
        """Yield what probably comes next."""
        left_bytes = MOST_BYTES
        for line in islice(self._waiting, MOST_MESSAGES):
            left_bytes -= line.size_bytes or 0
            if left_bytes < 0:
                return
            yield line

    def _send_batch(self, lines: Sequence[Line]) -> None:
        ready = [(line, chunks) for line in lines if (chunks := self._read(line)) is not None]
        if not ready:
            return
        if (lines[0].size_bytes or 0) <= MOST_BYTES:
            self._ahead.begin(self._soon())
        try:
            self._append([line for line, _ in ready], [self._outgoing(line, chunks) for line, chunks in ready])
        except NotStored as refusal:
            if len(ready) > 1:
                for line, _ in ready:
                    if not self._is_hopeless(line):
                        self._send_batch([line])
            else:
                self._refused(ready[0][0], refusal)

    def _append(self, lines: Sequence[Line], messages: Sequence[Outgoing]) -> None:
        standing = self._standing()
        seconds = patience_seconds(sum(message.size_bytes for message in messages)) + STEP_SECONDS
        batch = journal.begin(self._lease, self._target, standing, lines, seconds=seconds)
        try:
            uids = self._live.appender.append(self._target, messages)
        except NotStored:
            journal.settle(batch, lines, {})
            raise
        except ServerUnreachable:
            for line in lines:
                self._memory.breaks[line.place] = self._memory.breaks.get(line.place, 0) + 1
            raise
        except (Broken, Unusable) as error:
            # One that is streamed goes alone, and half of it is not stored.
            journal.settle(batch, lines, {})
            journal.close(lines[0], Outcome.REFUSED, Reason.DAMAGED)
            raise ServerUnreachable from error
        if len(uids) == len(lines):
            journal.settle(batch, lines, {line.place: uid for line, uid in zip(lines, uids, strict=True)})
        else:
            journal.settle(batch, lines, journal.stored(batch, lines, self._live.appender, self._live.contents))

    def _standing(self) -> Standing:
        try:
            return self._live.appender.standing(self._target)
        except NotStored:
            self._make_again()
            return self._standing()

    def _make_again(self) -> None:
        """Make the folder that somebody deleted meanwhile, once."""
        try:
            if self._is_made_again:
                raise FolderClosed(Reason.NO_FOLDER, "")
            self._is_made_again = True
            self._live.appender.make(self._target)
        except NotStored as refusal:
            raise FolderClosed(Reason.NO_FOLDER, refusal.text) from refusal

    def _refused(self, line: Line, refusal: NotStored) -> None:
        if refusal.code == "TRYCREATE":
            self._make_again()
            self._send_batch([line])
            return
        reason = REASONS.get(refusal.code, Reason.REJECTED)
        if refusal.code in NOT_OF_ONE_MESSAGE:
            raise FolderClosed(reason, refusal.text)
        if reason is Reason.OVER_QUOTA:
            self._least_too_much = min(line.size_bytes or 0, self._least_too_much or line.size_bytes or 0)
        outcome = Outcome.REFUSED if reason is Reason.TOO_BIG else Outcome.FAILED
        journal.close(line, outcome, reason, refusal.text)

    def _read(self, line: Line) -> Iterable[bytes] | None:
        """Return a message's bytes, in memory unless they are many; None for one that is not as it was measured."""
        try:
            if (line.size_bytes or 0) > MOST_BYTES:
                self._sources.located(line)
                return self._sources.chunks(line)
            return [self._ahead.read(line)]
        except Unusable as error:
            journal.close(line, Outcome.REFUSED, error.reason)
            return None

    def _outgoing(self, line: Line, chunks: Iterable[bytes]) -> Outgoing:
        flags = tuple(kept_flags([*line.flags, MARKER], self._live.keywords))
        return Outgoing(line.size_bytes or 0, flags, moment_of(line.internal_date_ms or 0), chunks)


def kept_flags(flags: Iterable[str], keywords: frozenset[str]) -> Iterator[str]:
    """Yield those of the flags that the server keeps."""
    known = {keyword.lower() for keyword in keywords}
    for flag in flags:
        is_known = ANY_KEYWORD in keywords or flag.lower() in known
        is_system = flag.startswith("\\")
        if (is_system or is_known) and is_keyword(flag.removeprefix("\\")):
            yield flag


def is_keyword(flag: str) -> bool:
    """Tell what IMAP takes for a keyword (an atom, RFC 3501 section 9)."""
    return bool(flag) and flag.isascii() and all(each.isprintable() and each not in ' (){%*"\\]' for each in flag)
