"""Whether there is a Chromium to test with."""

import os
import shutil

import pytest

CHROMIUM, CHROMEDRIVER = shutil.which("chromium"), shutil.which("chromedriver")


def require_chromium() -> None:
    """Skip the test where there is no Chromium; fail in CI, where there must be one."""
    if CHROMIUM and CHROMEDRIVER:
        return
    if os.environ.get("CI"):
        pytest.fail("Chromium and its driver are not installed: run `make deps`")
    pytest.skip("Chromium and its driver are not installed: run `make deps` as root")
