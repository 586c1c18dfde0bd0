"""The demo's nights behind a Dovecot, for MTM_ENGINE=imap.

It is the configuration in deploy/dovecot, as the tests start it. What the site keeps of the mail lies apart from what
it keeps with the other engine, which names messages in its own way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from demo.provider import Provider
from demo.site import NotStarted
from tests import dovecot, snapshot_dovecot


@contextmanager
def running(directory: Path) -> Iterator[dict[str, str]]:
    """Serve the nights of the demo's files until the block ends; yield the settings that make the site read them there.

    Raises: NotStarted where Dovecot is not installed.
    """
    if dovecot.BINARY is None:
        raise NotStarted("MTM_ENGINE=imap wants a Dovecot: make deps as root, or MTM_ENGINE=maildir")
    with snapshot_dovecot.running() as server:
        server.serve(_made(directory))
        state = directory / "state-imap"
        state.mkdir(exist_ok=True)
        yield server.settings() | {"MTM_STATE_DIR": str(state)}


def _made(directory: Path) -> Provider:
    """Return the provider whose files lie there, with the nights it had when they were made."""
    provider = Provider(directory / "provider")
    names = [path.name for path in (provider.volume / ".snapshot").iterdir()]
    provider.names = {
        datetime.strptime(f"{name}+0000", f"{provider.snapshot_pattern}%z").date(): name for name in names
    }
    return provider
