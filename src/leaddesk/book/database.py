"""The database: the few statements that differ between SQLite and PostgreSQL, and bulk writing.

Rows are written in bulk with one statement, not object by object: a write of a thousand facts
must cost milliseconds.
"""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from hashlib import blake2b
from typing import Any, TypeVar

from django.db import OperationalError, connection, models, transaction
from django.db.backends.signals import connection_created

Result = TypeVar("Result")
MOST_LOCKED = 500
"""So many leads are locked one by one."""
MOST_TRIES = 6
_RETRIABLE = {"40001", "40P01"}  # a serialisation failure, a deadlock
_alone: ContextVar[bool] = ContextVar("alone", default=False)
_patience: ContextVar[float | None] = ContextVar("patience", default=None)
_TYPES = {
    "BigAutoField": "bigint",
    "BigIntegerField": "bigint",
    "ForeignKey": "bigint",
    "PositiveIntegerField": "integer",
    "PositiveSmallIntegerField": "integer",
    "IntegerField": "integer",
    "SmallIntegerField": "smallint",
    "BooleanField": "boolean",
    "CharField": "text",
    "TextField": "text",
    "JSONField": "jsonb",
}


def is_postgresql() -> bool:
    """Whether this desk runs on PostgreSQL, not on SQLite."""
    return connection.vendor == "postgresql"


def watch_connections() -> None:
    """Make every new connection to PostgreSQL wait for locks no longer than half a minute."""
    connection_created.connect(_set_up, dispatch_uid="leaddesk")


def _set_up(sender: Any, connection: Any, **_signal: Any) -> None:  # noqa: ARG001
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SET lock_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'"
            )


def in_transaction(work: Callable[[], Result]) -> Result:
    """What `work` yields, done in one transaction; done again where the database asks for it.

    Whoever met a deadlock locks the whole workspace from then on, which can't meet another. Inside a
    transaction of the caller it is part of that one, and isn't repeated.
    """
    if connection.in_atomic_block:
        return work()
    for attempt in range(1, MOST_TRIES + 1):
        before = _alone.set(attempt > 1)
        try:
            with transaction.atomic(durable=True):
                _limit_waiting()
                return work()
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if attempt == MOST_TRIES or state not in _RETRIABLE:
                raise
        finally:
            _alone.reset(before)
    raise AssertionError


@contextmanager
def waiting(seconds: float) -> Iterator[None]:
    """Let transactions that begin herein wait for each lock only so long; then they fail."""
    before = _patience.set(seconds)
    try:
        yield
    finally:
        _patience.reset(before)


def _limit_waiting() -> None:
    """On SQLite the limit is that of the connection, and the same for all."""
    if (seconds := _patience.get()) is not None and is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {round(seconds * 1000)}")


def lock(workspace: int, keys: Collection[str]) -> None:
    """Wait until nobody else writes these leads, and keep others out until the transaction ends.

    A few are locked one by one beside a lock of the workspace that all share; many by having that
    lock alone, since the server has room for some thousands only. SQLite has one writer anyway.
    """
    if not is_postgresql() or not keys:
        return
    if len(keys) > MOST_LOCKED or _alone.get():
        lock_all(workspace)
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [workspace])
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, n) FROM unnest(%s::int[]) WITH ORDINALITY AS t(n, o) ORDER BY o",
            [workspace, sorted({_number(key) for key in keys})],
        )


