"""How much of a proof is run: a part in every run of the tests, the whole with TEST_EVIDENCE=1 (`make evidence`)."""

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

IS_WHOLE = os.environ.get("TEST_EVIDENCE") == "1"

needs_evidence = pytest.mark.skipif(not IS_WHOLE, reason="takes minutes: set TEST_EVIDENCE=1, or run `make evidence`")


def part(items: Sequence[T], every: int) -> Sequence[T]:
    """Return one in `every` of the items, or all of them where the proof is whole."""
    return items if IS_WHOLE else items[::every]
