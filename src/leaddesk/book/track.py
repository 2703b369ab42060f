"""Track: what the rules of points were worth: whom they gave points in the last quarter, and who was won."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from leaddesk.book import queries
from leaddesk.book.access import Actor
from leaddesk.book.acts import SCORE_KEYS, SYSTEM
from leaddesk.book.lists import GRADES
from leaddesk.book.models import Fact, Lead
from leaddesk.book.quarter import Quarter, quarter, unheard
from leaddesk.book.tuning import stages
from leadpact import facts
from leadpact.agreement.conditions import All, Any_, Bounds
from leadpact.agreement.model import Agreement
from leadpact.facts import WON
from leadpact.measure.points import Bools, Place, Share, graded, having, pointed, reached

NEAR = 10
"""So many points below what a rule asks for is near."""
MOST = 50
"""So many leads are listed at most."""


class Cell(NamedTuple):
    """A grade: how many leads had it, how many of them came to the stage, how many were won."""

    grade: str
    leads: int
    reached: int
    won: int


class Track(NamedTuple):
    """What rules and grades of an agreement were worth in a quarter; `unheard` are fields that rules
    ask for and no lead has ever had."""

    quarter: Quarter
    stage: str
    rules: dict[Place, Share]
    every: Share
    cells: list[Cell]
    unheard: list[str]


class ByHand(NamedTuple):
    """A lead whose score somebody set by hand: when, who, why, and what they gave."""

    lead: Lead
    at: int
    by: str
    why: str
    fit: str
    interest: str


def track(workspace: int, now: int) -> Track:
    """The track record of the rules that score now, over the quarter before `now`."""
    found = quarter(workspace, now)
    agreement, won = found.agreement, having(found.log, WON) & found.among
    rules = {
        place: _share(flags & found.among, won)
        for place, flags in pointed(agreement, found.log).items()
    }
    stage = next(iter(stages(agreement)), "")
    every = _share(found.among, won)
    return Track(found, stage, rules, every, _cells(found, stage, won), unheard(found, agreement))


def _share(leads: Bools, won: Bools) -> Share:
    return Share(int(leads.sum()), int((leads & won).sum()))


def _cells(found: Quarter, stage: str, won: Bools) -> list[Cell]:
    """The cells of the grid, the best first; none where the agreement has no grid."""
    clause = found.agreement.qualification
    if clause is None or clause.grades is None:
        return []
    grade, came = graded(found.agreement, found.log), reached(found.agreement, found.log, stage)
    cells = []
    for one in GRADES:
        own = (grade == one) & found.among
        cells.append(Cell(one, int(own.sum()), int((own & came).sum()), int((own & won).sum())))
    return cells


def behind(found: Quarter, stage: str, of: str, part: str) -> Bools | None:
    """The leads behind a figure of the track record: `of` a rule (``fit.2``) or a grade (``A1``);
    `part` is ``leads``, ``reached`` or ``won``. None where there is no such figure."""
    log, agreement = found.log, found.agreement
    if of in GRADES and agreement.qualification and agreement.qualification.grades:
        leads: Bools = graded(agreement, log) == of
    elif (place := tuple(of.split("."))) in (rules := pointed(agreement, log)):
        leads = rules[place]
    elif of == "every":
        leads = np.ones(len(log.leads), np.bool_)
    else:
        return None
    if part == "reached":
        leads = leads & reached(agreement, log, stage)
    elif part == "won":
        leads = leads & having(log, WON)
    elif part != "leads":
        return None
    return leads & found.among


def by_hand(actor: Actor) -> list[ByHand]:
    """The leads that somebody may see whose score was set by hand on the desk and still is, the
    latest first."""
    rows = Fact.objects.of(actor.workspace_id).filter(
        system=SYSTEM, source_id__gte=SCORE_KEYS, source_id__lt=_after(SCORE_KEYS)
    )
    listed = rows.order_by("-occurred_at", "-id")[: 10 * MOST]
    told = [(row.lead, row.occurred_at, row.source_id, json.loads(row.body)) for row in listed]
    keys = {lead for lead, *_rest in told}
    leads = {one.key: one for one in queries.leads(actor).filter(key__in=keys, into="")}
    back = _taken_back(actor, [*leads])
    found: dict[str, ByHand] = {}
    settled: set[tuple[str, str]] = set()
    for key, at, source_id, body in told:
        if key not in leads or (key, source_id) in back:
            continue
        given = {
            axis: str(body[axis])
            for axis in ("fit", "interest")
            if body.get(axis) and (key, axis) not in settled
        }
        settled |= {(key, axis) for axis in given}
        standing = {axis: one for axis, one in given.items() if one != "released"}
        if standing and key not in found:
            fit, interest = standing.get("fit", ""), standing.get("interest", "")
            by, why = str(body.get("by", "")), str(body.get("why", ""))
            found[key] = ByHand(leads[key], at, by, why, fit, interest)
    return [*found.values()][:MOST]


def _after(prefix: str) -> str:
    """The least text after all that begin with a prefix."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _taken_back(actor: Actor, keys: Sequence[str]) -> set[tuple[str, str]]:
    rows = Fact.objects.of(actor.workspace_id).filter(lead__in=keys, kind=facts.CORRECTED)
    listed = rows.values_list("lead", "body")
    return {(lead, str(json.loads(body).get("fact", ""))) for lead, body in listed}


def thresholds(agreement: Agreement, stage: str) -> tuple[int, int] | None:
    """The fit and the interest that the rule of a stage asks for together, in points; the first such
    pair where it has several. None where it has none."""
    clause = agreement.qualification
    rule = clause.qualifies.get(stage) if clause else None
    pairs = [one for one in _pairs(rule) if one != (0, 0)]
    return pairs[0] if pairs else None


def _pairs(rule: Any) -> Sequence[tuple[int, int]]:
    if isinstance(rule, Any_):
        return [pair for part in rule.any for pair in _pairs(part)]
    if isinstance(rule, All):
        inner = [pair for part in rule.all for pair in _pairs(part)]
        return [(max(fit for fit, _i in inner), max(i for _f, i in inner))] if inner else []
    tests = getattr(rule, "fields", {})
    found = {
        name: -(-test.at_least // 1)
        for name in ("fit", "interest")
        if isinstance(test := tests.get(name), Bounds) and test.at_least is not None
    }
    return [(int(found.get("fit", 0)), int(found.get("interest", 0)))] if found else []


def near(actor: Actor, agreement: Agreement, stage: str) -> list[Lead]:
    """The leads that fit and lack at most `NEAR` points of interest, as of what they did last; those
    that lack the least first."""
    asked = thresholds(agreement, stage)
    if asked is None:
        return []
    fit, interest = (100 * points for points in asked)
    past = [*agreement.stages[agreement.stages.index(stage) :]] if stage in agreement.stages else []
    rows = queries.leads(actor).filter(
        interest__gte=interest - 100 * NEAR, interest__lt=interest, fit__gte=fit, standing="open"
    )
    return [*rows.exclude(stage__in=past).order_by("-interest", "key")[:MOST]]
