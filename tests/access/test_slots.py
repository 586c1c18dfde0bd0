"""Four password checks at a time, whatever happens to those who hold a slot."""

import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from access.slots import SLOTS, LoginBusy, login_slot
from tests.access.slot_holding import count_free_slots, hold_slots

HOLDER = """
import sys
from pathlib import Path
from access.slots import login_slot
with login_slot(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_fifth_gets_none(tmp_path):
    with ExitStack() as stack:
        hold_slots(stack, tmp_path)

        with pytest.raises(LoginBusy), login_slot(tmp_path, patience_seconds=0):
            pass


def test_slot_is_free_after_an_error(tmp_path):
    with pytest.raises(RuntimeError), login_slot(tmp_path):
        raise RuntimeError

    assert count_free_slots(tmp_path) == SLOTS


def test_slot_of_a_killed_process_is_free(tmp_path):
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        held = SLOTS - count_free_slots(tmp_path)

        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)

        assert held == 1
        assert count_free_slots(tmp_path) == SLOTS
