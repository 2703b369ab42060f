"""Colleagues: the instants at which what one lead did may let others of its company qualify."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.conditions import All, Any_, Bounds, Did, Not
from leadpact.agreement.model import Agreement
from leadpact.compiled import compiled
from leadpact.log import Log
from leadpact.score.conditions import HUNDREDTHS, points_of
from leadpact.score.decay import hundredths, table
from leadpact.score.rules import EMPTY, SHARES, Rules, rules_of, subjects_of
from leadpact.score.sweep import Engagements, Sums, engaged, points_at
from leadpact.score.weighing import companies, engagements, sums

Ints = NDArray[np.int64]

MOST_TOGETHER = 200
"""In a company with more leads than this, what one of them does lets no other one qualify; on the desk
it counts for no other one at all."""
_SKIPPED = -1
_ROOM = 4_096


@dataclass(frozen=True, eq=False)
class Stirred:
    """Leads at instants (µs) at which a colleague did something that may count; `row` is the first
    row of what was done then."""

    lead: Ints
    at: Ints
    row: Ints


def stirred(agreement: Agreement, log: Log, stage: str) -> Stirred:
    """When what colleagues did may change whether leads qualify as a stage.

    As long as the interest of a lead stays between the same two numbers that the agreement asks for,
    it changes nothing.
    """
    clause = agreement.qualification or EMPTY
    asked = [one for one in (clause.qualifies.get(stage), clause.disqualifies) if one]
    edges = {edge for one in asked for edge in _edges(one)}
    subjects = subjects_of(log)
    rules = rules_of(clause, subjects.names)
    scored = (np.diff(rules.first) > 0)[subjects.code]
    if not edges or not rules.share or not scored.any():
        return Stirred(*(np.zeros(0, np.int64),) * 3)
    falls = all(rule.points >= 0 for rule in clause.interest)
    looks = _Looks(falls, any(map(expires, [*asked, *(rule.when for rule in clause.fit)])))
    rows = np.flatnonzero(scored) if looks.falls else np.arange(len(log))
    edges |= {edge - clause.hysteresis * HUNDREDTHS for edge in edges}
    company, slot, member = companies(log)
    rows, found = engagements(log, rows, subjects.code, company, slot, member)
    found = found._replace(own=found.own & scored[rows])
    engagement, place = _crossings(found, rules, np.array(sorted(edges), np.int64), looks)
    members = np.lexsort((slot, company))
    begins = np.cumsum(found.sizes) - found.sizes
    lead = members[begins[company[log.lead[rows[engagement]]]] + place]
    return Stirred(lead, found.at[engagement], rows[engagement])


def _edges(condition: Any) -> Iterator[int]:
    """The hundredths of interest from which on a condition may be answered otherwise."""
    if isinstance(condition, All | Any_):
        for part in condition.all if isinstance(condition, All) else condition.any:
            yield from _edges(part)
    elif isinstance(condition, Not):
        yield from _edges(condition.not_)
    elif not isinstance(condition, Did) and "interest" in condition.fields:
        yield from _edges_of(condition.fields["interest"])


def _edges_of(test: Any) -> Iterator[int]:
    words = (test.in_ or ()) if isinstance(test, Bounds) else test
    for points in map(points_of, words):
        yield from () if points is None else (points, points + 1)
    if isinstance(test, Bounds) and test.at_least is not None:
        yield int(-(-Fraction(test.at_least) * HUNDREDTHS // 1))
    if isinstance(test, Bounds) and test.at_most is not None:
        yield int(Fraction(test.at_most) * HUNDREDTHS // 1) + 1


class _Looks(NamedTuple):
    """How to look: whether interest only falls by itself, so that who is far from qualifying needs no
    look; whether answers change by themselves, so that all that is done needs one."""

    falls: bool
    always: bool


def expires(condition: Any) -> bool:
    """Whether a condition may be answered otherwise only because time passed."""
    if isinstance(condition, All | Any_):
        parts = condition.all if isinstance(condition, All) else condition.any
        return any(map(expires, parts))
    if isinstance(condition, Not):
        return expires(condition.not_)
    return isinstance(condition, Did) and condition.within is not None


class _Room(NamedTuple):
    """Room for the leads of a company: the band in which the interest of each was seen last, the most
    it can have now, and the band just before."""

    band: Ints
    most: Ints
    before: Ints


def _crossings(found: Engagements, rules: Rules, edges: Ints, looks: _Looks) -> tuple[Ints, Ints]:
    """Engagements, and the places in their companies of the leads that they may change."""
    size = min(int(found.sizes.max(initial=0)), MOST_TOGETHER)
    room = _Room(*(np.zeros(size, np.int64) for _part in _Room._fields))
    work, powers, parts = sums(rules, size), table(), np.zeros((0, 0), np.int64)
    count = _ROOM
    while True:
        out = np.zeros(count, np.int64), np.zeros(count, np.int64)
        count = crossings(found, rules, work, powers, edges, looks, room, parts, *out)
        if count <= len(out[0]):
            return out[0][:count], out[1][:count]


@compiled
def crossings(
    e: Engagements,
    r: Rules,
    s: Sums,
    powers: Ints,
    edges: Ints,
    looks: _Looks,
    room: _Room,
    parts: Ints,
    engagement: Ints,
    place: Ints,
) -> int:
    """Fill in each lead that crosses an edge by what a colleague does, with the first engagement of
    that instant; how many there are, also where there is no room for them."""
    count = 0
    for company in range(len(e.sizes)):
        size = e.sizes[company]
        if size < 2 or size > len(room.band):
            continue
        s.amount[:size] = 0
        s.given[:size] = 0
        s.company[:] = 0
        room.band[:size] = _band(0, edges)
        room.most[:size] = 0
        i = e.starts[company]
        while i < e.starts[company + 1]:
            until, first = _same_instant(e, i, e.starts[company + 1])
            _look_before(e, i, until, size, r, s, powers, edges, looks, room, parts)
            for n in range(i, until):
                engaged(e, n, r, s, powers)
            for slot in range(size):
                before = room.before[slot]
                if first < 0 or before == _SKIPPED:
                    continue
                points = points_at(slot, e.at[i], False, r, s, powers, 0, parts)
                band = _band(points, edges)
                if looks.always or before != room.band[slot] or band != before:
                    if count < len(place):
                        engagement[count] = first
                        place[count] = slot
                    count += 1
                room.band[slot] = band
                room.most[slot] = points
            for n in range(i, until):
                points = points_at(e.slot[n], e.at[n], False, r, s, powers, 0, parts)
                room.band[e.slot[n]] = _band(points, edges)
                room.most[e.slot[n]] = points
            i = until
    return count


@compiled
def _same_instant(e: Engagements, i: int, end: int) -> tuple[int, int]:
    """Behind the last engagement of the same instant; the first that colleagues share (-1: none)."""
    first = -1
    until = i
    while until < end and e.at[until] == e.at[i]:
        if first < 0 and e.own[until]:
            first = until
        until += 1
    return until, first


@compiled
def _look_before(
    e: Engagements,
    i: int,
    until: int,
    size: int,
    r: Rules,
    s: Sums,
    powers: Ints,
    edges: Ints,
    looks: _Looks,
    room: _Room,
    parts: Ints,
) -> None:
    """See in which band each lead is just before an instant; skip who stays below the first edge."""
    added = 0
    for n in range(i, until):
        if e.own[n]:
            for k in range(r.first[e.code[n]], r.first[e.code[n] + 1]):
                added += hundredths(r.points[r.rules[k]])
    added = added * r.share // SHARES + 2
    dust = len(r.points)  # fading rounds each rule apart
    for slot in range(size):
        room.most[slot] += added
        if (
            looks.falls
            and not looks.always
            and room.band[slot] == 0
            and room.most[slot] + dust < edges[0]
        ):
            room.before[slot] = _SKIPPED
        else:
            points = points_at(slot, e.at[i], False, r, s, powers, 0, parts)
            room.before[slot] = _band(points, edges)


@compiled
def _band(points: int, edges: Ints) -> int:
    """How many edges lie at or below some points."""
    band = 0
    for edge in edges:
        if points >= edge:
            band += 1
    return band
