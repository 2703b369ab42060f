"""Escalation: a lead changes hands when its owner lets too much of the time pass.

The ladder of an agreement tells the manager first and then gives the lead to somebody else. Who
that is follows from the people, their hours and what they owe already; it is the same whoever
works it out, and many leads at once are spread evenly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from leaddesk.book.codec import Row, row_of
from leaddesk.book.crew import Crew
from leaddesk.book.rules import Rules
from leadpact.clock import to_datetime
from leadpact.facts import ASSIGNED, HANDED_OVER
from leadpact.judge import Judgement
from leadpact.notices import Notice
from leadpact.program import columns as col
from leadpact.rulings import SYSTEM

MOST_IN_A_PASS = 3
"""A lead that so many owners let lie is a matter for the manager, not for another owner."""
TO_MANAGER = "manager"


@dataclass(frozen=True)
class _Holding:
    """Who owns a lead in its present pass, who did, and how often it changed hands by itself."""

    pass_: int
    owner: str
    had: frozenset[str]
    times: int


def reassigned(
    workspace: int, rules: Rules, judgement: Judgement, said: Sequence[Notice], now: int
) -> tuple[list[Row], list[Notice]]:
    """The facts by which leads change hands, and the notices with who hears of each change.

    `said` is what is heard for the first time. A reassignment is told to who gets the lead, or to
    the manager where nobody could take it; it is left out where the lead has left that pass. A lead
    changes hands once, whatever the number of promises that ask for it at this moment.
    """
    if not any(one.kind == "reassign" for one in said):
        return [], [*said]
    holdings = _Holdings(judgement)
    crew = Crew(workspace, rules, now)
    chosen: dict[str, str | None] = {}
    rows, told = [], []
    for one in sorted(said, key=lambda one: one.lead):
        if one.kind != "reassign":
            told.append(one)
            continue
        holding = holdings.of(one.lead)
        if holding is None or holding.pass_ != one.pass_:
            continue
        if one.lead not in chosen:
            chosen[one.lead] = _next(crew, holding, one.promise)
            if (person := chosen[one.lead]) is not None:
                rows.append(row_of(_fact(one, person, now), now))
        told.append(replace(one, to=chosen[one.lead] or TO_MANAGER))
    return rows, told


def _next(crew: Crew, holding: _Holding, promise: str) -> str | None:
    if holding.times >= MOST_IN_A_PASS:
        return None
    return crew.next(holding.owner, promise, holding.had)


def _fact(one: Notice, person: str, now: int) -> dict[str, str]:
    share = "" if one.at is None else f"{float(one.at * 100):g}% of the time"
    return {
        "lead": one.lead,
        "kind": "assigned",
        "occurred_at": to_datetime(now).isoformat(),
        "owner": person,
        "reason": "escalated",
        "why": f"{one.promise}: {share} passed without an answer",
        "system": SYSTEM,
        "source_id": one.key,
    }


class _Holdings:
    """Who holds the leads of a judgement."""

    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement
        self.places = {key: place for place, key in enumerate(judgement.log.keys)}

    def of(self, lead: str) -> _Holding | None:
        """The holding of a lead; None where it is in no pass now."""
        log, stories = self.judgement.log, self.judgement.stories
        place = self.places[lead]
        line = stories.table[place]
        if line[col.T_STANDING] != col.IN:
            return None
        pass_, owner = int(line[col.T_PASS]), int(line[col.T_OWNER])
        rows = np.arange(log.starts[place], log.starts[place + 1])
        given = rows[np.isin(log.kind[rows], (HANDED_OVER, ASSIGNED)) & (log.who[rows] >= 0)]
        given = given[stories.pass_of[given] == pass_]
        by_itself = [
            row
            for row in given[log.kind[given] == ASSIGNED]
            if log.systems[log.source[row]] == SYSTEM
        ]
        had = frozenset(log.people[number] for number in set(log.who[given].tolist()))
        return _Holding(pass_, log.people[owner] if owner >= 0 else "", had, len(by_itself))
