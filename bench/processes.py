"""The processes below `manage.py serve`, found by what they are for."""

from pathlib import Path

COMMANDS = ("web", "builder", "worker")
ANSWERING = "web worker"


def below(serve: int) -> dict[str, list[int]]:
    """Return the living processes that `serve` began, by their command; an ANSWERING one is below the web server."""
    found: dict[str, list[int]] = {}
    for pid in _children(serve):
        for name in COMMANDS:
            if name in _words(pid):
                found[name] = [pid]
    found[ANSWERING] = [pid for web in found.get("web", ()) for pid in _children(web) if _words(pid) != [""]]
    return found


def _children(pid: int) -> list[int]:
    tasks = list(Path(f"/proc/{pid}/task").glob("*/children"))
    return [int(child) for task in tasks for child in task.read_text().split()]


def _words(pid: int) -> list[str]:
    """Return a process's command line; nothing of one that has ended and is not yet buried."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return [""]
