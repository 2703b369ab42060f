"""Handoffs: leads that were given to sales, what sales said, what is contested, what runs by itself."""

import json
from secrets import token_hex
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Limit, Line, Moment, Page, Sent, Words, needs
from leaddesk.book import acts, by_itself, handoff_acts, handoff_lists, moment, queries
from leaddesk.book.asked import Asked, Done
from leaddesk.book.models import Handoff as Record
from leaddesk.book.models import Workspace

router = Router(tags=["handoffs"])


class Handoff(Schema):
    """One lead that was given, or is about to be given, to sales: one record a pass.

    `state` is `waiting` while nobody can take the lead (tried again at `retry_at`), `offered` until
    sales decides (by `accept_by`), then `accepted`, `silent`, `rejected`, `returned` or `ended`. `fit`
    and `interest` are the points at that moment. `packet` is what sales was told, `missing` what of
    the agreed fields it lacks; `route` says how the owner was found. `attempts` counts the tries
    without an answer of late. `dispute` is `open`, `upheld` or `overturned`.
    """

    lead: str
    pass_number: int
    state: str
    at: Instant
    trigger: Words
    owner: Words
    source_id: Words
    fit: float | None
    interest: float | None
    grade: Words
    packet: dict[str, Any]
    missing: list[str]
    route: dict[str, Any] | None
    accept_by: Instant | None
    decided_at: Instant | None
    decided_by: Words
    is_silent: bool
    left_at: Instant | None
    attempts: int
    reason: Words
    track: Words
    not_before: Instant | None
    dispute: Words
    disputed_at: Instant | None
    disputed_by: Words
    settled_at: Instant | None
    retry_at: Instant | None


class Handoffs(Schema):
    """Which handoffs: those that meet all that is named."""

    lead: str | None = None
    state: (
        Literal["waiting", "offered", "accepted", "silent", "rejected", "returned", "ended"] | None
    ) = None
    owner: str | None = None
    trigger: str | None = None
    dispute: Literal["open", "upheld", "overturned"] | None = None
    is_incomplete: bool | None = None


class HandoffShare(Schema):
    """A ratio and what it was counted from; null where nothing was counted."""

    value: float | None
    numerator: int
    denominator: int


class Counts(Schema):
    """What the handoffs of the last `days` come to. Shares are of what somebody said a word about:
    `undecided` and `silent` are counted apart."""

    days: int | None
    by_state: dict[str, int]
    acceptance: HandoffShare
    rejection: HandoffShare
    silent: int
    undecided: int
    contested: int
    overturned: int
    complete_packets: HandoffShare


class Reject(Sent):
    """Why sales refuses a lead: one of the agreed reasons."""

    reason: Line = None


class GiveBack(Sent):
    """The nurture track that a lead goes back into, why, and the instant before which it isn't offered
    again. The reason may be left out once the lead was tried as often as agreed."""

    track: Line = None
    reason: Line = None
    not_before: Moment | None = None


class Contest(Sent):
    """Why a rejection is wrong."""

    why: Line = None


class Settle(Sent):
    """How a dispute ends (`upheld` or `overturned`), and why."""

    outcome: Line = None
    why: Line = None


class Decided(Schema):
    """What came of it: `new`, or `known` and `equal` where it was recorded before; the facts by which
    it can be taken back."""

    outcome: str
    source_ids: list[str]


class Running(Schema):
    """What the desk does by itself: since when it hands over leads, but those of some systems; since
    when it sends the steps of tracks; null: it doesn't."""

    hands_over_since: Instant | None
    hands_over_but: list[str]
    nurtures_since: Instant | None
    mail_from: Words
    postal_address: Words


class Run(Sent):
    """What the desk is to do by itself from now on; what happened before starts nothing."""

    hands_over: bool
    hands_over_but: list[str] = []
    nurtures: bool = False
    mail_from: Line = None
    postal_address: Line = None


@router.get("/handoffs", response=Page[Handoff], **needs("read leads"))
def list_handoffs(
    request: HttpRequest, wanted: Query[Handoffs], limit: Limit = 50, cursor: Cursor = ""
) -> dict[str, Any]:
    """The handoffs, the latest first."""
    named = wanted.dict(exclude_none=True)
    incomplete = named.pop("is_incomplete", None)
    rows = handoff_lists.of(request.auth).filter(**named)
    if incomplete is not None:
        rows = rows.exclude(missing="") if incomplete else rows.filter(missing="")
    return page(rows.order_by("-at", "-id"), limit, cursor, _record)


