"""Rules: the points that the agreement's rules give each lead at its moment, for comparison.

The rules are those of the latest version: the ones that a model would stand beside.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from leadpact.agreement.model import Agreement
from leadpact.learn.cases import NEVER
from leadpact.learn.features import Ruled, Seen
from leadpact.score import scores


def with_points(versions: Sequence[Agreement], seen: Seen, without: Collection[str]) -> Seen:
    """What was seen of each lead, with fit and interest by the rules at its moment, where there are
    rules. They don't see the attributes `without`, which leak."""
    clause = versions[-1].qualification
    if clause is None or not (clause.fit or clause.interest):
        return seen
    latest = int(seen.log.at.max(initial=0))
    honest = replace(
        seen.log, fields={n: field for n, field in seen.log.fields.items() if n not in without}
    )
    found = scores(versions[-1], honest, np.where(seen.at < NEVER, seen.at, latest))
    return replace(seen, ruled=Ruled(found.fit, found.interest))
