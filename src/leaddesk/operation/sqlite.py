"""SQLite: a copy of the database while others write, and the way back."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from django.db import connection

from leaddesk.operation.archive import Unfinished


def dump(target: Path) -> dict[str, int]:
    """Copy the database as it stands at one instant; the rows of each table of the copy."""
    with (
        closing(sqlite3.connect(_path(), timeout=20)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        target.chmod(0o600)
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # so that the copy is one file
        check(copy)
        return counts(copy)


def check(database: sqlite3.Connection) -> None:
    """Raises `Unfinished` where pages are damaged or rows point to nothing."""
    (said,) = database.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise Unfinished(f"the database is damaged: {said}.")
    if torn := database.execute("PRAGMA foreign_key_check").fetchone():
        raise Unfinished(f"the database is damaged: a row of {torn[0]} points to nothing.")


def counts(database: sqlite3.Connection) -> dict[str, int]:
    """The rows of each table."""
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    names = sorted(name for (name,) in database.execute(listed))
    return {
        name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for name in names
    }


def load(copy: Path, afterwards: Sequence[str], expected: Mapping[str, int]) -> None:
    """Put a copy in the place of the database, in one transaction: all of it or nothing.

    What must be true `afterwards` is made true in the copy first.
    """
    target = _path()
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(copy)) as source:
        check(source)
        if counts(source) != dict(expected):
            raise Unfinished("the copy of the database does not hold what its manifest says.")
        with source:
            for statement in afterwards:
                source.execute(statement)
        with closing(sqlite3.connect(target, timeout=2, isolation_level=None)) as place:
            _be_alone(place)
            source.backup(place)
            check(place)


def _be_alone(place: sqlite3.Connection) -> None:
    """Keep every other process out until the connection closes."""
    try:
        place.execute("PRAGMA synchronous=FULL")
        place.execute("PRAGMA locking_mode=EXCLUSIVE")
        place.execute("BEGIN EXCLUSIVE")
        place.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if "locked" not in str(error):
            raise
        raise Unfinished("the database is in use. Stop the desk's web and worker first.") from None


def _path() -> Path:
    return Path(connection.settings_dict["NAME"])
