"""Deliveries: what volume promises delivered in each period, against what was owed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np

from leadpact.agreement.promises import Volume
from leadpact.clock import Clock
from leadpact.figure import Exact, exact_text
from leadpact.measure.judged import Entries, Evidence, Ints, Judged, evidence
from leadpact.measure.periods import Period, periods
from leadpact.measure.quotas import Due, Quotas
from leadpact.plan.tolerance import Band, band
from leadpact.units import rounded
from leadpact.words import _

State = Literal["under", "within", "over"]


@dataclass(frozen=True, slots=True)
class Pace:
    """Where a period should stand by now: its target times the share of working time that is over.

    `elapsed` is that share; `state` on which side of the band the result is today.
    """

    elapsed: Fraction
    expected: Exact
    low: Exact
    high: Exact
    state: State
    ratio: Fraction | None

    def to_json(self) -> dict[str, Any]:
        """The pace in its JSON form."""
        return {
            "elapsed": exact_text(self.elapsed),
            "expected": exact_text(self.expected),
            "low": exact_text(self.low),
            "high": exact_text(self.high),
            "state": self.state,
            "ratio": None if self.ratio is None else exact_text(self.ratio),
        }


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a volume promise delivered in one period: a count of leads, or their value.

    `target` is None where none can be had, and `reason` says why. `low` to `high` is the band,
    both ends included (whole numbers for counts). `streak` counts the periods in a row, up to this
    one if it is over, that ended on the side `streak_side`. `unvalued` leads have no agreed value.
    """

    promise: str
    side: str
    rep: str | None
    deliver: str
    unit: str
    period: Period
    version: int
    actual: Exact
    target: Exact | None
    low: Exact | None
    high: Exact | None
    at_least: bool
    attainment: Fraction | None
    state: State | None
    pace: Pace | None
    verdict: Literal["open", "kept", "broken", "undeterminable"]
    reason: str | None
    unvalued: int
    streak: int = 0
    streak_side: State | None = None
    flagged: bool = False

    def to_json(self) -> dict[str, Any]:
        """The delivery in its JSON form; whole numbers as ints, others as exact decimal texts."""
        numbers = {
            name: None if value is None else exact_text(value)
            for name, value in (
                ("actual", self.actual),
                ("target", self.target),
                ("low", self.low),
                ("high", self.high),
                ("attainment", self.attainment),
            )
        }
        return {
            "promise": self.promise,
            "side": self.side,
            "rep": self.rep,
            "deliver": self.deliver,
            "unit": self.unit,
            **self.period.to_json(),
            "version": self.version,
            **numbers,
            "at_least": self.at_least,
            "state": self.state,
            "pace": None if self.pace is None else self.pace.to_json(),
            "verdict": self.verdict,
            "reason": self.reason,
            "unvalued": self.unvalued,
            "streak": self.streak,
            "streak_side": self.streak_side,
            "flagged": self.flagged,
        }


def deliveries(judged: Judged | Evidence) -> list[Delivery]:
    """What every volume promise delivered: by promise, rep where it says so, and period."""
    found = evidence(judged)
    listed = [
        delivery
        for version, agreed in enumerate(found.program.versions)
        for name, (side, clause) in agreed.agreement.promised().items()
        if isinstance(clause, Volume)
        for delivery in _of_promise(found, _Promise(version, side, name, clause))
    ]
    return _with_streaks(found, listed)


class _Promise(NamedTuple):
    version: int
    side: str
    name: str
    clause: Volume


def _of_promise(found: Evidence, promise: _Promise) -> Iterator[Delivery]:
    spans = periods(found.program, promise.version, promise.clause.each, found.now)
    if not spans:
        return
    quotas = Quotas(found.program.versions[promise.version].agreement)
    entries = _entries(found, promise)
    where = place_in(spans, found.log.at[entries.rows])
    for number, span in enumerate(spans):
        inside = Entries(*(part[where == number] for part in entries))
        for rep, chosen in _shares(found, promise, span, inside):
            due = quotas.due(promise.clause, span, rep, _team(found, promise, span))
            yield _delivery(
                found, promise, span, rep, due, *_actual(found, promise, chosen, quotas, span)
            )


def entries_of(found: Evidence, version: int, name: str) -> Entries:
    """What a volume promise of a version counts, of all time: what every delivery is a part of."""
    side, clause = found.program.versions[version].agreement.promised()[name]
    if not isinstance(clause, Volume):
        raise TypeError(name)
    return _entries(found, _Promise(version, side, name, clause))


def _entries(found: Evidence, promise: _Promise) -> Entries:
    """When leads entered the stage, where the promise covers them."""
    entries = found.entries(promise.clause.stage)
    holds = found.holds(promise.version, promise.clause.for_)[entries.rows]
    return Entries(*(part[holds] for part in entries))


def place_in(spans: Sequence[Period], at: Ints) -> Ints:
    """The place of the period that each instant lies in; -1 for none."""
    begins = np.array([span.begins for span in spans], np.int64)
    ends = np.array([span.ends for span in spans], np.int64)
    found = np.searchsorted(begins, at, "right") - 1
    return np.where((found >= 0) & (at < ends[found]), found, -1)


def _team(found: Evidence, promise: _Promise, span: Period) -> tuple[str, ...]:
    return found.reps(promise.version, promise.side, span.first, span.last)


