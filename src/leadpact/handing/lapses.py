"""Lapses: leads that sales tried in vain as often as agreed, and that go back by themselves in time.

What counts is silence since the last thing that happened with the lead: an attempt, an answer,
interest that it showed, another owner, a pause. It runs on the clock of whoever has the lead, and not
before the agreement that says so is in force.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.facts import (
    ASSIGNED,
    ATTEMPTED,
    CORRECTED,
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
    the fact since which it is silent (-1: none), and when a version begins by which it may go back."""

    due: Ints
    warned: Ints
    cause: Ints
    again: Ints


def lapses(agreed: Agreement, stories: Stories, since: int) -> Lapses:
    """When leads go back by themselves, by the version in force; no silence from before `since` counts."""
    versions = stories.program.versions
    number = [one.agreement for one in versions].index(agreed)
    found = _by_version(number, stories, since)
    for later in range(number + 1, len(versions)):
        comes = _by_version(later, stories, since).due < NEVER
        found.again[comes] = np.minimum(found.again[comes], versions[later].begins)
    return found


def _by_version(number: int, stories: Stories, since: int) -> Lapses:
    """When leads go back by themselves, by one version of the agreement."""
    log, count, program = stories.log, len(stories.log.keys), stories.program
    version = program.versions[number]
    agreed = version.agreement
    due = np.full(count, NEVER, np.int64)
    warned, again = due.copy(), due.copy()
    none = Lapses(due, warned, np.full(count, -1, np.int64), again)
    back = agreed.handoff.return_ if agreed.handoff else None
    if back is None or back.by_itself is None or not len(log):
        return none
    cause = _cause(stories)
    table = stories.table
    first = min((program.stages.index(n) for n in _SQL if n in program.stages), default=2**31)
    waits = exhausted(agreed, stories).may_return & (table[:, col.T_STANDING] == col.IN)
    waits &= (table[:, col.T_STAGE] < first) & (table[:, col.T_PAUSED] == 0) & (cause >= 0)
    lead = np.flatnonzero(waits)
    if not len(lead):
        return none
    clocks = [program.dial(number, None), *(program.dial(number, one) for one in log.people)]
    dials = np.array(clocks, np.int64)[table[lead, col.T_OWNER] + 1]
    begin = log.at[cause[lead]]
    paused = log.kind[cause[lead]] == PAUSED  # and over by now
    if agreed.pauses.at_most is not None:
        begin = np.where(paused, after(program, number, begin, agreed.pauses.at_most, dials), begin)
    begin = np.maximum(begin, max(since, version.begins))
    due[lead] = after(program, number, begin, back.by_itself.after, dials)
    if back.by_itself.warn_after is not None:
        warned[lead] = after(program, number, begin, back.by_itself.warn_after, dials)
    return Lapses(due, warned, np.where(waits, cause, -1), again)


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


def unfounded(stories: Stories, system: int) -> list[int]:
    """The returns by themselves (of a system) that something heard of later shows to be none: there
    was no silence, there were fewer attempts, or no handover any more. Of leads that came again since,
    none."""
    log = stories.log
    own = np.flatnonzero((log.kind == RETURNED) & (log.source == system))
    if not len(own):
        return []
    versions = stories.program.versions
    begins = np.array([one.begins for one in versions])
    numbers = np.searchsorted(begins, log.at[own], side="right") - 1
    counts = {n: tries(versions[n].agreement, stories) for n in np.unique(numbers).tolist()}
    heard = _Heard(stories, _happens(stories), answers(stories), counts)
    pairs = zip(own.tolist(), numbers.tolist(), strict=True)
    return [row for row, number in pairs if _is_unfounded(heard, row, number)]


class _Heard(NamedTuple):
    """Which facts end a silence, which are answers, and which are attempts, by version."""

    stories: Stories
    happens: Bools
    spoke: Bools
    tried: Mapping[int, Bools]


def _is_unfounded(heard: _Heard, row: int, number: int) -> bool:
    """Whether a return, made by a version of the agreement, was for a silence that was none."""
    stories, log = heard.stories, heard.stories.log
    lead = int(log.lead[row])
    before = np.arange(int(log.starts[lead]), row)
    before = before[stories.pass_of[before] == stories.pass_of[row]]
    given = before[log.kind[before] == HANDED_OVER]
    if not len(given):
        return True
    line = stories.table[lead]
    if line[col.T_STANDING] != col.OUT or line[col.T_PASS] != stories.pass_of[row] + 1:
        return False
    is_late = log.recorded_at[before] > log.recorded_at[row]
    late, early = before[is_late], before[~is_late]
    last = int(early[heard.happens[early]].max(initial=-1))
    if heard.happens[late[late > last]].any():
        return True
    own = np.arange(int(log.starts[lead]), int(log.starts[lead + 1]))
    corrected = own[log.kind[own] == CORRECTED]
    if not (heard.spoke[late].any() or (log.recorded_at[corrected] > log.recorded_at[row]).any()):
        return False
    handoff = stories.program.versions[number].agreement.handoff
    agreed = handoff.return_.attempts if handoff and handoff.return_ else 0
    after_it = before[log.at[before] >= log.at[given[0]]]
    since = after_it[after_it > after_it[heard.spoke[after_it]].max(initial=-1)]
    return int(heard.tried[number][since].sum()) < agreed
