"""Transactions that run one after the other, on every database we support."""

import enum
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


class Lock(enum.IntEnum):
    """Keys of PostgreSQL's advisory locks. On SQLite our transactions begin with the one write lock."""

    AUDIT = 4_870_001
    LOGIN = 4_870_002
    GRANT = 4_870_003
    RESTORE = 4_870_004


@contextmanager
def serialised(lock: Lock) -> Iterator[None]:
    """Run the block in a transaction that no other holder of `lock` overlaps."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock.value])
        yield
