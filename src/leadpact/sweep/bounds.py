"""Bounds: how much room the results of a sweep can take at most, counted before it runs."""

from typing import NamedTuple

import numpy as np

from leadpact.compiled import compiled
from leadpact.program import columns as col
from leadpact.program.columns import Facts, Rules, Table
from leadpact.sweep.walk import class_at


class Bounds(NamedTuple):
    """The most obligations, legs and passes in all, and obligations at work on one lead."""

    obligations: int
    legs: int
    passes: int
    room: int


def bounds(f: Facts, g: Rules, begins: Table, restarts: int) -> Bounds:
    """Room for the leads of `f`.

    `begins` is, by class of facts, the number of obligations that such a fact can begin;
    `restarts` the number that new versions can begin anew on one lead.
    """
    counted = np.zeros(4, np.int64)
    _count(f, g, begins, restarts, counted)
    return Bounds(*(int(count) for count in counted))


@compiled
def _count(f: Facts, g: Rules, begins: Table, restarts: int, counted: Table) -> None:
    for lead in range(len(f.starts) - 1):
        begun = owners = passes = 0
        for i in range(f.starts[lead], f.starts[lead + 1]):
            c = class_at(f, g, i)
            acts = g.acts[c]
            if acts:
                begun += begins[c]
                owners += acts & col.OWNS != 0
                passes += acts & (col.LEAVES | col.HANDS_OVER | col.MOVES) != 0
        begun += begun * restarts
        counted[0] += begun
        counted[1] += begun * (owners + 1) if owners else 0
        counted[2] += passes + 1
        counted[3] = max(counted[3], begun + 1)
