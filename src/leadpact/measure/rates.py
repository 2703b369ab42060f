"""Rates: what ratio promises reached, by cohorts, with an interval and a minimum count."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NamedTuple

import numpy as np

from leadpact.agreement.promises import COUNTED, Ratio
from leadpact.clock import same_time
from leadpact.facts import HANDED_OVER
from leadpact.figure import exact_text
from leadpact.measure.deliveries import place_in
from leadpact.measure.figures import Interval, wilson, within
from leadpact.measure.judged import Bools, Evidence, Ints, Judged, evidence
from leadpact.measure.periods import Period, periods, time_to_close
from leadpact.program import columns as col
from leadpact.units import Span
from leadpact.words import _


@dataclass(frozen=True, slots=True)
class Rate:
    """What a ratio promise reached in the cohort of one period.

    `denominator` counts what entered in the period and had the time it needs, `numerator` those
    among it that arrived; `immature` are too young to count, `undecided` are those about which
    nothing is said, `still_open` may yet arrive where `mature after` isn't agreed: leads in the
    funnel for less than the longest agreed time to close (or 30 days).
    """

    promise: str
    side: str
    rep: str | None
    ratio: str
    period: Period
    version: int
    numerator: int
    denominator: int
    immature: int
    undecided: int
    still_open: int
    interval: Interval | None
    at_least: Fraction | None
    at_most: Fraction | None
    minimum_count: int
    verdict: Literal["open", "kept", "broken", "undeterminable"]
    reason: str | None

    @property
    def rate(self) -> Fraction | None:
        """The share; None where nothing was counted."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    def to_json(self) -> dict[str, Any]:
        """The rate in its JSON form; shares as exact decimal texts."""
        shares = {
            name: None if value is None else exact_text(value, 6)
            for name, value in (
                ("rate", self.rate),
                ("at_least", self.at_least),
                ("at_most", self.at_most),
            )
        }
        return {
            "promise": self.promise,
            "side": self.side,
            "rep": self.rep,
            "ratio": self.ratio,
            **self.period.to_json(),
            "version": self.version,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "immature": self.immature,
            "undecided": self.undecided,
            "still_open": self.still_open,
            **shares,
            "interval": None if self.interval is None else self.interval.to_json(),
            "minimum_count": self.minimum_count,
            "verdict": self.verdict,
            "reason": self.reason,
        }


def rates(judged: Judged | Evidence) -> list[Rate]:
    """What every ratio promise reached: by promise, rep where it says so, and period."""
    found = evidence(judged)
    return [
        rate
        for version, agreed in enumerate(found.program.versions)
        for name, (side, clause) in agreed.agreement.promised().items()
        if isinstance(clause, Ratio)
        for rate in _of_promise(found, _Promise(version, side, name, clause))
    ]


class _Promise(NamedTuple):
    version: int
    side: str
    name: str
    clause: Ratio


class Cohorts(NamedTuple):
    """Everything that may count: its lead, when it entered, whose it is, and what became of it."""

    leads: Ints
    at: Ints
    owners: Ints
    arrived: Bools
    immature: Bools
    undecided: Bools
    still_open: Bools


def _of_promise(found: Evidence, promise: _Promise) -> Iterator[Rate]:
    spans = periods(found.program, promise.version, promise.clause.each, found.now)
    if not spans:
        return
    cohorts = _cohorts(found, promise)
    where = place_in(spans, cohorts.at)
    for number, span in enumerate(spans):
        inside = Cohorts(*(part[where == number] for part in cohorts))
        for rep, own in _shares(found, promise, span, inside):
            yield _rate(found, promise, span, rep, own)


def cohorts_of(found: Evidence, version: int, name: str) -> Cohorts:
    """What a ratio promise of a version may count, of all time: what every rate is a part of."""
    side, clause = found.program.versions[version].agreement.promised()[name]
    if not isinstance(clause, Ratio):
        raise TypeError(name)
    return _cohorts(found, _Promise(version, side, name, clause))


def _cohorts(found: Evidence, promise: _Promise) -> Cohorts:
    packets = promise.clause.parts[0] == COUNTED[0]
    return _packets(found, promise) if packets else _passes(found, promise)


