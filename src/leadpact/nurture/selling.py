"""Selling: when sales works on a lead: from its handover until the pass is left."""

import numpy as np

from leadpact.facts import (
    ACCEPTED,
    DISQUALIFIED,
    HANDED_OVER,
    LOST,
    MERGED,
    REJECTED,
    RETURNED,
    SUPPRESSED,
    WON,
)
from leadpact.nurture.tracks import Bools, Ints
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.story import Stories

LETS_GO = (RETURNED, REJECTED, DISQUALIFIED, LOST, WON, SUPPRESSED, MERGED)
"""The kinds of fact by which sales lets go of a lead."""


def with_sales(stories: Stories, lead: Ints) -> tuple[Ints, Bools]:
    """For each enrolment's lead when sales last let go of it (0: never), and whether sales works on it."""
    count = len(stories.table)
    if not len(lead):
        return np.zeros(0, np.int64), np.zeros(0, np.bool_)
    starts, frees = _passes_with_sales(stories)
    freed = np.zeros(count, np.int64)
    over = frees != NEVER
    width = _width(stories)
    np.maximum.at(freed, np.flatnonzero(over) // width, frees[over])
    working = np.zeros(count, np.bool_)
    working[np.flatnonzero((starts != NEVER) & ~over) // width] = True
    return freed[lead], (working & (stories.table[:, col.T_STANDING] == col.IN))[lead]


def _width(stories: Stories) -> int:
    return int(stories.pass_of.max(initial=0)) + 1


def _passes_with_sales(stories: Stories) -> tuple[Ints, Ints]:
    """For each pass (lead times width plus number) when sales got the lead, and let it go (`NEVER`: not)."""
    log, width = stories.log, _width(stories)
    number = log.lead.astype(np.int64) * width + stories.pass_of
    starts = np.full(len(stories.table) * width, NEVER, np.int64)
    frees = starts.copy()
    got = np.isin(log.kind, (HANDED_OVER, ACCEPTED)) & ~stories.unexpected
    np.minimum.at(starts, number[got], log.at[got])
    let = np.isin(log.kind, LETS_GO) & ~stories.unexpected & (starts[number] != NEVER)
    let &= log.at >= starts[number]
    np.minimum.at(frees, number[let], log.at[let])
    return starts, frees


def freed_row(stories: Stories) -> Ints:
    """By lead, the last fact by which sales let go of it; -1 for none."""
    log = stories.log
    found = np.full(len(stories.table), -1, np.int64)
    hits = np.flatnonzero(np.isin(log.kind, LETS_GO) & ~stories.unexpected)
    np.maximum.at(found, log.lead[hits], hits)
    return found
