"""Columns: the compiled loops that run the arithmetic of clocks over whole arrays.

Each fills `out` for the first clock of `d` and says whether the tables covered every row. An
argument of one row stands for the same value in all of them.
"""

import numpy as np
from numpy.typing import NDArray

from leadpact.clock.dials import OUTSIDE, Dials
from leadpact.clock.reading import deadline, elapsed, instant, nth_working_day, opened, reading
from leadpact.compiled import compiled

_Column = NDArray[np.int64]


@compiled
def readings(d: Dials, t: _Column, out: _Column) -> bool:
    """`reading` of each instant."""
    covered = True
    for row in range(len(out)):
        out[row] = reading(d, 0, t[row])
        covered &= out[row] != OUTSIDE
    return covered


@compiled
def instants(d: Dials, w: _Column, out: _Column) -> bool:
    """`instant` of each working time."""
    covered = True
    for row in range(len(out)):
        out[row] = instant(d, 0, w[row])
        covered &= out[row] != OUTSIDE
    return covered


@compiled
def openings(d: Dials, t: _Column, out: _Column) -> bool:
    """`opened` at each instant."""
    covered = True
    for row in range(len(out)):
        out[row] = opened(d, 0, t[row])
        covered &= out[row] != OUTSIDE
    return covered


@compiled
def spent(d: Dials, a: _Column, b: _Column, out: _Column) -> bool:
    """`elapsed` from each instant to its partner."""
    covered = True
    a_step, b_step = int(len(a) > 1), int(len(b) > 1)
    for row in range(len(out)):
        out[row] = elapsed(d, 0, a[row * a_step], b[row * b_step])
        covered &= out[row] != OUTSIDE
    return covered


@compiled
def deadlines(d: Dials, t: _Column, working: _Column, out: _Column) -> bool:
    """`deadline` of each start and its working time."""
    covered = True
    t_step, working_step = int(len(t) > 1), int(len(working) > 1)
    for row in range(len(out)):
        out[row] = deadline(d, 0, t[row * t_step], working[row * working_step])
        covered &= out[row] != OUTSIDE
    return covered


@compiled
def working_days(d: Dials, t: _Column, n: _Column, out: _Column) -> bool:
    """`nth_working_day` of each start and its number of days."""
    covered = True
    t_step, n_step = int(len(t) > 1), int(len(n) > 1)
    for row in range(len(out)):
        out[row] = nth_working_day(d, 0, t[row * t_step], n[row * n_step])
        covered &= out[row] != OUTSIDE
    return covered
