"""Coming: when facts that are still to come will change a lead."""

from __future__ import annotations

import numpy as np

from leadpact import facts
from leadpact.clock import OUTSIDE
from leadpact.log.as_of import memberships
from leadpact.log.columns import Ints, Log


def coming(log: Log, now: int, known_at: int | None = None) -> Ints:
    """For each lead of a log the first known fact after `now` (µs UTC) that can change it.

    Facts of its account count, and those of leads that are merged with it, now or later; the
    largest number stands for none.
    """
    soonest = _own(log, now, known_at)
    if log.accounts is not None:
        account, lead = memberships(log, log.accounts)
        np.minimum.at(soonest, lead, _own(log.accounts, now, known_at)[account])
    if (soonest != OUTSIDE).any():
        return _shared(soonest, log)
    return soonest


def _own(log: Log, now: int, known_at: int | None) -> Ints:
    soonest = np.full(len(log.leads), OUTSIDE, np.int64)
    later = log.at > now
    if known_at is not None:
        later &= log.recorded_at <= known_at
    if later.any():
        rows = np.flatnonzero(later)
        np.minimum.at(soonest, log.lead[rows], log.at[rows])
    return soonest


def _shared(soonest: Ints, log: Log) -> Ints:
    """The soonest of all leads that any merge joins, also one that was taken back."""
    import pyarrow as pa
    import pyarrow.compute as pc

    into = log.fields.get("into")
    if into is None:
        return soonest
    place = pc.index_in(pa.array(into.words, pa.string()), log.leads).fill_null(-1)
    other = place.to_numpy(zero_copy_only=False)[into.codes]
    joined = (log.kind[into.rows] == facts.MERGED) & (other >= 0)
    group = _groups(log.lead[into.rows[joined]], other[joined], len(soonest))
    of_group = np.full(len(soonest), OUTSIDE, np.int64)
    np.minimum.at(of_group, group, soonest)
    return of_group[group]


def _groups(one: Ints, other: Ints, count: int) -> Ints:
    """A number for each of so many leads, the same for two leads that a chain of pairs joins."""
    group = np.arange(count)
    while (group[one] != group[other]).any():
        lowest = np.minimum(group[one], group[other])
        np.minimum.at(group, group[one], lowest)
        np.minimum.at(group, group[other], lowest)
        while (group[group] != group).any():
            group = group[group]
    return group
