"""Scoring: the score of a lead with what it is the sum of, scores by hand, and other rules tried."""

from decimal import Decimal
from secrets import token_hex
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import BeforeValidator, Field

from leaddesk.api.shapes import Instant, Line, Moment, Sent, Words, needs
from leaddesk.book import acts, moment, quarter, queries, scoring, track, tuning
from leaddesk.book.asked import Asked, Done
from leaddesk.book.knobs import ruled
from leaddesk.book.models import Handoff
from leaddesk.book.moment import DAY, SECOND
from leaddesk.book.record import together
from leaddesk.book.refusal import Refused, refused
from leadpact.agreement.model import Agreement
from leadpact.measure.points import Share
from leadpact.score import Factor, factors

router = Router(tags=["scoring"])
MOST = 200
Points = Annotated[
    float | None,
    BeforeValidator(lambda hundredths: None if hundredths is None else hundredths / 100),
]
"""Points, with up to two decimals."""
Given = Annotated[Decimal | None, Field(ge=-99_999, le=99_999, decimal_places=2)]


class Part(Schema):
    """A part of a score. `kind` is rule, rule cap, group cap, account, account cap, cap or by hand;
    what a cap takes off is below zero. `rule` counts from 1; points that fade are half at `halves_at`.
    """

    axis: Literal["fit", "interest"]
    kind: str
    points: Points
    name: Words
    rule: int | None
    times: int
    last_at: Instant | None
    halves_after_seconds: int | None
    halves_at: Instant | None
    why: Words


class Frozen(Schema):
    """The score that a lead had when it was handed over."""

    pass_number: int
    at: Instant
    fit: Points
    interest: Points
    grade: Words


class Score(Schema):
    """The score of a lead at an instant: `fit` and `interest` are the sums of their factors, null
    where no rules of points are agreed."""

    key: str
    as_of: Instant
    version: int
    fit: Points
    interest: Points
    grade: Words
    disqualified: bool
    factors: list[Part]
    handoffs: list[Frozen]


class ByHand(Sent):
    """A score by hand: points for one axis or both, and why."""

    fit: Given = None
    interest: Given = None
    why: Line = None


class ScoreRelease(Sent):
    """That the rules give the score again."""

    why: Line = None


class ScoreReceipt(Schema):
    """What came of it, and the facts by which it can be taken back."""

    outcome: Literal["new", "known", "equal"]
    source_ids: list[str]


class Count(Schema):
    """How many leads, and how many of them were won."""

    leads: int
    won: int


class Rate(Count):
    """The same as a share with its 95% interval; null where too few were counted to say anything."""

    rate: float | None
    low: float | None
    high: float | None


class Rule(Rate):
    """To how many leads a rule ever gave points; `rule` names it, such as `fit.2`."""

    rule: str


class Cell(Schema):
    """A grade when leads last did something: how many, how many came to the stage, how many won."""

    grade: str
    leads: int
    reached: int
    won: int


class Sample(Schema):
    """What was counted: `leads` of the `whole` leads that arose in the quarter."""

    since: Instant
    until: Instant
    leads: int
    whole: int
    stage: str
    unknown_fields: list[str]


class ScoringRecord(Sample):
    """The rules in force and what they were worth."""

    version: int
    every: Rate
    rules: list[Rule]
    grades: list[Cell]


class Tried(Sent):
    """Rules of points as the agreement writes them; `against` others than those in force."""

    qualification: dict[str, Any]
    against: dict[str, Any] | None = None
    stage: Annotated[str, Field(max_length=200)] = ""


class Alone(Schema):
    """What the change of one clause would have made by itself."""

    clause: str
    more: Count
    fewer: Count


class Difference(Sample):
    """Who would have qualified: by the one rules (`was`), the others (`would`), only then (`more`),
    no longer (`fewer`); with the keys of the latest 200 of both that the caller may see."""

    was: Count
    would: Count
    more: Count
    fewer: Count
    alone: list[Alone]
    more_leads: list[str]
    fewer_leads: list[str]


@router.get("/leads/{path:key}/score", response=Score, **needs("read leads"))
def score_of_lead(request: HttpRequest, key: str, as_of: Moment | None = None) -> dict[str, Any]:
    """The score of a lead now or at an instant, with everything that it is the sum of."""
    actor, now = request.auth, moment.now()
    row = queries.lead(actor, key)
    at = now if as_of is None else min(as_of, now)
    rules, judged, crowds = together(actor.workspace_id, [row.key], now=now)
    agreement = scoring.agreed(rules, at)
    if not scoring.has_points(agreement):
        return _unscored(row.key, agreement, at)
    found = factors(agreement, scoring.shared(rules, judged.log, crowds), row.key, at)
    handoffs = Handoff.objects.of(actor.workspace_id).filter(lead=row.key, interest__isnull=False)
    return {
        **{name: getattr(found, name) for name in ("fit", "interest", "grade", "disqualified")},
        "key": row.key,
        "as_of": at,
        "version": agreement.version,
        "factors": [_part(one, agreement, at) for one in found.factors],
        "handoffs": [*handoffs.order_by("pass_number")],
    }


def _unscored(key: str, agreement: Agreement, at: int) -> dict[str, Any]:
    nothing = {"fit": None, "interest": None, "grade": "", "disqualified": False}
    told = {"key": key, "as_of": at, "version": agreement.version}
    return nothing | told | {"factors": [], "handoffs": []}