def _passes(found: Evidence, promise: _Promise) -> Cohorts:
    """Passes that met the denominator, and whether they met the numerator in time."""
    above, below = promise.clause.parts
    entries = found.entries(below)
    holds = found.holds(promise.version, promise.clause.for_)[entries.rows]
    rows, passes, owners = (part[holds] for part in entries)
    leads, at = found.pass_lead[passes], found.log.at[rows]
    goal = found.entries(above)
    arrivals = np.full(len(found.pass_lead), col.NEVER, np.int64)
    arrivals[goal.passes] = found.log.at[goal.rows]
    arrival = arrivals[passes]
    arrived = (arrival >= at) & (arrival != col.NEVER)
    nothing = np.zeros(len(rows), bool)
    zone = found.program.versions[promise.version].agreement.zone
    if promise.clause.mature_after is None:
        days = time_to_close(found.program.versions[promise.version].agreement)
        young = np.asarray(same_time(at, days, zone)) > found.now
        still_open = ~arrived & young & (found.stories.passes[passes, col.S_STANDING] == col.IN)
        return Cohorts(leads, at, owners, arrived, nothing, nothing, still_open)
    until = later(at, promise.clause.mature_after, zone)
    immature = until > found.now
    return Cohorts(leads, at, owners, arrived & (arrival <= until), immature, nothing, nothing)


def later(at: Ints, span: Span, zone: str) -> Ints:
    """The instants a span of elapsed time later: hours, or days to the same local time."""
    if span.unit == "hours":
        return at + span.micros
    return np.asarray(same_time(at, span.days, zone))


def _packets(found: Evidence, promise: _Promise) -> Cohorts:
    """Handovers, and whether their packet lacked something; undecided where nothing is said."""
    log = found.log
    handed = (log.kind == HANDED_OVER) & ~found.merged[log.lead]
    rows = np.flatnonzero(handed & found.holds(promise.version, promise.clause.for_))
    missing, told = (_has(found, name)[rows] for name in ("missing", "packet"))
    owners = log.who[rows].astype(np.int64)
    silent = ~missing & ~told
    nothing = np.zeros(len(rows), bool)
    leads = log.lead[rows].astype(np.int64)
    return Cohorts(leads, log.at[rows], owners, ~missing & ~silent, nothing, silent, nothing)


def _has(found: Evidence, field: str) -> Bools:
    sparse = found.log.fields.get(field)
    has = np.zeros(len(found.log), bool)
    if sparse is not None:
        has[sparse.rows] = True
    return has


def _shares(
    found: Evidence, promise: _Promise, span: Period, cohorts: Cohorts
) -> Iterator[tuple[str | None, Cohorts]]:
    if promise.clause.per is None:
        yield None, cohorts
        return
    people = found.log.people
    for rep in found.reps(promise.version, promise.side, span.first, span.last):
        own = cohorts.owners == (people.index(rep) if rep in people else -2)
        yield rep, Cohorts(*(part[own] for part in cohorts))


def _rate(
    found: Evidence, promise: _Promise, span: Period, rep: str | None, cohorts: Cohorts
) -> Rate:
    clause = promise.clause
    counted = ~cohorts.immature & ~cohorts.undecided
    hits, count = int((cohorts.arrived & counted).sum()), int(counted.sum())
    interval = wilson(hits, count, clause.confidence)
    immature = int(cohorts.immature.sum())
    if found.now < span.ends:
        verdict, reason = "open", None
    elif immature:
        verdict, reason = "open", _("The cohort is too young to be judged.")
    else:
        still_open = int((cohorts.still_open & counted).sum())
        verdict, reason = _verdict(clause, hits, count)
        if _verdict(clause, hits + still_open, count)[0] != verdict:
            verdict, reason = "open", _("Leads that are still under way may change it.")
    return Rate(
        promise.name,
        promise.side,
        rep,
        clause.ratio,
        span,
        found.program.versions[promise.version].agreement.version,
        hits,
        count,
        immature,
        int(cohorts.undecided.sum()),
        int(cohorts.still_open.sum()),
        interval,
        clause.at_least,
        clause.at_most,
        clause.minimum_count,
        verdict,  # type: ignore[arg-type]
        reason,
    )


def _verdict(clause: Ratio, hits: int, count: int) -> tuple[str, str | None]:
    interval = wilson(hits, count, clause.confidence)
    if interval is None or count < clause.minimum_count:
        return "undeterminable", _("{count} is fewer than the minimum count of {least}.").format(
            count=count, least=clause.minimum_count
        )
    reaches = within(Fraction(hits, count), interval, clause.at_least, clause.at_most)
    if reaches is not None:
        return "kept" if reaches else "broken", None
    return "undeterminable", _("The bound lies within the interval: chance may explain the rest.")
