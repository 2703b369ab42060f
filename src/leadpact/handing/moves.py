"""Moves: the standard path of a lead through marketing and sales, and what each step of it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from leadpact.facts import ATTEMPTED, HANDED_OVER
from leadpact.handing.handoffs import Passes, says_yes
from leadpact.log import INBOUND, NOT_HUMAN
from leadpact.program import columns as col
from leadpact.story import Stories, drawn


class Move(NamedTuple):
    """One step: from where, by which fact, to where; what has to be so, who does it, its effect."""

    origin: str
    fact: str
    goal: str
    guards: tuple[str, ...]
    who: str
    effect: str


@dataclass(frozen=True)
class Situation:
    """What is known when somebody wants to make a step; a guard is the name of what must be true.

    `may_qualify`: the rule holds, or the lead did what hands it over at once. `in_time`: the time
    to accept isn't over. `has_rested`: the time before it may come again is over. `is_fresh`: the
    lead showed interest since it went. The rest is what the step says of itself.
    """

    may_qualify: bool = False
    has_rested: bool = True
    is_fresh: bool = True
    has_owner: bool = False
    in_time: bool = True
    names_reason: bool = False
    names_agreed_reason: bool = False
    names_track: bool = False
    names_survivor: bool = False
    is_human: bool = True


_REASON = ("names_reason",)
_LATER = ("may_qualify", "has_rested", "is_fresh")
_BEFORE = ("lead", "mql", "recycled")
_WORKED = ("sal", "working", "sql")
_ALIVE = (*_BEFORE, *_WORKED, "opportunity", "customer", "disqualified")

MOVES: tuple[Move, ...] = (
    Move("new", "created", "lead", (), "either side", "pass 1 begins"),
    Move("lead", "handed_over", "mql", ("may_qualify",), "marketing", "the time to accept runs"),
    Move("recycled", "handed_over", "mql", _LATER, "marketing", "the next pass begins"),
    Move("lead", "moved to mql", "lead", ("may_qualify",), "marketing", "waits for an owner"),
    Move("recycled", "moved to mql", "lead", _LATER, "marketing", "next pass, waits for an owner"),
    Move("mql", "accepted", "sal", ("has_owner",), "sales", "the time to accept stops"),
    Move(
        *("mql", "rejected", "recycled", ("in_time", "names_agreed_reason")),
        *("sales", "the pass is left; its clocks stop, and nothing is broken by that"),
    ),
    Move("mql", "assigned", "mql", _REASON, "sales", "the owner's leg closes"),
    Move("sal", "assigned", "sal", _REASON, "sales", "the owner's leg closes"),
    Move("working", "assigned", "working", _REASON, "sales", "the owner's leg closes"),
    Move("mql", "attempted", "mql", ("is_human",), "sales", "the first contact is made"),
    Move("sal", "attempted", "working", ("is_human",), "sales", "the first contact is made"),
    Move("working", "attempted", "working", ("is_human",), "sales", "the ladder runs"),
    Move("mql", "moved to sql", "sql", (), "sales", "accepted and worked at the same instant"),
    Move("sal", "moved to sql", "sql", (), "sales", "worked at the same instant"),
    Move("working", "moved to sql", "sql", (), "sales", "time from MQL to SQL"),
    *(
        Move(origin, "returned", "recycled", ("names_track", "names_reason"), "sales", "pass left")
        for origin in ("mql", *_WORKED)
    ),
    *(
        Move(origin, "disqualified", "disqualified", _REASON, "sales", "the pass is left")
        for origin in (*_BEFORE, *_WORKED, "opportunity")
    ),
    *(
        Move(origin, "converted", "opportunity", (), "sales", "stages between: at the same instant")
        for origin in (*_BEFORE, *_WORKED)
    ),
    Move("customer", "converted", "opportunity", (), "sales", "expansion: outside this agreement"),
    *(
        Move(origin, "won", "customer", (), "sales", "the pass is left")
        for origin in (*_BEFORE, *_WORKED, "opportunity")
    ),
    *(
        Move(origin, "lost", "recycled", _REASON, "sales", "the pass is left")
        for origin in ("mql", *_WORKED, "opportunity")
    ),
    *(
        Move(origin, fact, fact, guards, "either side", "all clocks stop, for good")
        for origin in _ALIVE
        for fact, guards in (("suppressed", ()), ("merged", ("names_survivor",)))
    ),
)
"""Every step of the standard path. What has no row here is refused."""

FACTS = tuple(dict.fromkeys(move.fact for move in MOVES))
"""The facts that make steps."""
PLACES = tuple(dict.fromkeys([*(move.origin for move in MOVES), *(move.goal for move in MOVES)]))
"""Where a lead can be on the path."""

_BY_STEP: Mapping[tuple[str, str], Move] = {(move.origin, move.fact): move for move in MOVES}


def refusal(place: str, fact: str, known: Situation) -> str | None:
    """Why a lead can't make a step: "illegal", or the guard that fails; None where it can."""
    move = _BY_STEP.get((place, fact))
    if move is None:
        return "illegal"
    return next((guard for guard in move.guards if not getattr(known, guard)), None)


def goals(place: str) -> dict[str, str]:
    """Where a lead gets from a place, by the fact."""
    return {move.fact: move.goal for move in MOVES if move.origin == place}


def diagram() -> str:
    """The places and steps as a Mermaid state diagram, for the documentation."""
    return drawn((move.origin, move.fact, move.goal) for move in MOVES)


def table() -> str:
    """Every step as a Markdown table, for the documentation."""
    lines = ["| from | by | to | needs | who | effect |", "|---|---|---|---|---|---|"]
    for move in MOVES:
        needs = ", ".join(guard.replace("_", " ") for guard in move.guards)
        fact = move.fact.replace("_", " ")
        lines.append(
            f"| {move.origin} | {fact} | {move.goal} | {needs} | {move.who} | {move.effect} |"
        )
    return "\n".join(lines)


def places(stories: Stories) -> list[str]:
    """Where on the path each lead of these stories is."""
    own = Passes(stories)
    now, log = own.present(), stories.log
    given = own.first(log.kind == HANDED_OVER)
    yes = own.first(says_yes(stories))[now]
    after = own.since(given)
    tried = own.first(after & (log.kind == ATTEMPTED) & (log.flags & (NOT_HUMAN | INBOUND) == 0))
    stage = stories.table[:, col.T_STAGE]
    standing = stories.table[:, col.T_STANDING]
    handed = given[now] >= 0
    works = (yes >= 0) & (tried[now] >= 0)
    conditions = [
        *(standing == number for number in _BY_STANDING),
        stage >= _stage(stories, "opportunity"),
        stage >= _stage(stories, "sql"),
        works,
        yes >= 0,
        handed,
    ]
    names = [*_BY_STANDING.values(), "opportunity", "sql", "working", "sal", "mql"]
    found: list[str] = np.select(conditions, names, "lead").tolist()
    return found


_BY_STANDING: Mapping[int, str] = {
    col.OUT: "recycled",
    col.LOST: "recycled",
    col.DISQUALIFIED: "disqualified",
    col.WON: "customer",
    col.SUPPRESSED: "suppressed",
    col.MERGED: "merged",
}


def _stage(stories: Stories, name: str) -> int:
    """The number of a stage; more than any where the agreement has no such stage."""
    stages = stories.program.stages
    return stages.index(name) if name in stages else len(stages)
