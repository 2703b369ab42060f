"""Moments: a lead at an instant, and what is known of it then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from leadpact.log import Log

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Moments:
    """Leads (indexes of `log`) at instants (µs), in the order of leads and time.

    `row` is the last row of the lead that counts by then, -1 for none; `before` marks a moment just
    before what happens at its instant. `last`: every lead once, with all of its rows.
    """

    log: Log
    lead: NDArray[np.int32]
    row: Ints
    at: Ints
    before: Bools
    last: bool = False

    def __len__(self) -> int:
        return len(self.at)

    def latest(self, rows: Ints, values: NDArray[Number], none: int) -> NDArray[Number]:
        """Of values that ascending rows bring, the last one of the lead by each moment."""
        found = np.full(len(self), none, values.dtype)
        if not len(rows):
            return found
        if self.last:
            found[self.log.lead[rows]] = values
            return found
        place = np.searchsorted(rows, self.row, side="right") - 1
        known = (place >= 0) & (self.row >= 0)
        known[known] = rows[place[known]] >= self.log.starts[self.lead[known]]
        found[known] = values[place[known]]
        return found


def ends(log: Log, at: int | Ints) -> Moments:
    """Each lead of a log at an instant, or at one of its own."""
    count = len(log.leads)
    leads = np.arange(count, dtype=np.int32)
    instants = np.broadcast_to(np.asarray(at, np.int64), count).copy()
    rows = log.starts[1:] - 1
    seen = rows < log.starts[:-1]
    alike = not len(log) or bool((log.at[np.maximum(rows, 0)] <= instants)[~seen].all())
    if not alike:
        counted = np.concatenate([[0], np.cumsum(log.at <= instants[log.lead])])
        rows = log.starts[:-1] + counted[log.starts[1:]] - counted[log.starts[:-1]] - 1
        seen = rows < log.starts[:-1]
    rows = np.where(seen, -1, rows)
    return Moments(log, leads, rows, instants, np.zeros(count, np.bool_), last=alike)


def happenings(log: Log) -> Moments:
    """Every instant at which something happens to a lead: just before it, and with all of it."""
    lead, at = log.lead, log.at
    if not len(at):
        none = np.zeros(0, np.int64)
        return Moments(log, none.astype(np.int32), none, none, none.astype(np.bool_))
    begins = np.insert((lead[1:] != lead[:-1]) | (at[1:] != at[:-1]), 0, True)
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(at)) - 1
    earlier = np.where(first > log.starts[lead[first]], first - 1, -1)
    row = np.stack([earlier, last], axis=1).ravel()
    before = np.tile([True, False], len(first))
    return Moments(log, np.repeat(lead[first], 2), row, np.repeat(at[first], 2), before)


def and_at(found: Moments, lead: Ints, at: Ints) -> Moments:
    """Moments with further instants of leads, at which nothing happens to these but has before."""
    log = found.log
    if not len(lead) or not len(log):
        return found
    instants, rank = np.unique(np.concatenate([log.at, at]), return_inverse=True)
    own = log.lead.astype(np.int64) * len(instants) + rank[: len(log)]
    more, chosen = np.unique(lead * len(instants) + rank[len(log) :], return_index=True)
    row = np.asarray(np.searchsorted(own, more, "right")) - 1
    fresh = (row >= 0) & (own[row] != more) & (log.lead[row] == lead[chosen])
    places, chosen = np.repeat(row[fresh], 2), np.repeat(chosen[fresh], 2)
    before = np.concatenate([found.before, np.tile([True, False], int(fresh.sum()))])
    leads = np.concatenate([found.lead, lead[chosen].astype(np.int32)])
    ats = np.concatenate([found.at, at[chosen]])
    order = np.lexsort((~before, ats, leads))
    rows = np.concatenate([found.row, places])[order]
    return Moments(log, leads[order], rows, ats[order], before[order])
