"""A deadline for every call into a mount, and a breaker for a mount that hangs.

A read from a dead NFS server cannot be interrupted, so each runs in a thread of its own; one that
misses its deadline is abandoned, and after a few of those the mount is not asked any more but for one
probe at a time. A hung mount so costs its own accounts an error page and everybody else nothing.
"""

import io
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from queue import Empty, LifoQueue, SimpleQueue
from typing import BinaryIO, TypeVar, cast

from snapshots.errors import EngineTimeout, EngineUnavailable

T = TypeVar("T")
Job = Callable[[], None]
CHUNK_BYTES = 256 * 1024


class Guard:
    """Runs the reads of one mount.

    At most `places` calls run at once; who finds none waits `patience_seconds`, not at all when the
    mount looks hung. With `abandoned_limit` calls past their deadline the breaker is open; a probe every
    `probe_seconds` closes it again.
    """

    def __init__(
        self,
        name: str,
        *,
        deadline_seconds: float = 10.0,
        places: int = 8,
        patience_seconds: float = 1.0,
        abandoned_limit: int = 4,
        probe_seconds: float = 30.0,
        hung_after_seconds: float = 3.0,
    ) -> None:
        self.name = name
        self.deadline_seconds = deadline_seconds
        self._patience_seconds = patience_seconds
        self._abandoned_limit = abandoned_limit
        self._probe_seconds = probe_seconds
        self._hung_after_seconds = hung_after_seconds
        self._places = threading.BoundedSemaphore(places)
        self._lock = threading.Lock()
        self._abandoned = 0
        self._next_probe = 0.0
        self._begun: dict[int, float] = {}
        self._idle: LifoQueue[SimpleQueue[Job]] = LifoQueue()

    @property
    def is_open(self) -> bool:
        """Whether the breaker is open: the mount is believed to hang."""
        return self._abandoned >= self._abandoned_limit

    @property
    def looks_hung(self) -> bool:
        """Whether some call has been under way for too long, whoever still waits for it."""
        with self._lock:
            return min(self._begun.values(), default=inf) < time.monotonic() - self._hung_after_seconds

    def call(self, work: Callable[[], T], *, within_seconds: float | None = None) -> T:
        """Return what `work` returns, or raise what it raises.

        Who cannot wait for the deadline says so by `within_seconds`; giving up early proves no hung mount, but
        nothing is begun while the mount looks hung.
        Raises: EngineTimeout past the deadline, EngineUnavailable when the mount is not asked at all.
        """
        return self.call_all([work], within_seconds=within_seconds)[0]

    def call_all(self, works: Sequence[Callable[[], T]], *, within_seconds: float | None = None) -> list[T]:
        """Run several reads side by side under one deadline and return their results in order."""
        if within_seconds is not None and self.looks_hung:
            raise EngineUnavailable(f"{self.name} does not answer")
        self._admit()
        try:
            return self._run(works, within_seconds)
        finally:
            self._places.release()

    def _admit(self) -> None:
        with self._lock:
            if self.is_open:
                if time.monotonic() < self._next_probe:
                    raise EngineUnavailable(f"{self.name} does not answer")
                self._next_probe = time.monotonic() + self._probe_seconds
        if not self._places.acquire(timeout=0 if self._abandoned else self._patience_seconds):
            raise EngineUnavailable(f"{self.name} is busy")

    def _run(self, works: Sequence[Callable[[], T]], within_seconds: float | None) -> list[T]:
        answers: SimpleQueue[tuple[int, T | None, BaseException | None]] = SimpleQueue()
        for number, work in enumerate(works):
            self._start(partial(_answer, answers, number, partial(self._noted, work)))
        results: dict[int, T] = {}
        patience_seconds = self.deadline_seconds if within_seconds is None else within_seconds
        deadline = time.monotonic() + patience_seconds
        while len(results) < len(works):
            try:
                number, value, error = answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                if within_seconds is None:
                    self._abandon()
                raise EngineTimeout(f"{self.name} did not answer in {patience_seconds:g} s") from None
            if error is not None:
                self._answered()
                raise error
            results[number] = cast("T", value)
        self._answered()
        return [results[number] for number in range(len(works))]

    def _start(self, job: "Job") -> None:
        """Give a job to a thread that has none; one whose job hangs is simply not there any more.

        Threads last, since each new one would leave the allocator another heap of its own.
        """
        try:
            jobs = self._idle.get_nowait()
        except Empty:
            jobs = SimpleQueue()
            threading.Thread(target=self._work, args=(jobs,), name=self.name, daemon=True).start()
        jobs.put(job)

    def _work(self, jobs: "SimpleQueue[Job]") -> None:
        while True:
            jobs.get()()
            self._idle.put(jobs)

    def _noted(self, work: Callable[[], T]) -> T:
        """Do the work, which is known to be under way meanwhile."""
        with self._lock:
            self._begun[threading.get_ident()] = time.monotonic()
        try:
            return work()
        finally:
            with self._lock:
                del self._begun[threading.get_ident()]

    def _answered(self) -> None:
        """Close the breaker: a mount that says no answers too."""
        with self._lock:
            self._abandoned = 0

    def _abandon(self) -> None:
        with self._lock:
            self._abandoned += 1
            self._next_probe = time.monotonic() + self._probe_seconds


def _answer(
    answers: "SimpleQueue[tuple[int, T | None, BaseException | None]]", number: int, work: Callable[[], T]
) -> None:
    try:
        answers.put((number, work(), None))
    except BaseException as error:  # noqa: BLE001 - it is raised again where it was asked for
        answers.put((number, None, error))


class GuardedStream(io.RawIOBase):
    """A file whose every read is a guarded call; a file system's errors come out as ours through `translate`."""

    def __init__(self, file: BinaryIO, guard: Guard, translate: Callable[[OSError], Exception]) -> None:
        self._file = file
        self._hangs = False
        self._guard = guard
        self._translate = translate

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._guarded(lambda: self._file.seek(offset, whence))

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: "memoryview", /) -> int:  # type: ignore[override]
        data = self._guarded(lambda: self._file.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return self._guard.call(work)
        except EngineTimeout:
            self._hangs = True
            raise
        except OSError as error:
            raise self._translate(error) from error

    def close(self) -> None:
        """Close the file; one whose read hangs is closed when that comes back, since closing waits for it."""
        if not self.closed and self._hangs:
            threading.Thread(target=self._file.close, name=self._guard.name, daemon=True).start()
        elif not self.closed:
            self._file.close()
        super().close()


def guarded_file(file: BinaryIO, guard: Guard, translate: Callable[[OSError], Exception]) -> BinaryIO:
    """Return `file` as a buffered binary stream whose reads are bounded by the mount's deadline."""
    return cast("BinaryIO", io.BufferedReader(GuardedStream(file, guard, translate), CHUNK_BYTES))
