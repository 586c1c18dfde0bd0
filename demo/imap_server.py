"""The demo's live account server: pymap's dictionary in memory, on the loopback, in a process of its own.

It checks passwords and takes restored messages; its mailboxes begin empty, it mirrors no snapshot.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pymap.backend import backends
from pymap.backend.dict import Config, DictBackend, Identity, Login
from pymap.main import main
from pymap.user import Passwords, UserMetadata

from demo.ports import LOOPBACK, free_port, wait_for_answer

USERS_VARIABLE = "MTM_DEMO_USERS"
START_SECONDS = 20
STOP_SECONDS = 5


@contextmanager
def running(passwords: Mapping[str, str], *, port: int | None = None) -> Iterator[str]:
    """Run a server for these users until the block ends; yield its URL."""
    port = port or free_port()
    process = _start(passwords, port)
    try:
        if not wait_for_answer(port, timeout_seconds=START_SECONDS):
            raise RuntimeError("the demo's IMAP server did not start")
        yield f"imap://{LOOPBACK}:{port}"
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a child and its own children: asked first, then made to. It leads a session of its own."""
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _start(passwords: Mapping[str, str], port: int) -> subprocess.Popen[bytes]:
    environment = {**os.environ, USERS_VARIABLE: json.dumps(dict(passwords))}
    # A session of its own: Ctrl-C reaches the demo, which ends its children in order.
    return subprocess.Popen(
        [sys.executable, "-m", "demo.imap_server", "--host", LOOPBACK, "--port", str(port), "--no-tls", "demo"],
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


class DemoBackend(DictBackend):
    """pymap's own demo has one user; this one has those of the environment."""

    @classmethod
    async def _add_demo_user(cls, config: Config, login: Login) -> None:
        for address, password in json.loads(os.environ[USERS_VARIABLE]).items():
            hashed = await Passwords(config).hash_password(password)
            await Identity(address, login, None, frozenset()).set(UserMetadata(config, address, password=hashed))


if __name__ == "__main__":
    backends.add("demo", DemoBackend)
    main()
