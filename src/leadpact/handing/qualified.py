"""Qualified: what the scores say of leads: when they came to qualify, and who does now."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.log import Log
from leadpact.score import rises, scores
from leadpact.score.moments import ends
from leadpact.score.rules import EMPTY, subjects_of
from leadpact.score.weighing import weighed

Ints = NDArray[np.int64]

COLLEAGUE = "a colleague's interest"
"""What a trigger begins with where a lead came to qualify by what a colleague did."""


def _none() -> Ints:
    return np.zeros(0, np.int64)


def _nobody() -> NDArray[np.bool_]:
    return np.zeros(0, np.bool_)


@dataclass(frozen=True)
class Qualified:
    """What the scores say: each `lead` that came to qualify, when (`at`), by which `row` of the log
    (of the lead itself, or of a colleague) and what that was (`trigger`), in the order of leads and
    time; by lead, whether the rule holds now, and whether the agreement keeps the lead from sales."""

    lead: Ints = field(default_factory=_none)
    at: Ints = field(default_factory=_none)
    row: Ints = field(default_factory=_none)
    trigger: Sequence[str] = ()
    holds: NDArray[np.bool_] = field(default_factory=_nobody)
    disqualified: NDArray[np.bool_] = field(default_factory=_nobody)


def qualified(agreed: Agreement, log: Log, now: int, since: int) -> Qualified:
    """What the scores of a version say of the leads of a log at `now`: what made them qualify from
    `since` on (both µs)."""
    count = len(log.keys)
    stage = agreed.handoff.when if agreed.handoff else ""
    if not stage or not count:
        free = np.zeros(count, np.bool_)
        return Qualified(holds=free, disqualified=free)
    risen = rises(agreed, log, stage)
    new = np.flatnonzero(risen.at >= since)
    lead, row = risen.lead[new].astype(np.int64), risen.row[new]
    trigger = [risen.trigger[place] for place in new.tolist()]
    if len(beside := np.flatnonzero(log.lead[row] != lead)):
        done = subjects_of(log)
        for place in beside.tolist():
            trigger[place] = f"{COLLEAGUE}: {done.names[done.code[row[place]]]}"
    rule = (agreed.qualification or EMPTY).qualifies.get(stage)
    holds = np.zeros(count, np.bool_)
    if rule is not None:
        found = weighed(agreed, ends(log, now))
        holds = found.known.truth(rule)
    barred = scores(agreed, log, now).disqualified
    return Qualified(lead, risen.at[new], row, trigger, holds, barred)
