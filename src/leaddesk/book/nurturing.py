"""Nurturing: leads enter tracks, get their steps and leave, as the agreement says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leaddesk.book.codec import Row
from leaddesk.book.rules import Rules
from leadpact.judge import Judgement
from leadpact.program.columns import NEVER


@dataclass(frozen=True)
class Nursed:
    """The facts that follow, and when each lead has to be looked at again (µs)."""

    rows: list[Row]
    wakes: NDArray[np.int64]


def nurtured(
    workspace: int, rules: Rules, judgement: Judgement, now: int, announce: bool
) -> Nursed:
    """Who enters a track now, whose step has come, who leaves."""
    del workspace, rules, now, announce
    return Nursed([], np.full(len(judgement.log.keys), NEVER, np.int64))


def write(workspace: int, rules: Rules, judgement: Judgement) -> None:
    """Rewrite the index of enrolments of the leads that were judged."""
    del workspace, rules, judgement
