"""Factors: what the score of a lead is the sum of."""

from __future__ import annotations

from collections.abc import Iterator

from leadpact.agreement.demand import Qualification
from leadpact.agreement.model import Agreement
from leadpact.log import Log
from leadpact.score.conditions import HUNDREDTHS
from leadpact.score.moments import ends
from leadpact.score.result import Explained, Factor
from leadpact.score.rules import EMPTY, groups_of, subjects_of
from leadpact.score.scoring import grades
from leadpact.score.sweep import CUT, RAW
from leadpact.score.weighing import Weighed, weighed, within

AXES = ("fit", "interest")


def factors(agreement: Agreement, log: Log, lead: str, at: int) -> Explained:
    """The score of a lead (its key) at an instant (µs UTC), and what it is the sum of."""
    clause = agreement.qualification or EMPTY
    seen = log.as_of(at)
    rows = seen.lead_rows(lead)
    if rows.start == rows.stop:
        return Explained(0, 0, "", disqualified=False, factors=())
    found = weighed(agreement, within(ends(seen, at), int(seen.lead[rows.start])), parts=True)
    told: list[Factor] = []
    for axis in AXES:
        row = int(found.by_hand[axis][0])
        if row >= 0:
            told.append(_by_hand(seen, axis, row, int(getattr(found, axis)[0])))
        elif axis == "fit":
            told += _fit(clause, found)
        else:
            told += _interest(clause, found, seen, rows)
    barred = clause.disqualifies is not None and bool(found.known.truth(clause.disqualifies)[0])
    return Explained(
        fit=int(found.fit[0]),
        interest=int(found.interest[0]),
        grade=str(grades(clause.grades, found.fit, found.interest)[0]),
        disqualified=barred,
        factors=tuple(factor for factor in told if factor.points),
    )


def _by_hand(log: Log, axis: str, row: int, points: int) -> Factor:
    fact = next(log.facts([row]))
    by, why = str(fact.get("by", "")), str(fact.get("why", ""))
    return Factor(axis, "by hand", points, name=by, last_at=int(log.at[row]), why=why)


def _fit(clause: Qualification, found: Weighed) -> Iterator[Factor]:
    for place, (rule, holds) in enumerate(zip(clause.fit, found.truth, strict=True)):
        if holds[0]:
            yield Factor("fit", "rule", rule.points * HUNDREDTHS, rule=place)
    for name in groups_of(clause.fit):
        yield Factor("fit", "group cap", int(found.cuts[name][0]), name=name)
    yield Factor("fit", "cap", int(found.cuts[None][0]))


def _interest(clause: Qualification, found: Weighed, log: Log, rows: slice) -> Iterator[Factor]:
    parts = [int(part) for part in found.parts[0]]
    seen = range(rows.start, int(found.known.moments.row[0]) + 1)
    subjects = subjects_of(log)
    code, at = subjects.code[seen.start : seen.stop], log.at[seen.start : seen.stop]
    for place, rule in enumerate(clause.interest):
        done = at[[subjects.names[c] == rule.did for c in code.tolist()]]
        last = int(done[-1]) if len(done) else None
        raw, cut = parts[3 * place + RAW], parts[3 * place + CUT]
        yield Factor("interest", "rule", raw, rule.did, place, len(done), last)
        yield Factor("interest", "rule cap", cut, rule.did, place)
    groups = groups_of(clause.interest)
    rest = parts[3 * len(clause.interest) :]
    for name, cut in zip(groups, rest, strict=False):
        yield Factor("interest", "group cap", cut, name=name)
    shared, kept, whole = rest[len(groups) :]
    yield Factor("interest", "account", shared)
    yield Factor("interest", "account cap", kept)
    yield Factor("interest", "cap", whole)