@router.get("/handoff-counts", response=Counts, **needs("read leads"))
def count_handoffs(
    request: HttpRequest, days: Literal["30", "90", "365", "all"] = "90"
) -> dict[str, Any]:
    """How many handoffs there are by state, and how sales decided."""
    wanted = handoff_lists.Wanted(span=days)
    found = handoff_lists.counts(request.auth, wanted, moment.now())
    decided = found.accepted + found.rejected
    return {
        "days": handoff_lists.SPANS[days],
        "by_state": found.by_state,
        "acceptance": _share(found.accepted, decided),
        "rejection": _share(found.rejected, decided),
        "silent": found.silent,
        "undecided": found.undecided,
        "contested": found.contested,
        "overturned": found.overturned,
        "complete_packets": _share(found.complete, found.packets),
    }


@router.post("/leads/{path:key}/accept", response={201: Decided}, **needs("record facts"))
def accept_lead(request: HttpRequest, key: str) -> Status[Any]:
    """Sales accepts a lead that is offered to it."""
    return _done(acts.accept(_asked(request, key)))


@router.post("/leads/{path:key}/reject", response={201: Decided}, **needs("record facts"))
def reject_lead(request: HttpRequest, key: str, given: Reject) -> Status[Any]:
    """Sales refuses a lead that is offered to it, in time and for an agreed reason."""
    return _done(acts.reject(_asked(request, key), reason=given.reason or ""))


@router.post("/leads/{path:key}/return", response={201: Decided}, **needs("record facts"))
def give_lead_back(request: HttpRequest, key: str, given: GiveBack) -> Status[Any]:
    """Sales gives a lead back to marketing, into a nurture track."""
    asked = _asked(request, key)
    told = {"track": given.track or "", "reason": given.reason or "", "until": given.not_before}
    return _done(acts.give_back(asked, **told))


@router.post("/leads/{path:key}/contest", response={201: Decided}, **needs("contest rejections"))
def contest_rejection(request: HttpRequest, key: str, given: Contest) -> Status[Any]:
    """Marketing contests that sales rejected a lead."""
    return _done(handoff_acts.contest(_asked(request, key), why=given.why or ""))


@router.post("/leads/{path:key}/settle", response={201: Decided}, **needs("record facts"))
def settle_dispute(request: HttpRequest, key: str, given: Settle) -> Status[Any]:
    """An arbiter decides about a contested rejection; overturned, the lead goes to somebody else.

    Where the agreement names arbiters, they alone decide; else it takes the right to settle disputes.
    """
    asked = _asked(request, key)
    return _done(handoff_acts.settle(asked, outcome=given.outcome, why=given.why or ""))


@router.get("/running", response=Running, **needs("run by itself"))
def what_runs(request: HttpRequest) -> Any:
    """What the desk does by itself."""
    return _running(Workspace.objects.get(pk=request.auth.workspace_id))  # type: ignore[attr-defined]


@router.put("/running", response=Running, **needs("run by itself"))
def let_run(request: HttpRequest, given: Run) -> Any:
    """Let the desk do more, or less, by itself."""
    return _running(by_itself.choose(request.auth, given.dict(), moment.now()))


def _running(own: Workspace) -> dict[str, Any]:
    return {name: getattr(own, name) for name in Running.model_fields}


def _share(part: int, whole: int) -> dict[str, Any]:
    value = None if not whole else part / whole
    return {"value": value, "numerator": part, "denominator": whole}


def _record(row: Record) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in Handoff.model_fields if hasattr(row, name)}
    return told | {
        "source_id": row.fact,
        "fit": _points(row.fit),
        "interest": _points(row.interest),
        "packet": _json(row.packet) or {},
        "missing": [one.strip() for one in row.missing.split(",") if one.strip()],
        "route": _json(row.route),
    }


def _points(hundredths: int | None) -> float | None:
    return None if hundredths is None else hundredths / 100


def _json(text: str) -> dict[str, Any] | None:
    """An object that a fact holds as text; None for what is none, since it came from elsewhere."""
    try:
        found = json.loads(text) if text else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _asked(request: HttpRequest, key: str) -> Asked:
    lead = queries.lead(request.auth, key)
    return Asked(request.auth, lead.key, token_hex(12), moment.now())


def _done(done: Done) -> Status[Any]:
    return Status(201, {"outcome": done.outcome, "source_ids": [*done.facts]})
