"""Weighing: fit and interest of leads at some moments, with what they are made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.demand import Qualification
from leadpact.agreement.model import Agreement
from leadpact.facts import CREATED, MERGED, SCORED, word
from leadpact.log import Log
from leadpact.score.conditions import HUNDREDTHS, Known, points_of
from leadpact.score.decay import table
from leadpact.score.moments import Bools, Ints, Moments
from leadpact.score.rules import EMPTY, FREE, Rules, Subjects, cap, groups_of, rules_of, subjects_of
from leadpact.score.sweep import Asked, Engagements, Sums, interest

RELEASED = FREE
BY_HAND = "by hand"


@dataclass(frozen=True, eq=False)
class Weighed:
    """Scores at moments in hundredths of a point; `by_hand` are the rows of the facts that gave
    them instead of the rules (-1: none), by axis. `parts` are those of `sweep.interest`."""

    known: Known
    fit: Ints
    interest: Ints
    truth: list[Bools]
    cuts: dict[str | None, Ints]
    parts: Ints
    by_hand: dict[str, Ints]


def weighed(agreement: Agreement, moments: Moments, *, parts: bool = False) -> Weighed:
    """The scores of leads at moments; with `parts`, also what each interest is made of."""
    clause = agreement.qualification or EMPTY
    known = Known(moments, agreement.zone)
    truth = [known.truth(rule.when) for rule in clause.fit]
    fit, cuts = _fit(clause, truth, len(moments))
    subjects = subjects_of(moments.log)
    found, told = _interest(moments, subjects, rules_of(clause, subjects.names), parts=parts)
    fit, fit_by = _overridden(moments, "fit", fit)
    found, interest_by = _overridden(moments, "interest", found)
    by_hand = {"fit": fit_by, "interest": interest_by}
    return Weighed(known.scored(fit, found), fit, found, truth, cuts, told, by_hand)


def _fit(
    clause: Qualification, truth: list[Bools], count: int
) -> tuple[Ints, dict[str | None, Ints]]:
    """Fit, and what the cap of each group took, by name, and the cap of fit (None)."""
    names = groups_of(clause.fit)
    sums = {name: np.zeros(count, np.int64) for name in (*names, None)}
    for rule, holds in zip(clause.fit, truth, strict=True):
        sums[rule.group] += holds * np.int64(rule.points * HUNDREDTHS)
    cuts: dict[str | None, Ints] = {}
    for name in names:
        kept = _capped(sums[name], cap(clause, name))
        cuts[name] = kept - sums[name]
        sums[None] += kept
    whole = _capped(sums[None], cap(clause, "fit"))
    cuts[None] = whole - sums[None]
    return whole, cuts


def _capped(points: Ints, most: int) -> Ints:
    if most == FREE:
        return points
    return np.minimum(points, most) if most >= 0 else np.maximum(points, most)


def _interest(
    moments: Moments, subjects: Subjects, rules: Rules, *, parts: bool
) -> tuple[Ints, Ints]:
    log, count = moments.log, len(moments)
    width = 3 * len(rules.points) + len(rules.group_cap) + 3
    out = np.zeros(count, np.int64)
    told = np.zeros((count if parts else 0, width), np.int64)
    scored = np.diff(rules.first) > 0
    rows = np.flatnonzero(scored[subjects.code])
    if not len(rows) or not count:
        return out, told
    company, slot, member = companies(log) if rules.share else _alone(log)
    _rows, engaged = engagements(log, rows, subjects.code, company, slot, member)
    asked = _asked(moments, company, slot, member)
    interest(engaged, asked, rules, sums(rules, int(slot.max()) + 1), table(), out, told)
    return out, told


def sums(rules: Rules, size: int) -> Sums:
    """Room for the sums of a company of so many leads."""
    width, shared = len(rules.points), 1 if rules.share else 0

    def room(leads: int) -> Ints:
        return np.zeros((leads, width), np.int64)

    return Sums(
        amount=room(size),
        since=room(size),
        given=room(size * shared),
        given_since=room(size * shared),
        company=room(shared),
        company_since=room(shared),
        groups=np.zeros(len(rules.group_cap), np.int64),
    )


def _alone(log: Log) -> tuple[Ints, NDArray[np.int32], Bools]:
    count = len(log.leads)
    return np.arange(count), np.zeros(count, np.int32), np.zeros(count, np.bool_)


def companies(log: Log) -> tuple[Ints, NDArray[np.int32], Bools]:
    """Of each lead its company (numbered), its place there, and whether it has colleagues' interest.

    A lead that was merged away lives on in another one: it is nobody's colleague.
    """
    count = len(log.leads)
    code = np.full(count, -1, np.int64)
    if (sparse := log.fields.get("account")) is not None:
        told = log.kind[sparse.rows] == CREATED
        code[log.lead[sparse.rows[told]]] = sparse.codes[told]
    code[log.lead[log.kind == MERGED]] = -1
    member = code >= 0
    code[~member] = int(code.max(initial=-1)) + 1 + np.arange(int((~member).sum()))
    _distinct, company = np.unique(code, return_inverse=True)
    order = np.argsort(company, kind="stable")
    sizes = np.bincount(company)
    slot = np.empty(count, np.int32)
    slot[order] = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return company, slot, member


def engagements(
    log: Log,
    rows: Ints,
    code: NDArray[np.int32],
    company: Ints,
    slot: NDArray[np.int32],
    member: Bools,
) -> tuple[Ints, Engagements]:
    """The rows of what leads did, company by company in the order of time, and what they are."""
    lead = log.lead[rows]
    if member.any():
        rows = rows[np.lexsort((lead, log.at[rows], company[lead]))]
        lead = log.lead[rows]
    own = member[lead]
    if (fanned := log.fields.get("fanned_from")) is not None:
        own &= ~np.isin(rows, fanned.rows)
    sizes, starts = np.bincount(company), _starts(company[lead], company)
    return rows, Engagements(sizes, starts, slot[lead], log.at[rows], code[rows], own)


def _asked(moments: Moments, company: Ints, slot: NDArray[np.int32], member: Bools) -> Asked:
    lead = moments.lead
    place = np.arange(len(moments))
    if member.any():
        place = np.lexsort((lead, ~moments.before, moments.at, company[lead]))
        lead = lead[place]
    return Asked(
        _starts(company[lead], company),
        slot[lead],
        moments.at[place],
        moments.before[place],
        place,
        ~member[lead],
    )


def _starts(ordered: Ints, company: Ints) -> Ints:
    """Where each company begins among rows in the order of companies."""
    counts = np.bincount(ordered, minlength=int(company.max(initial=-1)) + 1)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64, copy=False)


def _overridden(moments: Moments, axis: str, points: Ints) -> tuple[Ints, Ints]:
    """The points of an axis where nobody gave others by hand; the row of who did, else -1."""
    rows, given = _by_hand(moments.log, axis)
    if not len(rows):
        return points, np.full(len(moments), -1, np.int64)
    by = moments.latest(rows, rows, -1)
    value = moments.latest(rows, given, RELEASED)
    standing = value != RELEASED
    return np.where(standing, value, points), np.where(standing, by, -1)


def _by_hand(log: Log, axis: str) -> tuple[Ints, Ints]:
    """The rows that give an axis by hand, with the hundredths of a point that they give."""
    none = np.zeros(0, np.int64)
    model, field = log.fields.get("model"), log.fields.get(axis)
    if model is None or field is None:
        return none, none
    hand = np.array([*(word(text) == BY_HAND for text in model.words), False], np.bool_)
    rows = model.rows[hand[model.codes] & (log.kind[model.rows] == SCORED)]
    codes = field.dense(len(log))[rows] if len(rows) else none
    told = [RELEASED if word(text) == "released" else points_of(text) for text in field.words]
    usable = np.array([*(points is not None for points in told), False], np.bool_)
    values = np.array([*(points or 0 for points in told), 0], np.int64)
    return rows[usable[codes]], values[codes[usable[codes]]]


def within(moments: Moments, lead: int) -> Moments:
    """The moments of one lead."""
    chosen = np.flatnonzero(moments.lead == lead)
    return replace(
        moments,
        lead=moments.lead[chosen],
        row=moments.row[chosen],
        at=moments.at[chosen],
        before=moments.before[chosen],
        last=False,
    )
