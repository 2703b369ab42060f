"""Entering: who enters a track by its `enter when`."""

from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from leadpact.agreement.conditions import All, Any_, Bounds, Is, Not
from leadpact.agreement.model import Agreement
from leadpact.log import Log
from leadpact.nurture.enrolments import Enrolments
from leadpact.nurture.selling import freed_row, with_sales
from leadpact.nurture.tracks import Bools, Happenings, Ints, Place, in_force
from leadpact.program import Program
from leadpact.program import columns as col
from leadpact.program.masks import mask
from leadpact.story import Stories


class Points(NamedTuple):
    """Fit and interest of a lead after each row of a log, in hundredths of a point."""

    fit: Ints
    interest: Ints


class Entry(NamedTuple):
    """A lead (its number) that enters a track by rule, the version that says so, and the fact by which
    the condition came to hold or sales let go."""

    lead: int
    track: str
    version: int
    row: int


def entering(
    stories: Stories, known: Enrolments, now: int, points: Points | None = None
) -> list[Entry]:
    """The leads that enter a track now by the `enter when` of the version in force.

    The condition is looked at as facts happen, with what is known then; it counts again once it has
    ceased to hold. Nobody enters who is in a track, whom sales works on, who must not be contacted,
    who left or was in that track since the condition holds, or whom its `leave when` would let go at
    once. Of several tracks the first of the agreement takes the lead.
    """
    program = stories.program
    if not any(_has_rules(one.agreement) for one in program.versions):
        return []
    version = in_force(program, np.array([now]))[0]
    agreed = program.versions[int(version)].agreement
    free = _free(stories, known)
    found = []
    for name, track in agreed.nurture.items():
        if track.enter_when is None or not free.any():
            continue
        cause = _cause(stories, known, Place(int(version), name, track), points)
        chosen = np.flatnonzero(free & (cause >= 0))
        found += [Entry(int(n), name, int(version), int(cause[n])) for n in chosen]
        free[chosen] = False
    return sorted(found)


def _has_rules(agreement: Agreement) -> bool:
    """Whether leads enter any track by themselves."""
    return any(track.enter_when is not None for track in agreement.nurture.values())


def begins(program: Program, entry: Entry) -> int:
    """From when on the version that says so is in force (µs): what came before doesn't enter by it."""
    return program.versions[entry.version].begins


def _free(stories: Stories, known: Enrolments) -> Bools:
    """The leads that may enter a track by rule."""
    standing = stories.table[:, col.T_STANDING]
    _freed, working = with_sales(stories, np.arange(len(stories.table)))
    return np.isin(standing, (col.IN, col.OUT, col.LOST)) & ~working & (known.current < 0)


def _cause(stories: Stories, known: Enrolments, place: Place, points: Points | None) -> Ints:
    """By lead, the fact since which it belongs into a track by its condition; -1: it doesn't."""
    log, program = stories.log, stories.program
    zone = program.versions[place.version].agreement.zone
    assert place.track is not None
    truth = _holds(place.track.enter_when, log, zone, points)
    first = np.zeros(len(log), np.bool_)
    first[log.starts[:-1][np.diff(log.starts) > 0]] = True
    fails = np.flatnonzero(~truth)
    last = log.starts[1:] - 1
    holds = (np.diff(log.starts) > 0) & truth[np.maximum(last, 0)]
    failed = np.append(-1, fails)[np.searchsorted(fails, last, "right")]
    cause = np.maximum(failed + 1, log.starts[:-1])
    kept_out = barred(stories, known, place)
    return np.where(holds & (kept_out < cause), np.maximum(cause, freed_row(stories)), -1)


def barred(stories: Stories, known: Enrolments, place: Place) -> Ints:
    """By lead, the last fact after which only a condition that holds anew lets it into a track."""
    log = stories.log
    found = np.full(len(stories.table), -1, np.int64)
    assert place.track is not None
    numbers = {name: n for n, name in enumerate(place.track.leave_when)}
    ends = Happenings(log).words(stories.program, place.version, numbers)
    np.maximum.at(found, log.lead, np.where(ends >= 0, np.arange(len(log)), -1))
    names = np.array([one.name == place.name for one in known.places], np.bool_)
    own = names[known.place] if len(known) else np.zeros(0, np.bool_)
    np.maximum.at(found, known.lead[own], known.row[own])
    np.maximum.at(found, known.lead[own], known.left_row[own])
    return np.where(_is_where_it_leaves(stories, place), len(log), found)


def _is_where_it_leaves(stories: Stories, place: Place) -> Bools:
    """The leads that are, in their present pass, in a stage at which the track is left."""
    assert place.track is not None
    names = stories.program.versions[place.version].names
    stages = [names.number[name] for name in place.track.leave_when if name in names.number]
    table = stories.table
    if not stages:
        return np.zeros(len(table), np.bool_)
    is_in: Bools = table[:, col.T_STANDING] == col.IN
    return is_in & (table[:, col.T_STAGE] >= min(stages))


def _holds(condition: Any, log: Log, zone: str, points: Points | None) -> Bools:
    """Where a condition holds; fit and interest by these points, where they are given."""
    if points is None:
        return mask(condition, log, zone)
    if isinstance(condition, All):
        return _every([_holds(part, log, zone, points) for part in condition.all])
    if isinstance(condition, Any_):
        return ~_every([~_holds(part, log, zone, points) for part in condition.any])
    if isinstance(condition, Not):
        return ~_holds(condition.not_, log, zone, points)
    if not isinstance(condition, Is):
        return mask(condition, log, zone)
    found = np.ones(len(log), np.bool_)
    for name, test in condition.fields.items():
        if name in ("fit", "interest") and isinstance(test, Bounds):
            found &= _within(test, points.fit if name == "fit" else points.interest)
        else:
            found &= mask(Is(fields={name: test}), log, zone)
    return found


def _every(parts: list[Bools]) -> Bools:
    whole: Bools = np.logical_and.reduce(parts)
    return whole


def _within(test: Bounds, points: Ints) -> Bools:
    low, high = test.at_least, test.at_most
    found = np.ones(len(points), np.bool_)
    if low is not None:
        found &= points >= int((Decimal(low) * 100).to_integral_value(rounding="ROUND_CEILING"))
    if high is not None:
        found &= points <= int((Decimal(high) * 100).to_integral_value(rounding="ROUND_FLOOR"))
    return found
