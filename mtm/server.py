"""The web server: gunicorn with threads. A slow reader or a hung mount holds a thread, never a process."""

import ctypes
import os
import resource
from importlib import import_module
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

M_ARENA_MAX = -8
M_MMAP_THRESHOLD = -3
MOST_DESCRIPTORS = 65_536
MOST_WORKERS = 4


class Log(Logger):  # type: ignore[misc]
    """What gunicorn says goes the way of all our logs (`mtm.logs`)."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """Serves the site in `workers` processes of `threads` threads each."""

    def __init__(self, *, bind: str, workers: int, threads: int, reload: bool) -> None:
        self._options = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "reload": reload,
            "worker_class": "gthread",
            "graceful_timeout": 30,
            "timeout": 120,
            "keepalive": 5,
            # It would let whoever may write to the home directory change how many processes there are.
            "control_socket_disable": True,
            "errorlog": "-",
            "loglevel": "warning",
            "logger_class": Log,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        keep_memory_together()
        take_all_descriptors()
        return import_module("mtm.wsgi").application


def usual_workers() -> int:
    """Return how many processes suit this machine.

    Two a processor: threads of one process wait for each other's pages. 150 owners on two processors had their lists in
    174 ms (95th percentile) from four processes of 8 threads, in 413 from two of 16; four of 16 answered a fifth less.
    Four hold 600 MB, of the gigabyte that the units and the compose file allow: who wants more raises both.
    """
    return min(2 * len(os.sched_getaffinity(0)), MOST_WORKERS)


def take_all_descriptors() -> None:
    """Use as many open files as we may: the 1,024 that shells begin with are fewer than the connections we accept."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def keep_memory_together() -> None:
    """Let the C library share two heaps among all threads, and give back large pieces at once.

    By default each thread gets a heap of its own, and what a listing of 70,000 names leaves behind in thirty
    of them stays: 177 MB a process instead of 120.
    Source: mallopt(3).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 2)
        mallopt(M_MMAP_THRESHOLD, 128 * 1024)
