"""Course: how a volume promise came along day by day, beside where it should have stood."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np

from leadpact.agreement.promises import Volume
from leadpact.clock import Clock, day_start
from leadpact.figure import exact_text
from leadpact.measure.deliveries import Delivery, deliveries
from leadpact.measure.judged import Evidence, Ints, Judged, evidence
from leadpact.measure.periods import EPOCH, Period, day_of
from leadpact.plan.tolerance import band


@dataclass(frozen=True, slots=True)
class Point:
    """The end of one day: the count so far (None for days to come), and what was due by then."""

    day: date
    actual: int | None
    expected: Fraction
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Course:
    """The days of the last period of a volume promise that counts leads."""

    delivery: Delivery
    points: tuple[Point, ...]

    def to_json(self) -> dict[str, Any]:
        """The course in its JSON form."""
        return {
            "promise": self.delivery.promise,
            **self.delivery.period.to_json(),
            "days": [
                {
                    "day": point.day.isoformat(),
                    "actual": point.actual,
                    "expected": exact_text(point.expected, 2),
                    "low": exact_text(point.low, 2),
                    "high": exact_text(point.high, 2),
                }
                for point in self.points
            ],
        }


def courses(judged: Judged | Evidence, delivered: list[Delivery] | None = None) -> list[Course]:
    """The course of each promise of a number of leads, in its last period; not that of single reps.

    `delivered` saves measuring again.
    """
    found = evidence(judged)
    listed = deliveries(found) if delivered is None else delivered
    last = {one.promise: one for one in listed if one.rep is None and one.target is not None}
    return [*_courses(found, last)]


def _courses(found: Evidence, last: dict[str, Delivery]) -> Iterator[Course]:
    for promise, one in last.items():
        agreement = found.program.versions[one.period.version].agreement
        clause = agreement.promised()[promise][1]
        if isinstance(clause, Volume) and not clause.in_value:
            yield Course(one, tuple(_points(found, one, clause)))


def _points(found: Evidence, one: Delivery, clause: Volume) -> Iterator[Point]:
    span = one.period
    agreement = found.program.versions[span.version].agreement
    days = np.arange((span.first - EPOCH).days, (span.after - EPOCH).days)
    ends = np.asarray(day_start(days + 1, agreement.zone))
    clock = Clock(found.program.usual(found.program.versions[span.version]))
    total = clock.between(span.begins, span.ends)
    gone = clock.between(np.full_like(ends, span.begins), ends) if total else ends - span.begins
    at = _entered(found, clause, span)
    so_far = np.searchsorted(np.sort(at), ends, "left")
    begun = np.asarray(day_start(days, agreement.zone)) <= found.now
    room = band(one.target or 0, clause.tolerance)
    whole = total or span.ends - span.begins
    for day, share, count, past in zip(
        days.tolist(), gone.tolist(), so_far.tolist(), begun.tolist(), strict=True
    ):
        part = Fraction(share, whole)
        yield Point(
            day_of(day),
            count if past else None,
            room.planned * part,
            room.low * part,
            room.high * part,
        )


def _entered(found: Evidence, clause: Volume, span: Period) -> Ints:
    entries = found.entries(clause.stage)
    rows = entries.rows[found.holds(span.version, clause.for_)[entries.rows]]
    at = found.log.at[rows]
    return at[(at >= span.begins) & (at < span.ends)]
