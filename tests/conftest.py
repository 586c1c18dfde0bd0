"""What tests everywhere use: a provider made to order whose snapshots stay as they are, and the site over it."""

import pytest
from django_tasks import task_backends
from django_tasks.backends.dummy import DummyBackend
from xdist.scheduler import LoadFileScheduling

from demo.provider import Provider, fingerprint
from snapshots import configured
from tests.dovecot import dovecot
from tests.served import NOW, sign_in
from tests.snapshot_dovecot import snapshot_dovecot

__all__ = ["dovecot", "snapshot_dovecot"]

LISTS = ("MTM_SNAPSHOT_PATH", "MTM_SNAPSHOT_NAMES")
STAGE = "tests/browser/stage/"
LONG = {"browser", "test_postgresql.py"}


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Keeps a file's tests in one process, and so all those over the demo's stage, which takes long to set."""

    def _split_scope(self, nodeid):
        return STAGE if nodeid.startswith(STAGE) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config, log):
    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    """Begin with what takes longest, so that the processes of one run end together."""
    items.sort(key=lambda item: (not item.nodeid.startswith(STAGE), not LONG.intersection(item.path.parts)))


@pytest.fixture
def provider(tmp_path):
    return Provider(tmp_path)


@pytest.fixture
def unchanged():
    """Give a function that seals a provider: when the test ends, its snapshots must be as they were then."""
    sealed = {}

    def seal(provider):
        sealed[provider.volume] = fingerprint(provider.volume)
        return provider

    yield seal
    for volume, before in sealed.items():
        assert fingerprint(volume) == before


@pytest.fixture
def site(settings, monkeypatch, unchanged):
    """Give a function that puts the site over a provider, sealed, on the morning of 22 November 2026."""

    def serve(provider):
        for name, value in provider.settings().items():
            setattr(settings, name, [value] if name in LISTS else value)
        monkeypatch.setattr(configured, "utc_now", lambda: NOW)
        configured.forget()
        return unchanged(provider)

    yield serve
    configured.forget()


@pytest.fixture
def wake_ups():
    """The wake-ups of the builder that nobody has acted on."""
    backend = task_backends["default"]
    assert isinstance(backend, DummyBackend)
    backend.clear()
    yield backend.results
    backend.clear()


@pytest.fixture
def alice(client, db):
    """A browser in which Alice has logged in."""
    return sign_in(client)
