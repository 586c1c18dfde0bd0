"""A provider's mailbox with an index of its nights, built and built on."""

from contextlib import closing
from datetime import date

import pytest

from snapshots.accounts import parse_address
from snapshots.timeindex.store import IndexFile
from tests.served import ALICE, archive_over

ACCOUNT = parse_address(ALICE)


class Indexed:
    """An archive over a sealed provider, and Alice's index of it."""

    def __init__(self, archive, directory, guids=None):
        self.archive = archive
        self.guids = guids
        self.file = IndexFile.of(directory, ACCOUNT, guids)

    def build(self, **options):
        return self.archive.build_index(ACCOUNT, guids=self.guids, **options)

    def mailbox(self, day):
        return self.archive.open_mailbox(ACCOUNT, date.fromisoformat(day), guids=self.guids)

    def history(self):
        return self.archive.open_history(ACCOUNT, guids=self.guids)

    def opened(self):
        database = self.file.open_to_read()
        assert database is not None
        return closing(database)

    def differences(self):
        return list(self.archive.check_index(ACCOUNT, guids=self.guids))

    def rows(self, statement):
        with self.opened() as database:
            return database.execute(statement).fetchall()


@pytest.fixture
def mailbox(provider):
    return provider.mailbox(ALICE)


@pytest.fixture
def over(provider, unchanged, tmp_path):
    """Give a function that puts an archive with a directory for indexes over the provider, sealed anew."""

    def put(**options):
        directory = tmp_path / "state"
        guids = options.pop("guids", None)
        return Indexed(archive_over(unchanged(provider), indexes=directory, **options), directory, guids)

    return put


@pytest.fixture
def indexed(over):
    """Give a function that builds the index, and sees that it agrees with the snapshots."""

    def build(**options):
        index = over(**options)
        assert index.build()
        assert index.differences() == []
        return index

    return build
