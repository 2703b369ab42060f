"""Deliveries: what was sent to whom, every attempt, and what is to be sent again."""

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import StrictBool

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Limit, Moment, Page, Sent, Words, needs
from leaddesk.book import moment, queries, resending
from leaddesk.post.release import release_own

router = Router(tags=["deliveries"])
State = Literal["pending", "leased", "done", "dead", "held", "skipped"]


class Delivery(Schema):
    """One message to one receiver by one channel; its `key` reaches the receiver."""

    key: str
    channel: str
    kind: str
    to: Words
    lead: Words
    state: State
    attempts: int
    cause_at: Instant
    created_at: Instant
    next_at: Instant
    done_at: Instant | None
    why: Words

    @staticmethod
    def resolve_channel(row: Any) -> str:
        """A channel goes by its key."""
        return str(row.channel.key)


class Attempt(Schema):
    """One try, and what came of it; without an end it is under way."""

    number: int
    began_at: Instant
    ended_at: Instant | None
    outcome: Words
    answer: Words


class DeliveryWithAttempts(Delivery):
    """A delivery, and every try to send it."""

    tries: list[Attempt]

    @staticmethod
    def resolve_tries(row: Any) -> Any:
        """In the order in which they were made."""
        return row.tries.order_by("number")


class Deliveries(Schema):
    """Which deliveries: those that meet all that is named."""

    state: State | None = None
    channel: str | None = None
    kind: str | None = None
    to: str | None = None
    lead: str | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None


class Notice(Schema):
    """One thing that somebody had to hear; `posted_at` is when deliveries were made of it."""

    key: str
    kind: str
    to: Words
    lead: str
    cause_at: Instant
    created_at: Instant
    posted_at: Instant | None


class Release(Sent):
    """What to do with what was held after a restore: send it, or `drop` it."""

    drop: StrictBool


class Released(Schema):
    """How many deliveries were released or dropped."""

    deliveries: int


@router.get("/deliveries", response=Page[Delivery], **needs("read deliveries"))
def list_deliveries(
    request: HttpRequest, wanted: Query[Deliveries], limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """Deliveries, the newest first."""
    rows = queries.chosen_deliveries(request.auth, wanted.dict(exclude_none=True))
    return page(rows, limit, cursor)


@router.post("/deliveries/release", response={200: Released}, **needs("replay deliveries"))
def release_held(request: HttpRequest, given: Release) -> dict[str, int]:
    """Send what a restored backup had queued, or drop it. Until then nothing is sent."""
    released = release_own(request.auth, moment.now(), drop=given.drop)
    return {"deliveries": released.deliveries}


@router.get("/deliveries/{key}", response=DeliveryWithAttempts, **needs("read deliveries"))
def one_delivery(request: HttpRequest, key: str) -> Any:
    """A delivery with its attempts."""
    return queries.delivery(request.auth, key)


@router.post(
    "/deliveries/{key}/replay", response=DeliveryWithAttempts, **needs("replay deliveries")
)
def replay_delivery(request: HttpRequest, key: str) -> Any:
    """Send a delivery once more that is dead or done, under its old key."""
    resending.replay(request.auth, key, moment.now())
    return queries.delivery(request.auth, key)


@router.get("/notices", response=Page[Notice], **needs("read deliveries"))
def list_notices(
    request: HttpRequest, lead: str = "", limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """What people had to hear, of one lead or of all, the newest first."""
    return page(queries.notices(request.auth, lead), limit, cursor)
