"""The site in a process of its own, so that what it needs can be measured.

`python -m tests.child MODULE FUNCTION JSON` calls the function with the JSON's values, and prints what it
returns as JSON.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.house_rules import ROOT

KIB_PER_MB = 1000 / 1.024


def begun(function: str, **values: Any) -> subprocess.Popen[str]:
    """Begin `module:function` with these values in a process of its own."""
    command = [sys.executable, "-m", "tests.child", *function.split(":"), json.dumps(values)]
    # A database of its own, whatever the tests run on.
    environment = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def ended(process: subprocess.Popen[str]) -> Any:
    """Wait for a process, and return what its function returned."""
    output, complaints = process.communicate()
    if process.returncode:
        raise AssertionError(complaints[-4000:])
    return json.loads(output.splitlines()[-1])


def all_ended(processes: Sequence[subprocess.Popen[str]]) -> list[Any]:
    return [ended(process) for process in processes]


@contextmanager
def standing_site() -> Iterator[Any]:
    """Give a function that puts the site over a made provider, and a browser in which Alice has logged in.

    Only in a process of its own: the settings stay as they are made here.
    """
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    from demo.provider import Provider
    from snapshots import configured
    from tests.conftest import LISTS
    from tests.served import NOW, sign_in

    def serve(provider: Provider) -> None:
        for name, value in provider.settings().items():
            setattr(settings, name, [value] if name in LISTS else value)
        configured.forget()

    vars(configured)["utc_now"] = lambda: NOW
    setup_test_environment()
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory(prefix="mtm-child-") as directory:
        yield sign_in(Client(raise_request_exception=False)), Path(directory), serve


def peak_memory_mb() -> float:
    """Return the most this process ever had resident."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / KIB_PER_MB for line in lines if line.startswith("VmHWM:"))


def cpu_seconds() -> float:
    """Return what this process has used of the processors."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main(module: str, function: str, values: str) -> int:
    import django

    django.setup()
    print(json.dumps(getattr(import_module(module), function)(**json.loads(values))))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
