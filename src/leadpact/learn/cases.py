"""Cases: leads whose first pass ended, each at the moment at which it qualified or was handed over.

What became known of a lead later is never looked at: a chance that is foretold at the moment of
handing over can't know it either.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadpact import facts
from leadpact.agreement.model import Agreement
from leadpact.log import COPIED, Log

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NEVER = int(np.iinfo(np.int64).max)
RIPE = 0.95
"""A lead is mature once so large a share of the deals that were won had been won at its age."""
_ENDS = (facts.WON, facts.LOST, facts.RETURNED, facts.REJECTED, facts.DISQUALIFIED)
_GONE = (facts.MERGED, facts.SUPPRESSED)


@dataclass(frozen=True, eq=False)
class Cases:
    """Leads of a log in the order of their moments (µs): whether each was won.

    `matures_in` is the age (µs) from which an outcome counts. Left out are leads that never
    qualified, that are younger, and that ended in another way (merged, suppressed).
    """

    lead: Ints
    at: Ints
    won: Bools
    matures_in: int
    never_qualified: int
    immature: int
    otherwise: int

    def __len__(self) -> int:
        return len(self.lead)

    def part(self, first: int, last: int) -> "Cases":
        """The cases from one place to another, in the order of time."""
        chosen = slice(first, last)
        return Cases(self.lead[chosen], self.at[chosen], self.won[chosen], self.matures_in, 0, 0, 0)


def cases(versions: Sequence[Agreement], log: Log, now: int) -> Cases:
    """The first passes of a log that are old enough at `now` to be learned from."""
    moments = qualified(versions, log)
    ended = _first(log, np.isin(log.kind, _ENDS) & (log.at >= moments[log.lead]))
    gone = _first(log, np.isin(log.kind, _GONE))
    won = (ended < NEVER) & _is(log, facts.WON, ended)
    matures_in = _horizon(moments, ended, won)
    has_moment = moments < NEVER
    otherwise = has_moment & (gone < ended)
    young = has_moment & ~otherwise & (moments > now - matures_in)
    chosen = np.flatnonzero(has_moment & ~otherwise & ~young)
    order = chosen[np.argsort(moments[chosen], kind="stable")]
    return Cases(
        order,
        moments[order],
        won[order],
        matures_in,
        never_qualified=int((~has_moment).sum()),
        immature=int(young.sum()),
        otherwise=int(otherwise.sum()),
    )


def qualified(versions: Sequence[Agreement], log: Log) -> Ints:
    """When each lead first qualified or was handed over (µs); `NEVER` where it hasn't."""
    return _first(log, _qualifying(versions, log))


def heard(versions: Sequence[Agreement], log: Log) -> Ints:
    """When the desk heard that each lead qualified or was handed over; `NEVER` where it hasn't."""
    rows = np.flatnonzero(_qualifying(versions, log))[::-1]
    found = np.full(len(log.leads), NEVER, np.int64)
    found[log.lead[rows]] = np.maximum(log.recorded_at[rows], log.at[rows])
    return found


def _qualifying(versions: Sequence[Agreement], log: Log) -> Bools:
    stages = {"mql"}
    for agreement in versions:
        if agreement.qualification is not None:
            stages |= agreement.qualification.qualifies.keys()
        if agreement.handoff is not None:
            stages.add(agreement.handoff.when)
    codes = [code for code, word in enumerate(log.codes) if word in stages]
    moved = (log.kind == facts.MOVED) & np.isin(log.code, codes)
    chosen: Bools = (moved | (log.kind == facts.HANDED_OVER)) & (log.flags & COPIED == 0)
    return chosen


def _horizon(moments: Ints, ended: Ints, won: Bools) -> int:
    """How long it takes until nearly all that will be won are won."""
    waited = np.sort((ended - moments)[won & (moments < NEVER)])
    return int(waited[int(RIPE * (len(waited) - 1))]) if len(waited) else 0


def _first(log: Log, chosen: Bools) -> Ints:
    """When the first chosen fact of each lead occurred."""
    found = np.full(len(log.leads), NEVER, np.int64)
    rows = np.flatnonzero(chosen)[::-1]
    found[log.lead[rows]] = log.at[rows]
    return found


def _is(log: Log, kind: int, at: Ints) -> Bools:
    """Whether a fact of that kind of each lead occurred at an instant."""
    found = np.zeros(len(log.leads), np.bool_)
    rows = np.flatnonzero((log.kind == kind) & (log.at == at[log.lead]))
    found[log.lead[rows]] = True
    return found
