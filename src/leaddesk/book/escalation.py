"""Escalation: a lead changes hands when its owner lets too much of the time pass.

The ladder of an agreement tells the manager first and then gives the lead to somebody else. Who
that is follows from the people, their hours and what they owe already; it is the same whoever
works it out, and many leads at once are spread evenly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from leaddesk.book.codec import Row, row_of
from leaddesk.book.rota import note_given
from leaddesk.book.routing import relief
from leaddesk.book.rules import Rules
from leadpact.clock import to_datetime
from leadpact.facts import ASSIGNED, HANDED_OVER, REJECTED
from leadpact.judge import Judgement
from leadpact.notices import Notice
from leadpact.program import columns as col
from leadpact.route import Decision, Rota
from leadpact.rulings import SYSTEM

TO_MANAGER = "manager"


@dataclass(frozen=True)
class _Holding:
    """Who owns a lead in its present pass, who did or rejected it just before, and how often it changed
    hands by itself."""

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
    rota = relief(workspace, rules, now)
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
            found = _next(rota, rules, holding, one)
            chosen[one.lead] = found.owner if found else None
            if found is not None and found.owner is not None:
                rows.append(row_of(_fact(one, found, now), now))
        told.append(replace(one, to=chosen[one.lead] or TO_MANAGER))
    return rows, told


def _next(rota: Rota, rules: Rules, holding: _Holding, one: Notice) -> Decision | None:
    """Who takes the lead; None where it changed hands so often that it is a matter for the manager."""
    if holding.times >= rota.route.reassign_at_most:
        return None
    sides = (row.side for row in rules.program.rows if row.promise == one.promise)
    found = rota.relieved(one.lead, holding.owner, holding.had, next(sides, ""))
    note_given([found])
    return found


def _fact(one: Notice, found: Decision, now: int) -> dict[str, str]:
    share = "" if one.at is None else f"{float(one.at * 100):g}% of the time"
    return {
        "lead": one.lead,
        "kind": "assigned",
        "occurred_at": to_datetime(now).isoformat(),
        "owner": found.owner or "",
        "reason": "escalated",
        "why": f"{one.promise}: {share} passed without an answer",
        "route": found.text(),
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
        refused = rows[(log.kind[rows] == REJECTED) & (log.who[rows] >= 0)]
        refused = refused[stories.pass_of[refused] == pass_ - 1]
        whom = {*log.who[given].tolist(), *log.who[refused].tolist()}
        had = frozenset(log.people[number] for number in whom)
        return _Holding(pass_, log.people[owner] if owner >= 0 else "", had, len(by_itself))