def _part(one: Factor, agreement: Agreement, at: int) -> dict[str, Any]:
    half = None
    if one.axis == "interest" and one.kind == "rule" and agreement.qualification is not None:
        half = agreement.qualification.interest[one.rule or 0].halves_after
    length = None if half is None else half.micros or half.days * DAY
    return {
        **{name: getattr(one, name) for name in ("axis", "kind", "points", "name", "times")},
        "rule": None if one.rule is None else one.rule + 1,
        "last_at": one.last_at,
        "halves_after_seconds": None if length is None else length // SECOND,
        "halves_at": None if length is None else at + length,
        "why": one.why,
    }


@router.post(
    "/leads/{path:key}/score/release", response={201: ScoreReceipt}, **needs("override scores")
)
def release_score(request: HttpRequest, key: str, given: ScoreRelease) -> Status[Any]:
    """Let the rules give the score of a lead again."""
    return _receipt(acts.release(_asked(request, key), why=given.why or ""))


@router.post("/leads/{path:key}/score", response={201: ScoreReceipt}, **needs("override scores"))
def override_score(request: HttpRequest, key: str, given: ByHand) -> Status[Any]:
    """Set the score of a lead by hand; it stands until it is released, or set again."""
    fit, interest = ("" if one is None else f"{one:f}" for one in (given.fit, given.interest))
    return _receipt(
        acts.override(_asked(request, key), fit=fit, interest=interest, why=given.why or "")
    )


def _asked(request: HttpRequest, key: str) -> Asked:
    return Asked(request.auth, queries.lead(request.auth, key).key, token_hex(12), moment.now())


def _receipt(done: Done) -> Status[Any]:
    return Status(201, {"outcome": done.outcome, "source_ids": [*done.facts]})


@router.get("/scoring", response=ScoringRecord, **needs("read leads"))
def scoring_track(request: HttpRequest) -> dict[str, Any]:
    """The rules that score leads now, with their track record over the last quarter."""
    found = track.track(request.auth.workspace_id, moment.now())
    rules = [{"rule": ".".join(place), **_rate(one)} for place, one in found.rules.items()]
    return {
        **_sample(found.quarter, found.stage, found.unheard),
        "version": found.quarter.agreement.version,
        "every": _rate(found.every),
        "rules": rules,
        "grades": [one._asdict() for one in found.cells],
    }


def _sample(found: quarter.Quarter, stage: str, unheard: list[str]) -> dict[str, Any]:
    told = {name: getattr(found, name) for name in ("since", "until", "leads", "whole")}
    return told | {"stage": stage, "unknown_fields": unheard}


def _rate(one: Share) -> dict[str, Any]:
    interval = one.interval if one.is_enough else None
    told: dict[str, Any] = {"leads": one.leads, "won": one.won}
    if interval is None or one.rate is None:
        return told | {"rate": None, "low": None, "high": None}
    rate = round(float(one.rate), 6)
    return told | {"rate": rate, "low": float(interval.low), "high": float(interval.high)}


@router.post("/scoring/try", response=Difference, **needs("read leads"))
def try_rules(request: HttpRequest, given: Tried) -> dict[str, Any]:
    """What other rules of points would have made of the last quarter. Keeps nothing."""
    actor, now = request.auth, moment.now()
    text = tuning.text_of(actor.workspace_id, now)
    if text is None:
        said = _("No agreement is in force.")
        raise refused("qualification", said, _("Propose one, and put it in force."))
    after = _agreement(text, given.qualification)
    found = quarter.quarter(actor.workspace_id, now)
    before = found.agreement if given.against is None else _agreement(text, given.against)
    stage = _stage(given.stage, before, after)
    made = tuning.difference(actor.workspace_id, before, after, stage, now)
    keys = {
        of: quarter.keys_of(found, tuning.flags(found, before, after, stage, of, None))
        for of in ("more", "fewer")
    }
    listed = {of: quarter.rows_of(actor, own, MOST)[0] for of, own in keys.items()}
    return {
        **_sample(found, stage, made.unheard),
        **{of: getattr(made, of) for of in tuning.OF},
        "alone": [
            {"clause": ".".join(one.place), "more": one.more, "fewer": one.fewer}
            for one in made.alone
        ],
        **{f"{of}_leads": [one.key for one in rows] for of, rows in listed.items()},
    }


def _agreement(text: str, rules: dict[str, Any]) -> Agreement:
    """The agreement with other rules of points. Raises `Refused`."""
    read = ruled(text, _plain(rules))
    if read.agreement is None or read.problems:
        raise Refused([one._replace(line=0) for one in read.problems])
    return read.agreement


def _plain(value: Any) -> Any:
    """A value of JSON as an agreement has it: texts, lists and mappings."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if value is None or isinstance(value, str) else f"{Decimal(value):f}"


def _stage(wanted: str, before: Agreement, after: Agreement) -> str:
    named = [*dict.fromkeys((*tuning.stages(before), *tuning.stages(after)))]
    if wanted and wanted not in named:
        said = _("No rule says when a lead qualifies as this stage.")
        raise refused("stage", said, _("Name one of those for which there is a rule."))
    return wanted or next(iter(named), "")
