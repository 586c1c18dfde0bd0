"""A mount that hangs costs its own callers an error, soon, and nobody else anything."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from snapshots.engines import deadline
from snapshots.engines.deadline import Guard, guarded_file
from snapshots.errors import EngineTimeout, EngineUnavailable, SnapshotGone

SOON = 0.05
WAIT_SECONDS = 10


@pytest.fixture
def hang():
    """A piece of work that hangs until the test ends."""
    over = threading.Event()
    yield lambda: over.wait(WAIT_SECONDS)
    over.set()


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is told to go on."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(deadline, "time", clock)
    return clock


def guard(**options):
    return Guard(
        "mount", **{"deadline_seconds": WAIT_SECONDS, "patience_seconds": SOON, "abandoned_limit": 2, **options}
    )


def time_out(guarded, work, times=1):
    """Let calls reach a deadline that comes soon."""
    guarded.deadline_seconds = SOON
    for _ in range(times):
        with pytest.raises(EngineTimeout):
            guarded.call(work)
    guarded.deadline_seconds = WAIT_SECONDS


def signalling(begun, over):
    """A piece of work that says when it begins, and ends when it may."""

    def work():
        begun.set()
        return over.wait(WAIT_SECONDS)

    return work


def test_call_returns_what_its_work_returns():
    assert guard().call(lambda: 42) == 42


def test_calls_side_by_side_answer_in_order():
    assert guard().call_all([lambda n=number: n for number in range(20)]) == list(range(20))


def test_no_work_is_no_visit():
    assert guard().call_all([]) == []


def test_error_of_the_work_is_raised_where_it_was_asked_for():
    with pytest.raises(ZeroDivisionError):
        guard().call(lambda: 1 // 0)


def test_work_that_hangs_is_left_at_the_deadline(hang):
    with pytest.raises(EngineTimeout, match="mount did not answer"):
        guard(deadline_seconds=SOON).call(hang)


def test_one_of_many_that_hangs_is_the_timeout_of_all(hang):
    with pytest.raises(EngineTimeout):
        guard(deadline_seconds=SOON).call_all([lambda: 1, hang, lambda: 2])


def test_breaker_opens_at_its_limit_and_asks_no_more(hang):
    guarded, asked = guard(), []
    time_out(guarded, hang, times=2)

    with pytest.raises(EngineUnavailable, match="does not answer"):
        guarded.call(lambda: asked.append(1))

    assert guarded.is_open
    assert asked == []


def test_breaker_of_one_mount_is_not_anothers(hang):
    time_out(guard(), hang, times=2)

    assert guard().call(lambda: "answer") == "answer"


def test_answer_between_two_timeouts_starts_the_count_anew(hang):
    guarded = guard()

    time_out(guarded, hang)
    guarded.call(lambda: None)
    time_out(guarded, hang)

    assert not guarded.is_open


def test_probe_after_a_while_closes_the_breaker(hang, clock):
    guarded = guard(probe_seconds=30)
    time_out(guarded, hang, times=2)

    clock.now += 30
    probed = guarded.call(lambda: "alive")

    assert (probed, guarded.is_open) == ("alive", False)


def test_probe_that_is_answered_no_closes_the_breaker_too(hang, clock):
    guarded = guard(probe_seconds=30)
    time_out(guarded, hang, times=2)

    clock.now += 30
    with pytest.raises(FileNotFoundError):
        guarded.call(lambda: io.open("/nonexistent/mount"))  # noqa: PTH123, SIM115, UP020

    assert not guarded.is_open


def test_probe_that_hangs_keeps_the_breaker_open_for_another_while(hang, clock):
    guarded = guard(probe_seconds=30)
    time_out(guarded, hang, times=2)

    clock.now += 30
    time_out(guarded, hang)
    clock.now += 29

    with pytest.raises(EngineUnavailable):
        guarded.call(lambda: "not asked")


def test_only_one_probe_is_sent_at_a_time(hang, clock):
    guarded, sent, over = guard(probe_seconds=30), threading.Event(), threading.Event()
    time_out(guarded, hang, times=2)
    clock.now += 30

    with ThreadPoolExecutor() as pool:
        probe = pool.submit(guarded.call, signalling(sent, over))
        sent.wait(WAIT_SECONDS)
        with pytest.raises(EngineUnavailable):
            guarded.call(lambda: "not asked")
        over.set()

    assert probe.result() is True


def test_places_are_given_back_by_calls_that_fail_or_hang(hang):
    guarded = guard(places=1, abandoned_limit=9)

    time_out(guarded, hang, times=3)
    with pytest.raises(ZeroDivisionError):
        guarded.call(lambda: 1 // 0)

    assert guarded.call(lambda: "answer") == "answer"


def test_mount_with_all_places_taken_is_busy():
    guarded = guard(places=1)
    taken, over = threading.Event(), threading.Event()

    with ThreadPoolExecutor() as pool:
        first = pool.submit(guarded.call, signalling(taken, over))
        taken.wait(WAIT_SECONDS)
        with pytest.raises(EngineUnavailable, match="busy"):
            guarded.call(lambda: "no place")
        over.set()

    assert first.result() is True


@pytest.mark.parametrize(("timeouts", "patience_seconds"), [(0, 60), (1, 0)])
def test_nobody_waits_for_a_place_at_a_mount_that_looks_hung(hang, timeouts, patience_seconds):
    guarded, waited = guard(patience_seconds=60), []
    time_out(guarded, hang, times=timeouts)

    class NoPlaces:
        def acquire(self, *, timeout):
            waited.append(timeout)

    guarded._places = NoPlaces()

    with pytest.raises(EngineUnavailable, match="busy"):
        guarded.call(lambda: "no place")
    assert waited == [patience_seconds]


class HangingFile(io.BytesIO):
    """A file whose reads hang from the second on."""

    def __init__(self, data, hang):
        super().__init__(data)
        self.hang = hang
        self.reads = 0

    def read(self, size=-1, /):
        self.reads += 1
        if self.reads > 1:
            self.hang()
        return super().read(size)


def stream_of(file, **options):
    return guarded_file(file, guard(**options), lambda error: SnapshotGone(day=None))


def test_stream_reads_the_whole_file():
    data = bytes(range(256)) * 5000

    with stream_of(io.BytesIO(data)) as stream:
        beginning, rest = stream.read(10), stream.read()
        size_bytes, place = stream.seek(0, io.SEEK_END), stream.tell()

    assert beginning + rest == data
    assert size_bytes == place == len(data)


def test_read_that_hangs_ends_the_stream_at_the_deadline(hang):
    stream = stream_of(HangingFile(bytes(1 << 20), hang), deadline_seconds=SOON)

    with pytest.raises(EngineTimeout):
        stream.read()

    stream.close()


def test_stream_whose_read_hangs_is_closed_without_waiting(tmp_path):
    over = threading.Event()
    (tmp_path / "message").write_bytes(bytes(1 << 20))
    file = io.BufferedReader(HangingRaw(tmp_path / "message", over))
    stream = stream_of(file, deadline_seconds=SOON)
    with pytest.raises(EngineTimeout):
        stream.read()

    stream.close()

    assert stream.closed
    assert not file.raw.closed
    over.set()
    file.raw.was_closed.wait(WAIT_SECONDS)
    assert file.raw.closed


class HangingRaw(io.FileIO):
    """An unbuffered file whose reads hang until they are let go; it tells when it is closed."""

    def __init__(self, path, over):
        super().__init__(path)
        self.over = over
        self.was_closed = threading.Event()

    def readinto(self, buffer, /):
        self.over.wait(WAIT_SECONDS)
        return super().readinto(buffer)

    def close(self):
        super().close()
        self.was_closed.set()


def test_error_of_a_file_system_comes_out_as_ours():
    class Failing(io.BytesIO):
        def read(self, size=-1, /):
            raise OSError(116, "stale")

    with pytest.raises(SnapshotGone) as caught:
        stream_of(Failing()).read()

    assert isinstance(caught.value.__cause__, OSError)


def test_closing_closes_the_file_once():
    file = io.BytesIO(b"data")
    stream = stream_of(file)

    stream.close()
    stream.close()

    assert file.closed
