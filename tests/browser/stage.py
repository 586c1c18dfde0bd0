"""The demo's site with every state within reach, and one window onto it, for all tests of the pages' conduct."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import screens
from demo.screens import Stage
from demo.window import Window, window


@pytest.fixture(scope="session")
def stage(tmp_path_factory) -> Iterator[Stage]:
    with screens.staged(tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture(scope="session")
def browser(stage) -> Iterator[Window]:
    """One browser for many tests; each begins by logging in or by forgetting everything."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, window(stage.url, Path(profile)) as view:
        yield view
