"""Login slots held by a test."""

from contextlib import ExitStack
from pathlib import Path

from access.slots import SLOTS, LoginBusy, login_slot


def hold_slots(stack: ExitStack, directory: Path, count: int = SLOTS) -> None:
    for _ in range(count):
        stack.enter_context(login_slot(directory, patience_seconds=0))


def count_free_slots(directory: Path) -> int:
    """Return how many slots could be taken right now."""
    with ExitStack() as stack:
        for number in range(SLOTS + 1):
            try:
                hold_slots(stack, directory, 1)
            except LoginBusy:
                return number
    raise AssertionError("there are more slots than there should be")
