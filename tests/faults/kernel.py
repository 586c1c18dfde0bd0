"""Faults that the kernel gives to real processes: errors and hangs of system calls, want of room or descriptors."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

READING = "openat,getdents64,read,newfstatat"
FOR_EVER = "delay_enter=3600s"
NOTHING_TRACED = 20


@cache
def may_trace() -> bool:
    """Whether this machine has strace and lets it look into other processes."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True).returncode == 0


def require_strace() -> None:
    """Skip the test where system calls cannot be made to fail."""
    if not may_trace():
        pytest.skip("strace is not installed, or may not trace here: run `make deps` as root")


@contextmanager
def injected(
    processes: Collection[int], fault: str, below: Path, *, calls: str = READING, when: str = "1+"
) -> Iterator[None]:
    """Let system calls of these processes that concern anything below a directory fail or hang, until the block ends.

    `fault` is what `strace -e inject` calls it: `error=EIO`, or FOR_EVER.
    """
    require_strace()
    command = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={calls}"]
    command += ["-e", f"inject={calls}:{fault}:when={when}"]
    command += [word for path in (below, *below.rglob("*")) for word in ("-P", str(path))]
    command += [word for process in processes for word in ("-p", str(process))]
    tracer = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        _wait_until_traced(processes, tracer)
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=NOTHING_TRACED)


def _wait_until_traced(processes: Collection[int], tracer: "subprocess.Popen[bytes]") -> None:
    while not all(_tracer_of(task) == tracer.pid for process in processes for task in _tasks(process)):
        if tracer.poll() is not None:
            pytest.fail("strace ended before it had taken hold")


def _tasks(process: int) -> list[Path]:
    return list(Path(f"/proc/{process}/task").iterdir())


def _tracer_of(task: Path) -> int:
    try:
        lines = (task / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("TracerPid:"))


@contextmanager
def limited(processes: Collection[int], resource: str, limit: int) -> Iterator[None]:
    """Give these processes less of a resource (`nofile`, `as`) until the block ends."""
    before = {process: _prlimit(process, resource) for process in processes}
    for process in processes:
        _prlimit(process, resource, str(limit))
    try:
        yield
    finally:
        for process, soft in before.items():
            if Path(f"/proc/{process}").exists():
                _prlimit(process, resource, soft)


def _prlimit(process: int, resource: str, soft: str = "") -> str:
    """Return the soft limit; with `soft`, set it first."""
    setting = [f"--{resource}={soft}:"] if soft else [f"--{resource}", "--output=SOFT", "--noheadings", "--raw"]
    done = subprocess.run(["prlimit", f"--pid={process}", *setting], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@contextmanager
def small_disk(place: Path, *, size_mb: int) -> Iterator[Path]:
    """Mount a disk of this size at `place` until the block ends; only root may."""
    place.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(place)]
    if sys.platform != "linux" or os.getuid() != 0 or subprocess.run(mount, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Leave no room on a disk until the block ends."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (1 << 20, 4096):
            try:
                while file.write(bytes(piece)) == piece:
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        ballast.unlink()
