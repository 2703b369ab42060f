"""Over: which attempts of a log the guard would have warned of, for all leads at once."""

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.contacting import Guard
from leadpact.agreement.phrases import touches
from leadpact.clock import Clock, local_day, same_time
from leadpact.log import Log
from leadpact.program import Program
from leadpact.units import Span

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def beyond(
    guard: Guard, program: Program, version: int, log: Log, rows: Ints, place: Ints
) -> Bools:
    """Which of these attempts (ascending rows) were more, or closer, than the guard of a version allows.

    Days, weeks and months are those of the agreement's zone; a log doesn't know that of a person.
    """
    over = np.zeros(len(rows), bool)
    if not len(rows):
        return over
    agreement = program.versions[version].agreement
    lead, at = log.lead[rows].astype(np.int64), log.at[rows]
    day = np.asarray(local_day(at, agreement.zone))
    for limit in map(touches, guard.at_most):
        group = place[rows] if limit.period == "pass" else period(day, limit.period)
        over |= nth_in_group(lead, group) >= limit.number
    if guard.apart is not None:
        calendar = program.calendars[program.dial(version, None)]
        soonest = at.copy()
        soonest[1:] = after(at[:-1], guard.apart, Clock(calendar), agreement.zone)
        soonest[np.concatenate([[True], lead[1:] != lead[:-1]])] = at.min()
        over |= at < soonest
    return over


def nth_in_group(lead: Ints, group: Ints) -> Ints:
    """How many rows of the same lead and group stand right before each; groups don't mix in time."""
    new = np.ones(len(lead), bool)
    new[1:] = (lead[1:] != lead[:-1]) | (group[1:] != group[:-1])
    begins = np.maximum.accumulate(np.where(new, np.arange(len(lead)), 0))
    return np.arange(len(lead)) - begins


def period(day: Ints, name: str) -> Ints:
    """The number of the day, week, month, quarter or year of each local date."""
    if name == "day":
        return day
    if name == "week":
        return (day + 3) // 7  # 1970-01-01 was a Thursday
    months = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months // {"month": 1, "quarter": 3, "year": 12}[name]


def after(t: Ints, span: Span, clock: Clock, zone: str) -> Ints:
    """The first instant at which a length of time has passed since each of some instants."""
    if span.unit == "hours":
        return t + span.micros
    if span.unit == "working hours":
        return clock.after(t, span.micros)
    if span.unit == "days":
        return np.asarray(same_time(t, span.days, zone))
    return clock.nth_day(t, span.days)