def lock_all(workspace: int) -> None:
    """Wait until nobody else writes any lead of a workspace, and keep others out likewise."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [workspace])


def lock_turns(workspace: int) -> None:
    """Wait until nobody else gives out leads of a workspace, and keep others out likewise.

    Taken after the leads themselves are locked, never before.
    """
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [-workspace])


def _number(key: str) -> int:
    """The number of the lock of a lead."""
    return int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big", signed=True)


def insert(
    model: type[models.Model],
    names: Sequence[str],
    columns: Sequence[Sequence[Any]],
    *,
    unique: Sequence[str] = (),
    update: Sequence[str] = (),
    returning: Sequence[str] = (),
) -> list[tuple[Any, ...]] | None:
    """Write rows, given as columns. Where a row with the same `unique` is there already, `update`
    what is named of it, or leave it.

    What is `returning` of the rows that were written; None where the database can't tell.
    """
    if not columns or not len(columns[0]):
        return []
    sql = _insert(model, tuple(names), tuple(unique), tuple(update), connection.vendor)
    with connection.cursor() as cursor:
        if not is_postgresql():
            cursor.executemany(sql, list(zip(*columns, strict=True)))
            return None
        if returning:
            sql = f"{sql} RETURNING {', '.join(returning)}"
        cursor.execute(sql, [json.dumps(_objects(columns), ensure_ascii=False)])
        found: list[tuple[Any, ...]] = cursor.fetchall() if returning else []
    return found


@cache
def _insert(
    model: type[models.Model],
    names: tuple[str, ...],
    unique: tuple[str, ...],
    update: tuple[str, ...],
    vendor: str,
) -> str:
    quote = connection.ops.quote_name
    fields = [_field(model, name) for name in names]
    listed = ", ".join(quote(field.column) for field in fields)
    if vendor == "postgresql":
        # One JSON text: the driver takes ten times as long over arrays, element by element.
        types = ", ".join(f"c{n} {_TYPES[one.get_internal_type()]}" for n, one in enumerate(fields))
        values = f"SELECT * FROM json_to_recordset(%s::json) AS t({types})"
    else:
        values = f"VALUES ({', '.join(['%s'] * len(fields))})"
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({listed}) {values}"  # noqa: SLF001
    if not unique:
        return sql
    target = ", ".join(quote(_field(model, name).column) for name in unique)
    sets = ", ".join(
        f"{quote(c)} = excluded.{quote(c)}" for c in (_field(model, name).column for name in update)
    )
    return f"{sql} ON CONFLICT ({target}) DO {f'UPDATE SET {sets}' if sets else 'NOTHING'}"


def update(
    model: type[models.Model], names: Sequence[str], columns: Sequence[Sequence[Any]]
) -> None:
    """Set what is named of rows; `columns` are their ids and what is set, in that order."""
    if not len(columns[0]):
        return
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001
    fields = [_field(model, name) for name in ("id", *names)]
    if not is_postgresql():
        sets = ", ".join(f"{field.column} = %s" for field in fields[1:])
        with connection.cursor() as cursor:
            rows_ = zip(*columns[1:], columns[0], strict=True)
            cursor.executemany(f"UPDATE {table} SET {sets} WHERE id = %s", list(rows_))
        return
    types = ", ".join(f"c{n} {_TYPES[one.get_internal_type()]}" for n, one in enumerate(fields))
    sets = ", ".join(f"{field.column} = t.c{n}" for n, field in enumerate(fields[1:], 1))
    sql = f"UPDATE {table} SET {sets} FROM json_to_recordset(%s::json) AS t({types}) WHERE id = c0"
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(_objects(columns), ensure_ascii=False)])


def _objects(columns: Sequence[Sequence[Any]]) -> list[dict[str, Any]]:
    names = [f"c{n}" for n in range(len(columns))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)  # noqa: SLF001


def rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def unlocked(query: str, of: str) -> str:
    """A query whose rows this transaction takes, without those that another one has just taken.

    `of` is the alias of their table. SQLite has one writer at a time anyway.
    """
    return f"{query} FOR UPDATE OF {of} SKIP LOCKED" if is_postgresql() else query


def first_of_each(first: str) -> str:
    """What joins to each row of ``c`` that row of ``book_delivery d`` whose id `first` selects by it."""
    if is_postgresql():
        return f"CROSS JOIN LATERAL ({first}) f JOIN book_delivery d ON d.id = f.id"
    return f"CROSS JOIN book_delivery d ON d.id = ({first})"


def among(column: str, values: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition that a text column has one of these values, and its parameters.

    One parameter whatever the number of values, so that ten thousand leads are one query.
    """
    told = [json.dumps(list(values), ensure_ascii=False)]
    if is_postgresql():
        return f"{column} = ANY(ARRAY(SELECT json_array_elements_text(%s::json)))", told
    return f"{column} IN (SELECT value FROM json_each(%s))", told
