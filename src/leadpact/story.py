"""Stories: where each lead stands, its passes through the funnel, and the table of legal moves."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.facts import CREATED, ENGAGED, ENROLLED, RETURNED
from leadpact.log import Log
from leadpact.program import Program
from leadpact.program import columns as col
from leadpact.program.columns import NEVER, STANDINGS

Ints = NDArray[np.int64]


class Move(NamedTuple):
    """One legal change of a lead's standing: from where, by which fact, to where, and its effect."""

    origin: str
    fact: str
    goal: str
    effect: str


MOVES: tuple[Move, ...] = (
    Move("new", "created", "open", "pass 1"),
    Move("open", "moved", "open", "stages entered"),
    Move("open", "handed_over", "open", "sales' clocks start"),
    Move("open", "accepted", "open", "stage sal"),
    Move("open", "assigned", "open", "the owner's leg begins"),
    Move("open", "attempted", "open", "counts, if an attempt"),
    Move("open", "paused", "open", "clocks stand still"),
    Move("open", "resumed", "open", "clocks run on"),
    Move("open", "converted", "open", "stage opportunity"),
    Move("open", "won", "won", "last stage"),
    Move("open", "returned", "out", "pass left"),
    Move("open", "rejected", "out", "pass left"),
    Move("open", "disqualified", "disqualified", "pass left"),
    Move("open", "lost", "lost", "pass left"),
    Move("won", "handed_over", "open", "next pass"),
    Move("won", "moved", "open", "next pass, from the qualifying stage"),
    Move("won", "returned", "out", "pass left"),
    Move("won", "rejected", "out", "pass left"),
    Move("won", "disqualified", "disqualified", "pass left"),
    Move("won", "lost", "lost", "pass left"),
    *(
        move
        for origin in ("out", "disqualified", "lost")
        for move in (
            Move(origin, "handed_over", "open", "next pass"),
            Move(origin, "moved", "open", "next pass, from the qualifying stage"),
            Move(origin, "accepted", "open", "next pass"),
            Move(origin, "converted", "open", "next pass"),
            Move(origin, "won", "won", "next pass"),
            Move(origin, "disqualified", "disqualified", "stays out"),
        )
    ),
    *(
        Move(origin, fact, goal, "all clocks stop, for good")
        for origin in ("open", "out", "disqualified", "lost", "won")
        for fact, goal in (("suppressed", "suppressed"), ("merged", "merged"))
    ),
)
"""Every legal change of standing. A fact without its row here changes nothing and is listed."""


def diagram() -> str:
    """The standings and moves as a Mermaid state diagram, for the documentation."""
    return drawn((move.origin, move.fact, move.goal) for move in MOVES)


def drawn(moves: Iterable[tuple[str, str, str]]) -> str:
    """Moves (from where, by which fact, to where) as a Mermaid state diagram."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for origin, fact, goal in moves:
        arrows.setdefault((origin, goal), []).append(fact.replace("_", " "))
    lines = ["stateDiagram-v2"]
    for (origin, goal), facts in arrows.items():
        start = "[*]" if origin == "new" else origin
        lines.append(f"    {start} --> {goal}: {', '.join(dict.fromkeys(facts))}")
    return "\n".join([*lines, "    suppressed --> [*]", "    merged --> [*]"])


@dataclass(frozen=True, eq=False)
class Stories:
    """Where every lead of a log stands, and every pass it made.

    `passes` has a row for each pass (columns `program.columns.S_…`); `entered` the row of the fact
    that took it into each stage (-1: never), `entered_by` who owned it then. `pass_of` is the pass
    of every fact, `unexpected` marks facts that no legal move foresees.
    """

    program: Program
    log: Log
    passes: NDArray[np.int32]
    entered: NDArray[np.int32]
    entered_by: NDArray[np.int32]
    table: Ints
    pass_of: NDArray[np.int32]
    unexpected: NDArray[np.bool_]

    def entered_at(self, stage: str) -> Ints:
        """When each pass entered a stage (µs); `NEVER` where it hasn't."""
        rows = self.entered[:, self.program.stages.index(stage)]
        return (
            np.where(rows >= 0, self.log.at[rows], NEVER)
            if len(self.log)
            else np.zeros(0, np.int64)
        )

    @property
    def alarm(self) -> Ints:
        """When each lead changes by itself: a pause reaches its cap, a version restarts promises."""
        return self.table[:, col.T_WAKE]

    def recycled(self, now: int) -> Ints:
        """The soonest date after `now` at which each returned lead may be handed over again."""
        soonest = np.full(len(self.table), NEVER, np.int64)
        rows = np.flatnonzero((self.log.kind == RETURNED) & ~self.unexpected)
        dates = self.log.moments("not_before", rows, NEVER)
        lead = self.log.lead[rows]
        is_out = self.table[lead, col.T_STANDING] == col.OUT
        latest = self.pass_of[rows] == self.table[lead, col.T_PASS] - 1
        coming = is_out & latest & (dates > now)
        np.minimum.at(soonest, lead[coming], dates[coming])
        return soonest

    def touches(self) -> tuple[Ints, Ints]:
        """The rows of the first and of the latest marketing touch of each lead (-1: none).

        A touch is the creation of the lead or something it did.
        """
        hits = np.flatnonzero(np.isin(self.log.kind, [CREATED, ENGAGED]))
        return _first_and_last(hits, self.log)

    def tracks(self) -> Ints:
        """The row of the latest fact that put each lead into a nurture track (-1: none)."""
        hits = np.flatnonzero(np.isin(self.log.kind, [ENROLLED, RETURNED]) & (self.log.code >= 0))
        return _first_and_last(hits, self.log)[1]

    def rows(self) -> list[dict[str, Any]]:
        """Where each lead stands, in JSON form (for few leads, or to be written out)."""
        stages, people = self.program.stages, self.log.people
        return [
            {
                "lead": key,
                "pass": line[col.T_PASS],
                "standing": STANDINGS[line[col.T_STANDING]],
                "stage": stages[line[col.T_STAGE]] if line[col.T_STAGE] >= 0 else None,
                "owner": people[line[col.T_OWNER]] if line[col.T_OWNER] >= 0 else None,
                "paused": bool(line[col.T_PAUSED]),
            }
            for key, line in zip(self.log.keys, self.table.tolist(), strict=True)
        ]


def _first_and_last(hits: Ints, log: Log) -> tuple[Ints, Ints]:
    leads = log.lead[hits]
    first = np.full(len(log.starts) - 1, -1, np.int64)
    last = first.copy()
    last[leads] = hits
    first[leads[::-1]] = hits[::-1]
    return first, last
