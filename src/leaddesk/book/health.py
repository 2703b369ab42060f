"""Health: how far behind the desk is, what waits, who works; read from the database alone.

Every process that asks gets the same answer. Instants and durations are µs.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Count, F, Min, Q, QuerySet, Subquery

from leaddesk.book import database
from leaddesk.book.models import Delivery, Installation, Lead, Notice, Pulse, Workspace
from leadpact.clock import zone_data_version

LAST = 1_000
"""Dwell times are those of the last so many."""
_WITHIN = 20


@dataclass(frozen=True)
class Worker:
    """A worker that runs or ran, and what it has done since it started."""

    name: str
    started_at: int
    seen_at: int
    woken: int
    sent: int


@dataclass(frozen=True)
class Dwell:
    """How long it took from due to done: the median and the 99th percentile of the last `count`."""

    count: int
    p50: int | None
    p99: int | None


@dataclass(frozen=True)
class Health:
    """Where the desk stands at an instant; None where there is nothing to tell.

    `noticed` is the dwell from the moment something became due until it was ruled and queued, `sent`
    until its message was sent. `oldest_wake_at` is the earliest time at which a lead should have been
    looked at and wasn't, `oldest_unsent_at` the earliest creation of a message that still waits, and
    `oldest_unposted_at` that of a notice from which no message was made yet.
    """

    at: int
    version: str
    database: str
    zone_data: str
    workers: tuple[Worker, ...]
    worker_seen_at: int | None
    noticed: Dwell
    sent: Dwell
    oldest_wake_at: int | None
    wakes: int
    oldest_unposted_at: int | None
    unposted: int
    oldest_unsent_at: int | None
    unsent: int
    dead: int
    held: int
    held_since: int | None
    backup_at: int | None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, instants and durations in µs."""
        return asdict(self)


def health(now: int) -> Health:
    """Where the desk stands."""
    workers = tuple(
        Worker(one.worker, one.started_at, one.seen_at, one.woken, one.sent)
        for one in Pulse.objects.order_by("worker")
    )
    installation = Installation.objects.filter(pk=1).first()
    wakes, oldest_wake = _oldest(Lead.across.filter(wake_at__lte=now), "wake_at")
    unposted, oldest_unposted = _oldest(Notice.across.filter(posted_at__isnull=True), "created_at")
    going = (Delivery.State.PENDING, Delivery.State.LEASED)
    unsent, oldest_unsent = _oldest(Delivery.across.filter(state__in=going), "created_at")
    return Health(
        at=now,
        version=version(),
        database=server(),
        zone_data=zone_data_version(),
        workers=workers,
        worker_seen_at=max((one.seen_at for one in workers), default=None),
        noticed=_dwell(_noticed()),
        sent=_dwell(_sent()),
        oldest_wake_at=oldest_wake,
        wakes=wakes,
        oldest_unposted_at=oldest_unposted,
        unposted=unposted,
        oldest_unsent_at=oldest_unsent,
        unsent=unsent,
        **_stuck(),
        held_since=installation.held_since if installation else None,
        backup_at=installation.backup_at if installation else None,
    )


def _oldest(rows: QuerySet[Any], column: str) -> tuple[int, int | None]:
    """How many rows there are, and the least of a column."""
    found = rows.aggregate(count=Count("pk"), at=Min(column))
    return found["count"], found["at"]


def _stuck() -> dict[str, int]:
    """The deliveries that were given up and that are held; naming every workspace lets the database
    use its index."""
    dead, held = Delivery.State.DEAD, Delivery.State.HELD
    rows = Delivery.across.filter(workspace__in=Workspace.objects.all(), state__in=(dead, held))
    return rows.aggregate(
        dead=Count("pk", filter=Q(state=dead)), held=Count("pk", filter=Q(state=held))
    )


def _late(model: type[Notice] | type[Delivery]) -> QuerySet[Any]:
    """The last rows of a table: a look at how late things are must not read all of history."""
    last = model.across.order_by("-pk").values("pk")[:1]
    return model.across.filter(
        pk__gt=Subquery(last, output_field=BigIntegerField()) - _WITHIN * LAST
    )


def _noticed() -> Iterable[int]:
    """From due to queued. What was recorded as history was heard by nobody and has no delay."""
    heard = _late(Notice).exclude(Q(posted_at__isnull=False) & Q(posted_at=F("created_at")))
    for cause, created in heard.order_by("-id").values_list("cause_at", "created_at")[:LAST]:
        yield created - cause


def _sent() -> Iterable[int]:
    """From due to sent. What was tried once was due when it was planned for, such as after quiet
    hours; what was tried again has been due since its cause."""
    done = _late(Delivery).filter(state=Delivery.State.DONE, done_at__isnull=False)
    told = done.order_by("-id").values_list("attempts", "cause_at", "next_at", "done_at")
    for attempts, cause, planned, sent in told[:LAST]:
        yield sent - (cause if attempts > 1 or planned > sent else max(cause, planned))


def _dwell(found: Iterable[int]) -> Dwell:
    spans = sorted(max(span, 0) for span in found)
    return Dwell(len(spans), _percentile(spans, 50), _percentile(spans, 99))


def _percentile(spans: Sequence[int], percent: int) -> int | None:
    """The smallest span that at least so many per cent don't exceed (nearest rank)."""
    return spans[-(-len(spans) * percent // 100) - 1] if spans else None


def version() -> str:
    """The version of this release."""
    from leadpact import __version__

    return __version__


def server() -> str:
    """The database and its version, such as ``PostgreSQL 17.2``."""
    if database.is_postgresql():
        connection.ensure_connection()
        number = int(connection.connection.info.server_version)
        return f"PostgreSQL {number // 10_000}.{number % 10_000}"
    return f"SQLite {sqlite3.sqlite_version}"


def is_ready() -> bool:
    """Whether the database answers and has every table that this release needs."""
    from django.db import Error
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return False
