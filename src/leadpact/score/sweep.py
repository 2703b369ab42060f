"""Sweep: one loop over engagements and moments that keeps fading sums, and what they come to.

Leads go by in *companies*: those of one account together where the interest of colleagues counts,
each alone otherwise. Within a company engagements and moments go by in the order of time.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.compiled import compiled
from leadpact.score.decay import MOST, faded, hundredths
from leadpact.score.rules import FREE, SHARES, Rules

Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Bools = NDArray[np.bool_]


class Engagements(NamedTuple):
    """What leads did: by company (`starts`; `sizes` leads), the lead's place in it, when, what;
    `own` is what the lead did itself, not its account."""

    sizes: Ints
    starts: Ints
    slot: Codes
    at: Ints
    code: Codes
    own: Bools


class Asked(NamedTuple):
    """The moments: by company, the lead's place in it, when; `before` leaves out what happens then.
    `place` is where the answer goes, `alone` a lead that no colleagues count for."""

    starts: Ints
    slot: Codes
    at: Ints
    before: Bools
    place: Ints
    alone: Bools


class Sums(NamedTuple):
    """The sums at work: each lead's amount of each rule and when it was told, likewise what it did
    itself (`given`), and all that the company did (one row); points by group."""

    amount: Ints
    since: Ints
    given: Ints
    given_since: Ints
    company: Ints
    company_since: Ints
    groups: Ints


RAW, CUT, COLLEAGUES = 0, 1, 2


@compiled
def interest(
    e: Engagements, m: Asked, r: Rules, s: Sums, powers: Ints, out: Ints, parts: Ints
) -> None:
    """The interest at each moment, in hundredths of a point.

    Where `parts` has room for each moment, also what it is made of: per rule its points, what its
    cap took and the points of colleagues; then what the cap of each group took; then what
    colleagues gave, what its cap took, and what the cap of the whole took.
    """
    for company in range(len(m.starts) - 1):
        s.amount[: e.sizes[company]] = 0
        s.given[: e.sizes[company]] = 0
        s.company[:] = 0
        i = e.starts[company]
        end = e.starts[company + 1]
        for j in range(m.starts[company], m.starts[company + 1]):
            t = m.at[j]
            while i < end and (e.at[i] < t or (e.at[i] == t and not m.before[j])):
                engaged(e, i, r, s, powers)
                i += 1
            slot, alone, place = m.slot[j], m.alone[j], m.place[j]
            out[place] = points_at(slot, t, alone, r, s, powers, place, parts)


@compiled
def engaged(e: Engagements, i: int, r: Rules, s: Sums, powers: Ints) -> None:
    """Add what an engagement gives to the sums at work."""
    code = e.code[i]
    for k in range(r.first[code], r.first[code + 1]):
        rule = r.rules[k]
        _add(s.amount, s.since, e.slot[i], rule, e.at[i], r, powers)
        if r.share and e.own[i]:
            _add(s.given, s.given_since, e.slot[i], rule, e.at[i], r, powers)
            _add(s.company, s.company_since, 0, rule, e.at[i], r, powers)


@compiled
def _add(amount: Ints, since: Ints, row: int, rule: int, t: int, r: Rules, powers: Ints) -> None:
    left = faded(amount[row, rule], t - since[row, rule], r.half[rule], powers)
    amount[row, rule] = min(left + r.points[rule], MOST)
    since[row, rule] = t


@compiled
def points_at(
    slot: int, t: int, alone: bool, r: Rules, s: Sums, powers: Ints, place: int, parts: Ints
) -> int:
    """The interest of a lead of the company at an instant, in hundredths of a point."""
    rules, groups = len(r.points), len(r.group_cap)
    told = len(parts) > 0
    s.groups[:] = 0
    total = 0
    others = 0
    for rule in range(rules):
        amount = s.amount[slot, rule]
        if amount:
            left = faded(amount, t - s.since[slot, rule], r.half[rule], powers)
            points = hundredths(left)
            held = min(points, r.cap[rule]) * r.sign[rule]
            if told:
                parts[place, 3 * rule + RAW] = points * r.sign[rule]
                parts[place, 3 * rule + CUT] = held - points * r.sign[rule]
            if r.group[rule] < 0:
                total += held
            else:
                s.groups[r.group[rule]] += held
        if r.share and not alone and s.company[0, rule]:
            given = _of_colleagues(slot, rule, t, r, s, powers) * r.sign[rule]
            others += given
            if told:
                parts[place, 3 * rule + COLLEAGUES] = given
    for group in range(groups):
        kept = capped(s.groups[group], r.group_cap[group])
        total += kept
        if told:
            parts[place, 3 * rules + group] = kept - s.groups[group]
    shared = (others * r.share + SHARES // 2) // SHARES
    kept = capped(shared, r.share_cap)
    whole = capped(total + kept, r.whole_cap)
    if told:
        last = 3 * rules + groups
        parts[place, last] = shared
        parts[place, last + 1] = kept - shared
        parts[place, last + 2] = whole - total - kept
    return whole


@compiled
def _of_colleagues(slot: int, rule: int, t: int, r: Rules, s: Sums, powers: Ints) -> int:
    """What the others of the company did, within the cap of the rule; without its sign."""
    half = r.half[rule]
    every = faded(s.company[0, rule], t - s.company_since[0, rule], half, powers)
    given = faded(s.given[slot, rule], t - s.given_since[slot, rule], half, powers)
    points = hundredths(max(every - given, 0))
    return points if points < r.cap[rule] else int(r.cap[rule])


@compiled
def capped(points: int, cap: int) -> int:
    """Points within a cap; one below zero holds what is taken off."""
    if cap == FREE:
        return points
    return min(points, cap) if cap >= 0 else max(points, cap)
