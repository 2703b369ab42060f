"""Status: how the desk runs, and who asks."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from leaddesk.api.shapes import Instant, needs
from leaddesk.book import moment, queries

router = Router(tags=["status"])


class Dwell(Schema):
    """Seconds from due to done, of the last `count`."""

    count: int
    p50: float | None
    p99: float | None


class Status(Schema):
    """How the desk runs. Ages and delays are those of the installation, counts your workspace's."""

    at: Instant
    version: str
    database: str
    zone_data: str
    worker_seen_at: Instant | None
    noticed: Dwell
    sent: Dwell
    oldest_wake_at: Instant | None
    oldest_unposted_at: Instant | None
    oldest_unsent_at: Instant | None
    held_since: Instant | None
    backup_at: Instant | None
    unsent: int
    dead: int
    held: int


class Me(Schema):
    """Whom the token acts for, and what it may."""

    workspace: str
    person: str
    role: str
    token: str
    scopes: list[str]
    rights: list[str]


@router.get("/status", response=Status, **needs("see status"))
def status(request: HttpRequest) -> dict[str, Any]:
    """How the desk runs."""
    return queries.status(request.auth, moment.now())


@router.get("/me", response=Me, **needs("see status"))
def me(request: HttpRequest) -> dict[str, Any]:
    """Whom this token acts for."""
    return queries.me(request.auth)
