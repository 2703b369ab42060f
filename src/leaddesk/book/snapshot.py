"""Snapshot: several queries that see the database at one instant."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from leaddesk.book import database


@contextmanager
def snapshot() -> Iterator[None]:
    """Let every query in it see the database as it stands now, without keeping writers waiting."""
    if connection.in_atomic_block:  # the caller's transaction decides
        yield
        return
    if database.is_postgresql():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
        return
    # Django would begin to write; a reader of SQLite needs no lock.
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
