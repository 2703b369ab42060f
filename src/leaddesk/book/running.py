"""Running: what the agreement says happens by itself: handing over, accepting by silence, nurture.

Each part looks at the leads that were just judged and says which facts follow now, and when it has
to look again. The facts have deterministic source ids, so that looking twice changes nothing.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leaddesk.book import foretelling, handing, nurturing
from leaddesk.book.codec import Row
from leaddesk.book.rules import Rules
from leadpact.judge import Judgement
from leadpact.program.columns import NEVER


@dataclass(frozen=True)
class Followed:
    """The facts that follow, when each lead of the judged log has to be looked at again (µs), and what
    the indexes of handoffs and of enrolments are drawn from."""

    rows: list[Row]
    wakes: NDArray[np.int64]
    waiting: dict[str, handing.Waiting] = field(default_factory=dict)


def followed(
    workspace: int, rules: Rules, judgement: Judgement, now: int, announce: bool
) -> Followed:
    """What follows from the agreement for the leads of a judgement; without `announce` (history that
    is told in silence) nothing is handed over or enrolled."""
    count = len(judgement.log.keys)
    if not count:
        return Followed([], np.full(0, NEVER, np.int64))
    given = handing.offered(workspace, rules, judgement, now, announce)
    nursed = nurturing.nurtured(workspace, rules, judgement, now, announce)
    chances = foretelling.recorded(workspace, rules, judgement, now, announce)
    wakes = np.minimum(given.wakes, nursed.wakes)
    return Followed([*given.rows, *nursed.rows, *chances], wakes, given.waiting)
