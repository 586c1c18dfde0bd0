"""Who cannot wait for a mount's deadline does not wait behind a call that hangs, and leaves none behind."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from snapshots.engines.deadline import Guard
from snapshots.errors import EngineTimeout, EngineUnavailable

SOON = 0.05
WAIT_SECONDS = 10


def test_nobody_in_a_hurry_waits_behind_a_call_that_hangs():
    guard, over, asked = Guard("mount", hung_after_seconds=0), threading.Event(), []
    with pytest.raises(EngineTimeout):
        guard.call(lambda: over.wait(WAIT_SECONDS), within_seconds=SOON)

    with pytest.raises(EngineUnavailable):
        guard.call(lambda: asked.append(1), within_seconds=WAIT_SECONDS)
    patient = guard.call(lambda: "answer")
    over.set()

    assert (asked, patient) == ([], "answer")


def test_mount_looks_hung_until_its_last_call_is_back():
    guard, begun, over = Guard("mount", hung_after_seconds=0), threading.Event(), threading.Event()

    def work():
        begun.set()
        return over.wait(WAIT_SECONDS)

    with ThreadPoolExecutor() as threads:
        call = threads.submit(guard.call, work)
        begun.wait(WAIT_SECONDS)
        meanwhile = guard.looks_hung
        over.set()
        call.result()

    assert meanwhile
    assert not guard.looks_hung
