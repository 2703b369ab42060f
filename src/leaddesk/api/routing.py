"""Routing: who can be given leads now, which leads wait for an owner, and who would get which."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from leaddesk.api.leads import Leads
from leaddesk.api.paging import page
from leaddesk.api.shapes import Cursor, Instant, Key, Limit, Page, Sent, Words, needs
from leaddesk.book import dry_run_steps, dry_runs, lists, moment, routing, trials
from leaddesk.book.models import DryRun, Handoff
from leaddesk.book.trials import MOST
from leadpact.route import Passed, Pool, Rota, read
from leadpact.route.credit import LEAD

router = Router(tags=["routing"])
AT_ONCE = 1.0
"""Seconds for which a request goes on with a dry run itself before the worker takes it over."""
MOST_SENT = 100_000
"""So many keys one request carries."""
Credit = Annotated[float | None, Field(description="in leads")]


class LimitUse(Schema):
    """A limit, such as `20 per day` or `60 open`, and how much of it is used."""

    limit: str
    used: int


class PassedOver(Schema):
    """RouteReason somebody can't be given a lead: `leave`, `closed`, `to come`, `full` (then `limit` says
    which), `not to` (they rejected it), `had it`, `gone` or `no weight`; and until when."""

    person: str
    reason: str
    until: Instant | None
    limit: Words


class RouteMember(Schema):
    """Somebody of a pool. `share` of the next lead is null for who can't be given it, `credit` is what
    they are owed (null where turns aren't counted), `missing` what they lack of the minimum."""

    person: str
    refusal: PassedOver | None
    weight: str
    share: float | None
    credit: Credit
    given_this_month: int
    open: int
    limits: list[LimitUse]
    missing: int


class RoutePool(Schema):
    """People among whom leads are shared out: `everyone`, `team inbound` or `ana, ben`. `territory`
    counts from 1; null for where no territory fits."""

    pool: str
    territory: int | None
    members: list[RouteMember]


class RouteStanding(Schema):
    """The route in force: `by` is weight, round robin or capacity."""

    as_of: Instant
    by: str
    same_account: bool
    respect: list[str]
    at_least: str | None
    pools: list[RoutePool]


class RouteReason(Schema):
    """How an owner was found. `rule` is weight, round robin, capacity, load (passed on late) or account;
    `among` counts who could take it, `next` would have been next; `limits` are those of the owner, this
    lead included; `minimum` is the one for which those below it went first."""

    owner: str | None
    rule: str
    pool: str
    territory: int | None
    among: int
    next: str | None
    weight: str | None
    credit: Credit
    load: int | None
    minimum: str | None
    account_owner: str | None
    limits: list[LimitUse]
    passed_over: list[PassedOver]
    more_passed_over: int
    retry_at: Instant | None


class WaitingLead(Schema):
    """A lead that waits for an owner, since when, and when it is tried again."""

    lead: str
    pass_number: int
    since: Instant
    retry_at: Instant | None
    why: RouteReason | None


class LeadsToTry(Sent):
    """Which leads: these, or (without any) all that wait for an owner."""

    leads: Annotated[list[Key], Field(max_length=MOST)] | None = None


class RouteFate(RouteReason):
    """Who would get a lead, and why."""

    lead: str


class RouteTrial(Schema):
    """Who would get which lead now, in the order in which they would be given out. `unknown` aren't
    there, or not for you to see; `left_out` counts those that were too many."""

    as_of: Instant
    decisions: list[RouteFate]
    unknown: list[str]
    left_out: int


class DryRunOf(Sent):
    """Which leads: these, all that meet some conditions (those by which leads are listed), or (without
    either) all that wait for an owner."""

    leads: Annotated[list[Key], Field(max_length=MOST_SENT)] | None = None
    among: Leads | None = None


class DryRunPart(Schema):
    """What somebody would get: so many leads, that share of all; by weight alone it would have been
    `by_weight` leads. `full` are the limits reached, `refusal` why they can't be given a lead now."""

    person: str
    weight: str
    leads: int
    share: float | None
    by_weight: float
    full: list[str]
    refusal: str | None
    until: Instant | None


class DryRunWaiting(Schema):
    """So many leads would wait for the same reasons (those of a refusal, `account`: for the owner of the
    company's other leads, `empty`: nobody belongs to their pool), and when the first is tried again."""

    reasons: list[str]
    leads: int
    retry_at: Instant | None


class DryRunStanding(Schema):
    """How far a dry run is (`scoring`, `giving`, `done`, `failed`), and once it is done what it came to.
    Of the keys that aren't there, or not for you to see, some are named; `left_out` were too many."""

    key: str
    as_of: Instant
    until: Instant
    state: str
    leads: int
    done: int
    given: int
    people: list[DryRunPart]
    waiting: list[DryRunWaiting]
    unknown: list[str]
    unknown_count: int
    left_out: int


@router.get("/routing", response=RouteStanding, **needs("read leads"))
def route_in_force(request: HttpRequest) -> Any:
    """Who can be given leads now, with what each has of what was agreed."""
    now = moment.now()
    rota = routing.standing(request.auth.workspace_id, now)
    return {
        "as_of": now,
        "by": rota.route.by,
        "same_account": rota.route.same_account is not None,
        "respect": sorted(rota.respect),
        "at_least": rota.route.at_least,
        "pools": [_pool(rota, pool) for pool in rota.pools.all()],
    }


@router.get("/routing/waiting", response=Page[WaitingLead], **needs("read leads"))
def leads_waiting(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> Any:
    """The leads that wait for an owner, who waits longest first."""
    rows = trials.waiting(request.auth)
    return page(rows, limit, cursor, _waits)


@router.post("/routing/try", response=RouteTrial, **needs("read leads"))
def try_route(request: HttpRequest, sent: LeadsToTry) -> Any:
    """A dry run: who would get which of some leads now, and why. Nothing is changed by it."""
    actor, now = request.auth, moment.now()
    keys = sent.leads
    if keys is None:
        keys = [*trials.waiting(actor).values_list("lead", flat=True)[: MOST + 1]]
    found = trials.trial(actor, keys, now)
    return {
        "as_of": now,
        "decisions": [_why(one.to_json()) | {"lead": one.lead} for one in found.decisions],
        "unknown": found.unknown,
        "left_out": found.beyond,
    }


@router.post("/routing/trials", response={202: DryRunStanding}, **needs("read leads"))
def start_dry_run(request: HttpRequest, sent: DryRunOf) -> Any:
    """Begin a dry run of any list of leads; ask for it until it is done. Nothing is changed by it, and
    what it comes to is kept for a day, for you alone."""
    actor, now = request.auth, moment.now()
    if sent.leads is not None:
        run = dry_runs.of_keys(actor, sent.leads, "leads", "", now)
    elif sent.among is not None:
        leads = lists.chosen(actor, sent.among.dict(exclude_none=True))
        run = dry_runs.of_leads(actor, leads, "filter", "", now)
    else:
        keys = trials.waiting(actor).values_list("lead", flat=True)
        run = dry_runs.of_keys(actor, keys, "waiting", "", now)
    dry_run_steps.work(run, AT_ONCE)
    return Status(202, _standing(run))


@router.get("/routing/trials", response=Page[DryRunStanding], **needs("read leads"))
def dry_runs_kept(request: HttpRequest, limit: Limit = 50, cursor: Cursor = "") -> Any:
    """Your dry runs of the last day, the newest first."""
    return page(dry_runs.listed(request.auth), limit, cursor, _standing)


@router.get("/routing/trials/{key}", response=DryRunStanding, **needs("read leads"))
def dry_run(request: HttpRequest, key: str) -> Any:
    """How far a dry run is, or what it came to."""
    return _standing(dry_runs.found(request.auth, key))


@router.get("/routing/trials/{key}/leads", response=Page[RouteFate], **needs("read leads"))
def leads_of_dry_run(
    request: HttpRequest,
    key: str,
    owner: str | None = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Any:
    """Who would get which lead, in the order in which they would be given out; of all, those of one
    owner, or (an empty `owner`) those that would wait."""
    run = dry_runs.found(request.auth, key)
    owner = None if owner is None else owner.replace("\x00", "")
    return page(dry_runs.fates(request.auth, run, owner), limit, cursor, _fate)


def _fate(row: Any) -> dict[str, Any]:
    return _why(read(row.route)) | {"lead": row.lead}


def _standing(run: DryRun) -> dict[str, Any]:
    outcome = dry_run_steps.outcome(run)
    people = [
        {
            **one,
            "share": None if one["share"] is None else float(Fraction(one["share"])),
            "by_weight": float(Fraction(one["by_weight"])),
            "refusal": one["why"] or None,
        }
        for one in outcome["people"]
    ]
    return {
        "key": run.key,
        "as_of": run.at,
        "until": run.until,
        "state": run.state,
        "leads": run.total,
        "done": run.done,
        "given": outcome["given"],
        "people": people,
        "waiting": [{**one, "reasons": one["why"]} for one in outcome["waiting"]],
        **{name: outcome[name] for name in ("unknown", "unknown_count")},
        "left_out": outcome["beyond"],
    }


def _pool(rota: Rota, pool: Pool) -> dict[str, Any]:
    seats = [rota.seat(rep.name) for rep in pool.members]
    blocked = {seat.rep.name: seat.blocked() for seat in seats}
    gains = rota.shares_of([name for name, why in blocked.items() if why is None])
    turns, least = rota.turns.get(rota.key(pool), {}), rota.route.least
    return {
        "pool": pool.name,
        "territory": pool.territory,
        "members": [
            {
                "person": seat.rep.name,
                "refusal": _refusal(blocked[seat.rep.name]),
                "weight": f"{seat.rep.weight:f}",
                "share": gains[seat.rep.name] / LEAD if seat.rep.name in gains else None,
                "credit": turns[seat.rep.name].credit / LEAD
                if rota.route.by == "weight" and seat.rep.name in turns
                else None,
                "given_this_month": seat.given.get("month", 0),
                "open": seat.open,
                "limits": _uses(seat.told_caps),
                "missing": max(least.number - seat.given.get(least.period, 0), 0) if least else 0,
            }
            for seat in seats
        ],
    }


def _waits(row: Handoff) -> dict[str, Any]:
    told = read(row.route)
    return {
        "lead": row.lead,
        "pass_number": row.pass_number,
        "since": row.at,
        "retry_at": row.retry_at,
        "why": _why(told) if told else None,
    }


def _why(told: Mapping[str, Any]) -> dict[str, Any]:
    """How an owner was found, as it is answered."""
    credit = told.get("credit")
    plain = ("owner", "territory", "next", "weight", "load", "account_owner", "retry_at")
    return {
        **{name: told.get(name) for name in plain},
        "rule": told["rule"],
        "pool": told["pool"],
        "among": told.get("among", 0),
        "credit": None if credit is None else credit / LEAD,
        "minimum": told.get("least"),
        "limits": _uses(told.get("caps", ())),
        "passed_over": [_refusal(Passed(*one)) for one in told.get("passed", ())],
        "more_passed_over": told.get("more_passed", 0),
    }


def _uses(caps: Any) -> list[dict[str, Any]]:
    return [{"limit": limit, "used": used} for limit, used in caps]


def _refusal(one: Passed | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"person": one.name, "reason": one.why, "until": one.until, "limit": one.cap}
