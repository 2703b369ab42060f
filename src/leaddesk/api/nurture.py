"""Nurture: the tracks of the agreement, which leads are in them and why, and enrolling by hand."""

from secrets import token_hex
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Limit, Line, Page, Sent, Words, needs
from leaddesk.book import enrolling, moment, queries, tracks
from leaddesk.book.asked import Asked, Done
from leaddesk.book.models import Enrolment as EnrolmentRow

router = Router(tags=["nurture"])


class TrackStep(Schema):
    """A step of a track; steps count from 1. `has_text` says whether its offer can be sent."""

    step: int
    stage: str
    offer: str
    after: str
    has_text: bool
    sent: int
    waiting: int
    left_out: int


class Exit(Schema):
    """How many leads left a track for a reason."""

    reason: str
    leads: int


class NurtureTrack(Schema):
    """A nurture track. One that isn't `agreed` is named by facts, and nothing of it is sent.

    `leads` are in it now, `paused` of them wait since sales works on them; the next step of anybody is
    due at `next_at`.
    """

    name: str
    agreed: bool
    steps: list[TrackStep]
    covers: list[str]
    leave_when: list[str]
    enters_by_rule: bool
    pauses_with_sales: bool
    then: Words
    leads: int
    paused: int
    next_at: Instant | None
    exits: list[Exit]


class Enrolment(Schema):
    """A lead in a track. `why` begins with `@` where nobody put it there: `@given back`, `@by rule`,
    `@follows` and the track before. `step` (from 1) comes next, at `next_at`; `interest_before` is in
    points.
    """

    lead: str
    track: str
    entered_at: Instant
    by: Words
    why: Words
    step: int
    next_at: Instant | None
    is_paused: bool
    interest_before: float | None
    left_at: Instant | None
    left_why: Words
    source_id: str


class Enrolments(Schema):
    """Which enrolments: those that meet all that is named."""

    lead: str | None = None
    track: str | None = None
    state: Literal["in", "left"] | None = None


class Enrol(Sent):
    """The track that a lead enters, and why; a person must be able to understand it later."""

    track: Line = None
    why: Line = None


class TrackExit(Sent):
    """Why a lead leaves the track that it is in."""

    why: Line = None


class Enrolled(Schema):
    """What came of it: `new`, or `known` and `equal` where it was recorded before; the facts by which
    it can be taken back."""

    outcome: str
    source_ids: list[str]


def _track(one: tracks.Told) -> dict[str, Any]:
    clause = one.clause
    return {
        "name": one.name,
        "agreed": clause is not None,
        "steps": [_step(step) for step in one.steps],
        "covers": clause.covers if clause else (),
        "leave_when": clause.leave_when if clause else (),
        "enters_by_rule": clause is not None and clause.enter_when is not None,
        "pauses_with_sales": clause is not None and clause.pause_with_sales,
        "then": clause.then if clause else None,
        "leads": one.within,
        "paused": one.paused,
        "next_at": one.next_at,
        "exits": [{"reason": why, "leads": count} for why, count in one.exits.items()],
    }


def _step(one: tracks.Planned) -> dict[str, Any]:
    return {
        "step": one.number,
        "stage": one.step.stage,
        "offer": one.step.send,
        "after": str(one.step.after),
        "has_text": one.has_text,
        **one.mails._asdict(),
    }


def _enrolment(row: EnrolmentRow) -> dict[str, Any]:
    interest = row.interest_before
    return {
        **{name: getattr(row, name) for name in ("lead", "track", "entered_at", "by", "why")},
        **{name: getattr(row, name) for name in ("next_at", "is_paused", "left_at", "left_why")},
        "step": row.step + 1,
        "interest_before": None if interest is None else interest / 100,
        "source_id": row.fact,
    }


@router.get("/tracks", response=list[NurtureTrack], **needs("read leads"))
def list_tracks(request: HttpRequest) -> Any:
    """The tracks of the agreement in force, then those that only facts name."""
    return [_track(one) for one in tracks.told(request.auth, moment.now())]


@router.get("/enrolments", response=Page[Enrolment], **needs("read leads"))
def list_enrolments(
    request: HttpRequest, wanted: Query[Enrolments], limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """Which leads are or were in which track, the latest first."""
    rows = tracks.enrolments(request.auth)
    if wanted.state is not None:
        rows = rows.filter(left_at__isnull=wanted.state == "in")
    named = wanted.dict(include={"lead", "track"}, exclude_none=True)
    return page(rows.filter(**named).order_by("-entered_at", "-id"), limit, cursor, _enrolment)


@router.post("/leads/{path:key}/enrol", response={201: Enrolled}, **needs("enrol leads"))
def enrol_lead(request: HttpRequest, key: str, given: Enrol) -> Status[Any]:
    """Put a lead into a track; it leaves the one that it was in."""
    asked = _asked(request, key)
    return _done(enrolling.enrol(asked, track=given.track or "", why=given.why or ""))


@router.post("/leads/{path:key}/leave-track", response={201: Enrolled}, **needs("enrol leads"))
def take_lead_out(request: HttpRequest, key: str, given: TrackExit) -> Status[Any]:
    """Take a lead out of the track that it is in."""
    return _done(enrolling.leave(_asked(request, key), why=given.why or ""))


def _asked(request: HttpRequest, key: str) -> Asked:
    lead = queries.lead(request.auth, key)
    return Asked(request.auth, lead.key, token_hex(12), moment.now())


def _done(done: Done) -> Status[Any]:
    return Status(201, {"outcome": done.outcome, "source_ids": [*done.facts]})
