"""Scoring: the score of every lead at an instant, and when it came to qualify."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.demand import Grades
from leadpact.agreement.model import Agreement
from leadpact.log import Log
from leadpact.program.masks import deeds
from leadpact.score.colleagues import Stirred, stirred
from leadpact.score.conditions import HUNDREDTHS, Known
from leadpact.score.moments import Bools, Ints, Moments, Number, and_at, ends, happenings
from leadpact.score.result import Rises, Scores
from leadpact.score.rules import EMPTY, subjects_of
from leadpact.score.weighing import weighed


def scores(agreement: Agreement, log: Log, at: int | Ints | None = None) -> Scores:
    """The score of each lead of the log at an instant (µs UTC), or each at one of its own.

    Without `at`: as of the last fact of the log. A lead of which nothing has happened by then has
    no points and no grade.
    """
    latest = _latest(log) if at is None else int(np.max(at, initial=0))
    seen = log.as_of(latest)
    place = _places(seen, log)
    instants = np.full(len(log.leads), latest, np.int64) if at is None else np.asarray(at, np.int64)
    own = instants if instants.ndim == 0 else instants[place]
    moments = ends(seen, own)
    found = weighed(agreement, moments)
    clause = agreement.qualification or EMPTY
    there = moments.row >= 0
    grade = grades(clause.grades, found.fit, found.interest)
    return Scores(
        fit=_laid(np.where(there, found.fit, 0), place, log),
        interest=_laid(np.where(there, found.interest, 0), place, log),
        grade=_laid(np.where(there, grade, np.str_("")), place, log),
        disqualified=_laid(there & _disqualified(agreement, found.known), place, log),
    )


def _latest(log: Log) -> int:
    """The instant of the last fact of a log."""
    accounts = log.accounts
    return max(int(log.at.max(initial=0)), 0 if accounts is None else _latest(accounts))


def _places(seen: Log, log: Log) -> Ints:
    """Where the leads of one log stand in another that has them all."""
    if len(seen.leads) == len(log.leads):
        return np.arange(len(log.leads))
    import pyarrow.compute as pc

    places: Ints = pc.index_in(seen.leads, log.leads).to_numpy(zero_copy_only=False)
    return places.astype(np.int64)


def _laid(values: NDArray[Number], place: Ints, log: Log) -> NDArray[Number]:
    if len(values) == len(log.leads):
        return values
    column = np.zeros(len(log.leads), values.dtype)
    column[place] = values
    return column


def grades(grid: Grades | None, fit: Ints, interest: Ints) -> NDArray[np.str_]:
    """The grade of each pair of scores: a letter for fit, a digit for interest; "" without a grid."""
    if grid is None:
        return np.full(len(fit), "", "U2")
    letter = sum((fit < points * HUNDREDTHS).astype(np.int64) for points in grid.fit)
    digit = sum((interest < points * HUNDREDTHS).astype(np.int64) for points in grid.interest)
    return np.array([f"{one}{two}" for one in "ABC" for two in "123"], "U2")[letter * 3 + digit]


def _disqualified(agreement: Agreement, known: Known) -> Bools:
    rule = (agreement.qualification or EMPTY).disqualifies
    return np.zeros(len(known.moments), np.bool_) if rule is None else known.truth(rule)


def rises(agreement: Agreement, log: Log, stage: str) -> Rises:
    """Each moment at which a lead came to qualify as a stage, as the whole log tells it.

    A lead is looked at whenever something happens to it, or a colleague does something that gives
    points, with all that happens at that instant. It rises where the rule holds and it isn't
    disqualified; then again only after the rule would have failed even with the points of
    `hysteresis` added. For the stage of the handoff each act that hands over at once lets it rise
    whatever the rule says, unless the lead is disqualified. It rises once at an instant.
    """
    seen = log.as_of(_latest(log))
    by = stirred(agreement, seen, stage)
    moments = and_at(happenings(seen), by.lead, by.at)
    found = weighed(agreement, moments)
    barred = _disqualified(agreement, found.known)
    acts = _acts(agreement, seen, stage, moments, barred)
    by_rule = _came_to_hold(agreement, found.known, barred, stage)
    by_rule = by_rule[~np.isin(by_rule, acts.moment)]
    moment = np.concatenate([acts.moment, by_rule])
    row = np.concatenate([acts.row, _causes(moments, by_rule, by)])
    trigger = [*acts.name, *([stage] * len(by_rule))]
    order = np.lexsort((row, moment))
    _moments, first = np.unique(moment[order], return_index=True)
    order = order[first]
    moment = moment[order]
    return Rises(
        log=seen,
        lead=moments.lead[moment],
        row=row[order],
        at=moments.at[moment],
        fit=found.fit[moment],
        interest=found.interest[moment],
        trigger=[trigger[place] for place in order.tolist()],
    )


def _causes(moments: Moments, chosen: Ints, by: Stirred) -> Ints:
    """The row that made each of some moments: the last of the lead itself then, else what a colleague
    did."""
    row = moments.row[chosen]
    beside = np.flatnonzero(moments.log.at[row] != moments.at[chosen])
    if len(beside):
        known = dict(zip(zip(by.lead.tolist(), by.at.tolist(), strict=True), by.row, strict=True))
        lead, at = moments.lead[chosen[beside]], moments.at[chosen[beside]]
        row[beside] = [known[pair] for pair in zip(lead.tolist(), at.tolist(), strict=True)]
    return row


def _came_to_hold(agreement: Agreement, known: Known, barred: Bools, stage: str) -> Ints:
    """The moments at which the rule of a stage came to hold."""
    clause = agreement.qualification or EMPTY
    rule = clause.qualifies.get(stage)
    moments = known.moments
    if rule is None or not len(moments):
        return np.zeros(0, np.int64)
    holds = known.truth(rule) & ~barred
    fails = ~holds
    if clause.hysteresis:
        fails &= ~known.raised(clause.hysteresis * HUNDREDTHS).truth(rule) | barred
    rising = holds & ~moments.before
    begins = np.insert(moments.lead[1:] != moments.lead[:-1], 0, True)
    # Of the moments since the lead began, or last failed for good, the first that holds.
    since = np.maximum.accumulate(np.where(fails | begins, np.arange(len(moments)), 0))
    held = np.cumsum(rising)
    earlier: Ints = held[since] - rising[since]
    return np.flatnonzero(rising & (held - earlier == 1))


@dataclass(frozen=True, eq=False)
class _Acts:
    moment: Ints
    row: Ints
    name: Sequence[str]


def _acts(agreement: Agreement, log: Log, stage: str, moments: Moments, barred: Bools) -> _Acts:
    """What leads did that hands them over at once: at which moments and rows."""
    handoff = agreement.handoff
    names: tuple[str, ...] = ()
    if handoff is not None and handoff.when == stage:
        own = () if stage in agreement.stages else (stage,)
        names = (*handoff.at_once, *own)
    rows = np.flatnonzero(deeds(log, names))
    if (fanned := log.fields.get("fanned_from")) is not None:
        rows = rows[~np.isin(rows, fanned.rows)]
    after = np.flatnonzero(~moments.before)
    moment = after[np.searchsorted(moments.row[after], rows)] if len(rows) else rows
    free = ~barred[moment]
    rows, moment = rows[free], moment[free]
    subjects = subjects_of(log)
    return _Acts(moment, rows, [subjects.names[code] for code in subjects.code[rows].tolist()])
