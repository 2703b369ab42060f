"""Follow-up: what comes next for a lead, what would be too much of it, and how cadences are kept."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from leaddesk.api.problems import NotTaken
from leaddesk.api.shapes import Instant, Moment, Words, needs
from leaddesk.book import effort, follow_up, in_touch, moment, queries, report
from leaddesk.book.choices import in_force
from leaddesk.book.counting import Key
from leadpact.cadence import Violation

router = Router(tags=["follow-up"])
Channel = Annotated[str, Field(min_length=1, max_length=200)]
FAMILIES = ("adherence", "behind", "unworked", "stale", "over", "abandoned", "covered", "reasoned")


class Touch(Schema):
    """A planned touch; `due_at` is null where it isn't known, as while the clocks stand still."""

    step: int
    channel: str
    state: Literal["done", "late", "skipped", "missed", "overdue", "coming", "planned", "excused"]
    due_at: Instant | None
    done_at: Instant | None


class Limit(Schema):
    """A limit of the guard that an attempt would pass: `at most` so many in a period, `apart` by a
    length of time (seconds; with days, `hours` says it in words), or the `hours` of the person."""

    code: Literal["at most", "apart", "hours"]
    period: Words
    limit: int | float
    found: int | float
    hours: Words
    fine_at: Instant | None


class Guard(Schema):
    """What an attempt by a channel would be too much of; `fine_at` is when it would be fine again, null
    where it never is in this pass."""

    channel: str
    at: Instant
    zone: str
    is_fine: bool
    fine_at: Instant | None
    limits: list[Limit]


class FollowUp(Schema):
    """How a lead is followed up; without a follow-up in the agreement all of it is empty."""

    lead: str
    cadence: Words
    attempts: int
    next: Touch | None
    touches: list[Touch]
    touched_at: Instant | None


class FollowUpFigure(Schema):
    """A figure: its key opens it on the pages; a plain count has no denominator."""

    family: str
    by: Words
    word: Words
    key: str
    numerator: int
    denominator: int | None
    undecided: int


class FollowUpFigures(Schema):
    """All figures of follow-up as they were drawn last."""

    as_of: Instant
    figures: list[FollowUpFigure]


class Silent(Schema):
    """A customer or a sleeping lead that nobody spoke to for longer than agreed."""

    lead: str
    kind: str
    owner: Words
    touched_at: Instant | None
    due_at: Instant


@router.get("/follow-up", response=FollowUpFigures, **needs("read leads"))
def figures(request: HttpRequest) -> Any:
    """How leads are followed up: in all, by person (`rep`) and by cadence; 404 until it was counted."""
    told = report.standing(request.auth.workspace_id, moment.now())
    if told is None:
        raise NotTaken("not-found")
    found = [told.figure(Key(family)) for family in FAMILIES]
    whole = [
        {
            "family": one.key.family,
            "by": None,
            "word": None,
            "key": str(one.key),
            "numerator": one.numerator,
            "denominator": one.denominator,
            "undecided": one.undecided,
        }
        for one in found
        if one is not None
    ]
    parts = [
        _part(family, by, one)
        for family in FAMILIES
        for by in ("rep", "cadence")
        if by == "rep" or family == "adherence"
        for one in effort.counts_by(told.board, family, by).values()
    ]
    return {"as_of": told.as_of, "figures": [*whole, *parts]}


def _part(family: str, by: str, one: effort.Count) -> dict[str, Any]:
    is_share = family not in {"behind", "unworked", "stale"}
    return {
        "family": family,
        "by": by,
        "word": one.word,
        "key": str(one.key),
        "numerator": one.hits,
        "denominator": one.counted if is_share else None,
        "undecided": one.undecided,
    }


@router.get("/follow-up/silent", response=list[Silent], **needs("read leads"))
def silent(request: HttpRequest, whose: Literal["", "team", "all"] = "all", most: int = 50) -> Any:
    """Customers and sleeping leads that nobody spoke to for longer than agreed, the longest silence
    first; at most 200."""
    now = moment.now()
    agreed = in_force(request.auth.workspace_id, now)
    rows = in_touch.silent(request.auth, whose, now, agreed)
    listed = [] if rows is None else rows[: min(max(most, 1), 200)]
    return [
        {
            "lead": one.lead.key,
            "kind": one.kind,
            "owner": one.lead.owner,
            "touched_at": one.last,
            "due_at": one.due,
        }
        for one in (in_touch.told(row, agreed) for row in listed)
    ]


@router.get("/leads/{path:key}/follow-up/guard", response=Guard, **needs("read leads"))
def guard(
    request: HttpRequest, key: str, channel: Channel = "phone", at: Moment | None = None
) -> Any:
    """Ask before an attempt: would it be too many, too close, or at a bad hour? Nothing is recorded."""
    now = moment.now()
    lead = queries.lead(request.auth, key)
    own = follow_up.followed(lead.workspace_id, [lead.key], now).get(lead.key)
    instant = now if at is None else at
    warned = own.warned(channel, instant) if own else None
    return {
        "channel": channel,
        "at": instant,
        "zone": own.tried.zone if own else "UTC",
        "is_fine": warned is None,
        "fine_at": instant if warned is None else warned.fine_at,
        "limits": [_limit(one) for one in (warned.found if warned else ())],
    }


def _limit(one: Violation) -> dict[str, Any]:
    seconds = one.code == "apart"
    return {
        "code": one.code,
        "period": one.period,
        "limit": one.limit / 1_000_000 if seconds and one.limit > 10_000 else one.limit,
        "found": one.found / 1_000_000 if seconds else one.found,
        "hours": one.hours,
        "fine_at": one.fine_at,
    }


@router.get("/leads/{path:key}/follow-up", response=FollowUp, **needs("read leads"))
def follow_up_of_lead(request: HttpRequest, key: str) -> Any:
    """The cadence of a lead: its planned touches, what became of each, and the next one."""
    lead = queries.lead(request.auth, key)
    own = follow_up.followed(lead.workspace_id, [lead.key], moment.now()).get(lead.key)
    touches = [
        {
            "step": one.step,
            "channel": one.channel,
            "state": one.state,
            "due_at": one.due,
            "done_at": one.at,
        }
        for one in (own.touches if own else ())
    ]
    return {
        "lead": lead.key,
        "cadence": own.cadence if own else "",
        "attempts": own.attempts if own else 0,
        "next": next((one for one in touches if one["state"] in {"coming", "overdue"}), None),
        "touches": touches,
        "touched_at": lead.touched_at,
    }
