"""Lapses: leads that sales tried in vain as often as agreed, and that go back by themselves in time.

What counts is silence since the last thing that happened with the lead: an attempt, an answer,
interest that it showed, another owner, a pause. It runs on the clock of whoever has the lead, and not
before the agreement that says so is in force.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.facts import (
    ASSIGNED,
    ATTEMPTED,
    ENGAGED,
    HANDED_OVER,
    PAUSED,
    REPLIED,
    RESUMED,
    RETURNED,
)
from leadpact.handing.exhausted import answers, exhausted, tries
from leadpact.handing.handoffs import Passes
from leadpact.handing.spans import after
from leadpact.log import NOT_HUMAN
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.story import Stories

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_SQL = ("sql", "opportunity", "customer")
"""Stages from which on a lead goes back by somebody's word alone."""


class Lapses(NamedTuple):
    """By lead: when it goes back by itself, when whoever has it is warned of that (µs; `NEVER`: not),
    and the fact since which it is silent (-1: none)."""

    due: Ints
    warned: Ints
    cause: Ints


def lapses(agreed: Agreement, stories: Stories, since: int) -> Lapses:
    """When leads go back by themselves, by the version in force; no silence from before `since` counts."""
    log, count = stories.log, len(stories.log.keys)
    never = np.full(count, NEVER, np.int64)
    back = agreed.handoff.return_ if agreed.handoff else None
    if back is None or back.by_itself is None or not len(log):
        return Lapses(never, never, np.full(count, -1, np.int64))
    program = stories.program
    version = [one.agreement for one in program.versions].index(agreed)
    cause = _cause(stories)
    table = stories.table
    first = min((program.stages.index(n) for n in _SQL if n in program.stages), default=2**31)
    waits = exhausted(agreed, stories).may_return & (table[:, col.T_STANDING] == col.IN)
    waits &= (table[:, col.T_STAGE] < first) & (table[:, col.T_PAUSED] == 0) & (cause >= 0)
    lead = np.flatnonzero(waits)
    if not len(lead):
        return Lapses(never, never, np.full(count, -1, np.int64))
    due, warned = never.copy(), never.copy()
    clocks = [program.dial(version, None), *(program.dial(version, one) for one in log.people)]
    dials = np.array(clocks, np.int64)[table[lead, col.T_OWNER] + 1]
    begin = np.maximum(log.at[cause[lead]], max(since, program.versions[version].begins))
    paused = log.kind[cause[lead]] == PAUSED  # and over by now
    if agreed.pauses.at_most is not None:
        begin = np.where(
            paused, after(program, version, begin, agreed.pauses.at_most, dials), begin
        )
    due[lead] = after(program, version, begin, back.by_itself.after, dials)
    if back.by_itself.warn_after is not None:
        warned[lead] = after(program, version, begin, back.by_itself.warn_after, dials)
    return Lapses(due, warned, np.where(waits, cause, -1))


def _happens(stories: Stories) -> Bools:
    """Which facts end a silence."""
    log = stories.log
    found: Bools = np.isin(log.kind, (REPLIED, ENGAGED, ASSIGNED, HANDED_OVER, PAUSED, RESUMED))
    found |= (log.kind == ATTEMPTED) & (log.flags & NOT_HUMAN == 0)
    return found


def _cause(stories: Stories) -> Ints:
    """By lead, the last thing that happened with it in the pass that it is in; -1 for none."""
    own = Passes(stories)
    found: Ints = own.last(_happens(stories))[own.present()]
    return found


def unfounded(agreed: Agreement, stories: Stories, system: int) -> list[int]:
    """The returns by themselves (of a system) that something heard of later shows to be none: there
    was no silence, or no handover any more. Of leads that came again since, none."""
    log, found = stories.log, []
    back = agreed.handoff.return_ if agreed.handoff else None
    own = np.flatnonzero((log.kind == RETURNED) & (log.source == system))
    if back is None or not len(own):
        return []
    happens, spoke, tried = _happens(stories), answers(stories), tries(agreed, stories)
    for row in own.tolist():
        lead = int(log.lead[row])
        before = np.arange(int(log.starts[lead]), row)
        before = before[stories.pass_of[before] == stories.pass_of[row]]
        if not (log.kind[before] == HANDED_OVER).any():
            found.append(row)
            continue
        line = stories.table[lead]
        if line[col.T_STANDING] != col.OUT or line[col.T_PASS] != stories.pass_of[row] + 1:
            continue
        late = before[log.recorded_at[before] > log.recorded_at[row]]
        early = before[log.recorded_at[before] <= log.recorded_at[row]]
        last = int(early[tried[early]].max(initial=-1))
        answered = late[spoke[late]]
        left = int(tried[before[before > answered.max(initial=-1)]].sum())
        if happens[late[late > last]].any() or (len(answered) and left < back.attempts):
            found.append(row)
    return found
