"""What the figures were taken on, without saying whose machine it is."""

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.dovecot import BINARY

PACKAGES = ("Django", "gunicorn", "nh3", "mail-parser")


def load() -> str:
    """Return the load average of the last minute, beside the number of cores."""
    return f"{os.getloadavg()[0]:.2f} on {os.cpu_count()} cores"


def is_busy() -> bool:
    """Say whether others want so much of the processors that times by the clock tell little."""
    return os.getloadavg()[0] > (os.cpu_count() or 1) / 2


def description() -> list[tuple[str, str]]:
    """Return name and value of everything a figure depends on."""
    return [
        ("cores", str(os.cpu_count())),
        ("processor", _processor()),
        ("memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("system", platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")),
        ("Python", platform.python_version()),
        ("SQLite", sqlite3.sqlite_version),
        *((name, version(name)) for name in PACKAGES),
        ("Dovecot", _dovecot()),
    ]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _dovecot() -> str:
    if BINARY is None:
        return "absent"
    return subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout.split()[0]
