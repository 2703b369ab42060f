"""Leads: where they stand, the story of one, and what is owed for it with the working shown."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import BeforeValidator, Field

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Limit, Moment, Page, Words, in_utc, needs
from leaddesk.book import lists, moment, queries

router = Router(tags=["leads"])
PassNumber = Annotated[int, Field(ge=1, le=1_000_000)]


def _points(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100


class Basis(Schema):
    """What `sort` and the filters by score go by: the score (in points) as of `scored_at`. It is kept
    whenever something happens to the lead or a colleague shows interest; that of an open lead is
    brought up to date every hour besides."""

    fit: Annotated[float | None, BeforeValidator(_points)]
    interest: Annotated[float | None, BeforeValidator(_points)]
    grade: Words
    scored_at: Instant | None


class Lead(Schema):
    """Where a lead stands now. `fit`, `interest` (in points) and `grade` are those of this moment, the
    same as its score tells with all it is the sum of. Points fade with time, so lists are sorted and
    filtered by `score_basis`: the score as of `scored_at`, of an open lead at most about an hour ago.
    """

    key: str
    created_at: Instant | None
    changed_at: Instant | None
    facts: int
    type: Words
    stream: Words
    source: Words
    campaign: Words
    account: Words
    into: Words
    pass_number: int
    standing: Words
    stage: Words
    owner: Words
    is_paused: bool
    due_at: Instant | None
    open: int
    broken: int
    fit: Annotated[float | None, BeforeValidator(_points)]
    interest: Annotated[float | None, BeforeValidator(_points)]
    grade: Words
    scored_at: Instant | None
    score_basis: Basis


class StageEntry(Schema):
    """A stage that a pass entered, and who owned the lead then."""

    stage: str
    entered_at: Instant
    owner: str | None


class Pass(Schema):
    """One trip through the funnel."""

    number: int
    opened_at: Instant
    standing: str
    owner: str | None
    entered: list[StageEntry]


class LeadWithStory(Lead):
    """Where a lead stands, and every pass it made."""

    passes: list[Pass]


class Leads(Schema):
    """Which leads: those that meet all that is named. `due_before` leaves out what owes nothing;
    `text` is looked for in names, addresses, numbers, companies and keys, as the search of the desk does.
    `grade`, `fit_from` and `interest_from` go by the score as of `scored_at`.
    """

    owner: str | None = None
    stage: str | None = None
    standing: str | None = None
    type: str | None = None
    stream: str | None = None
    source: str | None = None
    campaign: str | None = None
    account: str | None = None
    is_paused: bool | None = None
    is_broken: bool | None = None
    is_at_risk: bool | None = None
    is_merged: bool | None = None
    verdict: Literal["open", "broken", "kept", "excused", "waived", "undeterminable"] | None = None
    team: str | None = None
    pass_number: PassNumber | None = None
    text: Annotated[str, Field(max_length=200)] | None = None
    grade: (
        Literal["A", "B", "C", "A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3", "1", "2", "3"]
        | None
    ) = None
    fit_from: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | None = None
    interest_from: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] | None = None
    due_before: Moment | None = None
    created_after: Moment | None = None
    created_before: Moment | None = None


class Interval(Schema):
    """Open time that was counted, and the calendar that says so."""

    since: str = Field(alias="from")
    to: str
    calendar: str | None
    working_seconds: int | float | None


class Leg(Schema):
    """The time in which one owner had the lead."""

    owner: str | None
    since: str | None = Field(alias="from")
    to: str | None
    working_seconds: int | float | None
    verdict: str | None
    intervals: list[Interval]


class Pause(Schema):
    """A time in which clocks stood still."""

    since: str = Field(alias="from")
    to: str
    reason: str | None
    by: str | None


class Working(Schema):
    """An obligation and how its time was counted: legs, their intervals of open time, pauses.

    Instants are RFC 3339 in UTC; where the log knows only the day, it is a date.
    """

    promise: str
    rung: int | None
    occurrence: int
    lead: str
    pass_number: int = Field(alias="pass")
    owner: str | None
    side: str
    version: int
    within: str
    unit: str
    started_at: str | None
    due_at: str | None
    answered_at: str | None
    ended_at: str | None
    verdict: str
    at_risk: bool
    working_seconds: int | float | None
    elapsed_seconds: int | float | None
    left_seconds: int | float | None
    legs: list[Leg]
    pauses: list[Pause]


@router.get("/leads", response=Page[Lead], **needs("read leads"))
def list_leads(
    request: HttpRequest,
    wanted: Query[Leads],
    sort: Literal["key", "due", "urgent", "created", "changed", "interest", "grade"] = "key",
    limit: Limit = 50,
    cursor: Cursor = "",
) -> dict[str, Any]:
    """Leads in the order of their keys, or those that have what is sorted by: with something due
    or urgent the soonest first, created or changed the latest first, by interest or grade the best,
    as of `scored_at`.
    """
    rows = lists.chosen(request.auth, wanted.dict(exclude_none=True))
    order = lists.order_of(sort)
    if order.column == "key":
        found = page(rows.order_by("key"), limit, cursor)
    else:
        sign = "-" if order.is_falling else ""
        found = page(order.valued(rows).order_by(sign + order.column, f"{sign}key"), limit, cursor)
    return found | {"data": queries.scored(request.auth, found["data"], moment.now())}


@router.get(
    "/leads/{path:key}/obligations",
    response={200: list[Working]},
    by_alias=True,
    **needs("read leads"),
)
def obligations_of_lead(request: HttpRequest, key: str) -> Any:
    """Everything owed for a lead, each with its working: what counted, when, by which calendar."""
    return in_utc(queries.workings(request.auth, key, moment.now()))


@router.get("/leads/{path:key}", response=LeadWithStory, **needs("read leads"))
def one_lead(request: HttpRequest, key: str) -> Any:
    """One lead with its story."""
    return queries.story(request.auth, key, moment.now())