def _shares(
    found: Evidence, promise: _Promise, span: Period, entries: Entries
) -> Iterator[tuple[str | None, Entries]]:
    """The whole; or, per rep, each one's part, and that of others who delivered something."""
    if promise.clause.per is None:
        yield None, entries
        return
    people = found.log.people
    counts = np.bincount(entries.owners[entries.owners >= 0], minlength=len(people))
    delivered = [people[place] for place in np.flatnonzero(counts).tolist()]
    for rep in dict.fromkeys((*_team(found, promise, span), *delivered)):
        own = entries.owners == (people.index(rep) if rep in people else -2)
        yield rep, Entries(*(part[own] for part in entries))


def _actual(
    found: Evidence, promise: _Promise, entries: Entries, quotas: Quotas, span: Period
) -> tuple[Exact, int]:
    """How many leads entered, or what they are worth; and how many have no agreed value."""
    if not promise.clause.in_value:
        return len(entries.rows), 0
    types, type_words = found.lead_type
    streams, stream_words = found.known("stream")
    pairs = np.stack([types[entries.rows], streams[entries.rows]])
    kinds, counts = np.unique(pairs, axis=1, return_counts=True)
    total, unvalued = Fraction(0), 0
    for (kind, stream), count in zip(kinds.T.tolist(), counts.tolist(), strict=True):
        worth = quotas.worth(
            promise.clause.stage,
            type_words[kind] if kind >= 0 else None,
            stream_words[stream] if stream >= 0 else None,
            span.first,
        )
        total += count * (worth or 0)
        unvalued += count if worth is None else 0
    return total, unvalued


def _delivery(
    found: Evidence,
    promise: _Promise,
    span: Period,
    rep: str | None,
    due: Due,
    actual: Exact,
    unvalued: int,
) -> Delivery:
    clause = promise.clause
    agreement = found.program.versions[promise.version].agreement
    room = None if due.target is None else band(due.target, clause.tolerance)
    closed = found.now >= span.ends
    state = None if room is None else room.state(actual)
    low, high = (None, None) if room is None else _ends(room, clause)
    return Delivery(
        promise.name,
        promise.side,
        rep,
        clause.deliver,
        agreement.currency if clause.in_value else _("leads"),
        span,
        agreement.version,
        actual,
        due.target,
        low,
        None if clause.at_least else high,
        clause.at_least,
        Fraction(actual) / Fraction(due.target) if due.target else None,
        state if closed else None,
        None if room is None or closed else _pace(found, promise, span, room, actual),
        _verdict(closed, state, clause),
        due.reason,
        unvalued,
    )


def _ends(room: Band, clause: Volume) -> tuple[Exact, Exact]:
    """The ends of the band as they are shown: whole numbers for counts."""
    return (room.low, room.high) if clause.in_value else room.whole


def _verdict(
    closed: bool, state: State | None, clause: Volume
) -> Literal["open", "kept", "broken", "undeterminable"]:
    if state is None:
        return "undeterminable"
    if not closed:
        return "open"
    good = state == "within" or (state == "over" and clause.at_least)
    return "kept" if good else "broken"


def _pace(found: Evidence, promise: _Promise, span: Period, room: Band, actual: Exact) -> Pace:
    """KM3: actual ÷ (goal × working time gone ÷ working time of the period)."""
    gone = elapsed_share(found, promise.version, span)
    exact = Band(room.planned * gone, room.low * gone, room.high * gone)
    low, high = _ends(exact, promise.clause)
    money = promise.clause.in_value
    return Pace(
        gone,
        rounded(exact.planned, 2) if money else int(rounded(exact.planned, 0)),
        low,
        high,
        exact.state(actual),
        Fraction(actual) / exact.planned if exact.planned else None,
    )


def elapsed_share(found: Evidence, version: int, span: Period) -> Fraction:
    """The part of a period's working time that is over, by the agreement's first calendar.

    A period without working time goes by the time that elapses.
    """
    now = min(max(found.now, span.begins), span.ends)
    clock = Clock(found.program.usual(found.program.versions[version]))
    total = clock.between(span.begins, span.ends)
    if total:
        return Fraction(clock.between(span.begins, now), total)
    return Fraction(now - span.begins, span.ends - span.begins)


def _with_streaks(found: Evidence, listed: Sequence[Delivery]) -> list[Delivery]:
    """The deliveries with how many periods in a row, up to each, ended on one side."""
    runs: dict[tuple[str, str | None], list[State | None]] = {}
    flagged = []
    for one in listed:
        past = runs.setdefault((one.promise, one.rep), [])
        if found.now >= one.period.ends:
            past.append(one.state)
        side, length = _run(past)
        clause = found.program.versions[one.period.version].agreement.promised()[one.promise][1]
        flagged.append(replace(one, streak=length, streak_side=side, flagged=_flag(clause, past)))
    return flagged


def _run(past: Sequence[State | None]) -> tuple[State | None, int]:
    """The side of the last periods, if they were off it, and how many in a row were."""
    last = past[-1] if past else None
    if last not in ("under", "over"):
        return None, 0
    length = next((n for n, state in enumerate(reversed(past)) if state != last), len(past))
    return last, length


def _flag(clause: Volume, past: Sequence[State | None]) -> bool:
    flag = clause.flag
    if flag is None or len(past) < flag.periods:
        return False
    sides = ("under", "over") if flag.side == "out" else (flag.side,)
    return all(state in sides for state in past[-flag.periods :])
