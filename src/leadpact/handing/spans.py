"""Spans: when a length of time has passed, on the clocks of those who have to act."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from leadpact.clock import Clock, same_time
from leadpact.program import Program
from leadpact.units import Span

Ints = NDArray[np.int64]


def after(
    program: Program, version: int, since: Ints, span: Span, dials: Ints | None = None
) -> Ints:
    """Each instant (µs) after which a span has passed since another, each on a clock of the program
    (its number; that of nobody in particular unless said)."""
    if span.unit == "hours":
        return since + span.micros
    if span.unit == "days":
        zone = program.versions[version].agreement.zone
        return np.asarray(same_time(since, span.days, zone), np.int64)
    own = np.full(len(since), program.dial(version, None)) if dials is None else dials
    found = since.copy()
    for number in np.unique(own).tolist():
        clock = Clock(program.calendars[number])
        told: Callable[..., Ints] = clock.after if span.unit == "working hours" else clock.nth_day
        found[own == number] = told(since[own == number], span.micros or span.days)
    return found
