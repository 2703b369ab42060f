"""Qualified: what the scores say of leads: when they came to qualify, and who does now."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.log import Log
from leadpact.score import rises, scores
from leadpact.score.moments import ends
from leadpact.score.rules import EMPTY
from leadpact.score.weighing import weighed

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Qualified:
    """What the scores say: the rows at which leads came to qualify, each with what did it; by lead,
    whether the rule holds now, and whether the agreement keeps the lead from sales."""

    triggers: Mapping[int, str] = field(default_factory=dict)
    holds: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    disqualified: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    @property
    def rows(self) -> Ints:
        """The rows at which leads came to qualify."""
        return np.array([*self.triggers], np.int64)


def qualified(agreed: Agreement, log: Log, now: int, since: int) -> Qualified:
    """What the scores of a version say of the leads of a log at `now`: what made them qualify from
    `since` on (both µs)."""
    count = len(log.keys)
    stage = agreed.handoff.when if agreed.handoff else ""
    if not stage or not count:
        return Qualified({}, np.zeros(count, np.bool_), np.zeros(count, np.bool_))
    risen = rises(agreed, log, stage)
    new = np.flatnonzero(risen.at >= since)
    triggers = {int(risen.row[place]): risen.trigger[place] for place in new.tolist()}
    rule = (agreed.qualification or EMPTY).qualifies.get(stage)
    holds = np.zeros(count, np.bool_)
    if rule is not None:
        found = weighed(agreed, ends(log, now))
        holds = found.known.truth(rule)
    return Qualified(triggers, holds, scores(agreed, log, now).disqualified)
