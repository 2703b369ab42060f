"""Offers: which leads are to be given to sales now, and why."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.handoff import Handoff
from leadpact.agreement.model import Agreement
from leadpact.clock import same_time
from leadpact.facts import CREATED, ENGAGED, LOST, MOVED, REJECTED, REPLIED, RETURNED
from leadpact.handing.handoffs import (
    OPEN_DISPUTE,
    OVERTURNED,
    REJECTED_,
    Handoffs,
    Passes,
)
from leadpact.handing.qualified import Qualified
from leadpact.log import COPIED
from leadpact.program import columns as col
from leadpact.program.masks import mask
from leadpact.story import Stories

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SYSTEM = "leadpact"
"""The system of what is recorded by rule."""
OVERTURNED_REJECTION = "rejection overturned"
"""What hands a lead over again after its rejection was found wrong."""


@dataclass(frozen=True, eq=False)
class Offers:
    """The leads to be offered now: each with the pass it is for, the row of the log that is the
    cause, and what that was (a stage, or what the lead did). `wakes` is when each lead of the log is
    to be looked at again, since it may be offered then (`NEVER`: not by itself)."""

    lead: Ints
    pass_: Ints
    cause: Ints
    trigger: list[str]
    wakes: Ints
    pending: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))


def offers(
    agreed: Agreement,
    stories: Stories,
    given: Handoffs,
    qualified: Qualified,
    *,
    now: int,
    since: int,
    systems: frozenset[str] = frozenset(),
) -> Offers:
    """The leads that qualify at `now` (µs) and are not yet offered, for causes from `since` on.

    `agreed` is the version in force, `systems` are those whose leads are handed over elsewhere.
    A lead comes again after a return, a rejection or a loss when its time of rest is over and it
    showed interest since then; after a rejection that was overturned, at once.
    """
    handoff, log = agreed.handoff, stories.log
    count = len(log.keys)
    if handoff is None or not len(log):
        return Offers(*(np.zeros(0, np.int64),) * 3, [], np.full(count, col.NEVER, np.int64))
    own = Passes(stories)
    gone = _departures(stories)
    moved = _entered(agreed, handoff, stories, own)
    rise, act, fresh = _causes(handoff, stories, qualified, gone, since)
    won_back, contested = _settled(given, count, since)
    free = _may_be_offered(agreed, stories, own, given, systems) & ~qualified.disqualified
    free &= ~contested
    again = gone >= 0
    first = ~again & ((rise >= 0) | (act >= 0))
    later = again & (fresh >= 0) & (qualified.holds | (act >= 0))
    cause = np.where(act >= 0, act, np.where(rise >= 0, rise, fresh))
    cause = np.where(won_back >= 0, won_back, cause)
    rests = _rests_until(handoff, agreed.zone, stories, gone)
    rested = (rests <= now) | (won_back >= 0) | (moved >= 0)
    due = free & (cause >= 0) & ((won_back >= 0) | (moved >= 0) | first | later)
    wakes = np.where(free & again & (fresh >= 0) & ~rested, rests, col.NEVER)
    lead = np.flatnonzero(due & rested)
    return Offers(
        lead,
        own.number[own.present()[lead]],
        cause[lead],
        _triggers(handoff, qualified, lead, cause[lead], won_back[lead]),
        wakes,
        moved[lead] >= 0,
    )


def _departures(stories: Stories) -> Ints:
    """The row by which each lead last left a pass (-1: it never did)."""
    log = stories.log
    rows = np.flatnonzero(np.isin(log.kind, (RETURNED, REJECTED, LOST)) & ~stories.unexpected)
    found = np.full(len(log.keys), -1, np.int64)
    found[log.lead[rows]] = rows
    return found


def _entered(agreed: Agreement, handoff: Handoff, stories: Stories, own: Passes) -> Ints:
    """The row by which each lead, in the pass it is in, entered the stage of the handoff (-1: none)."""
    log = stories.log
    stage = handoff.when if handoff.when in agreed.stages else "mql"
    codes = [number for number, text in enumerate(log.codes) if text == stage]
    rows = own.last((log.kind == MOVED) & np.isin(log.code, codes))[own.present()]
    return np.where(stories.table[:, col.T_STANDING] == col.IN, rows, -1)


def _causes(
    handoff: Handoff, stories: Stories, qualified: Qualified, gone: Ints, since: int
) -> tuple[Ints, Ints, Ints]:
    """By lead, since it last left a pass: the last row at which the rule came to hold, the last at
    which the lead did what hands it over at once or somebody moved it, the first sign of interest."""
    log, count = stories.log, len(stories.log.keys)
    left_at = np.where(gone >= 0, log.at[gone], np.iinfo(np.int64).min)
    new = (log.at >= since) & (log.at > left_at[log.lead])
    acts = [n for n, text in enumerate(log.codes) if text in (*handoff.at_once, handoff.when)]
    late = (qualified.at >= since) & (qualified.at > left_at[qualified.lead])
    lead, row = qualified.lead[late], qualified.row[late]
    rise = _last_of(count, lead, row)
    at_once = np.isin(log.code[row], acts) & (log.kind[row] == ENGAGED) & (log.lead[row] == lead)
    shown = np.isin(log.kind, (ENGAGED, REPLIED, CREATED))
    by_hand = (log.kind == MOVED) & np.isin(
        log.code, [n for n, text in enumerate(log.codes) if text == handoff.when]
    )
    if SYSTEM in log.systems:  # what was moved by this very rule is no cause of its own
        by_hand &= log.source != log.systems.index(SYSTEM)
    act = _last_of(count, lead[at_once], row[at_once])
    return (
        rise,
        np.maximum(act, _last(stories, by_hand & new)),
        _first(stories, (shown | by_hand) & new),
    )


def _last_of(count: int, lead: Ints, row: Ints) -> Ints:
    """The last of some rows, given in the order of time, that is told of each lead; -1 for none."""
    found = np.full(count, -1, np.int64)
    found[lead] = row
    return found


def _settled(given: Handoffs, count: int, since: int) -> tuple[Ints, Bools]:
    """By lead, the row that overturned the rejection of its last handoff (-1: none did); and whether
    that rejection is contested and nobody has decided yet."""
    last = np.full(count, -1, np.int64)
    last[given.lead] = np.arange(len(given))
    rejected = (last >= 0) & (given.state[last] == REJECTED_) if len(given) else last >= 0
    row, contested = np.full(count, -1, np.int64), np.zeros(count, np.bool_)
    chosen = last[rejected]
    contested[rejected] = given.dispute[chosen] == OPEN_DISPUTE
    overturned = given.dispute[chosen] == OVERTURNED
    settled = np.where(overturned, given.settled[chosen], -1)
    row[rejected] = np.where(given.at(settled) >= since, settled, -1)
    return row, contested


def _may_be_offered(
    agreed: Agreement,
    stories: Stories,
    own: Passes,
    given: Handoffs,
    systems: frozenset[str],
) -> Bools:
    """Which leads nothing keeps from being offered but their scores, their rest, their interest."""
    log, table = stories.log, stories.table
    free: Bools = np.isin(table[:, col.T_STANDING], (col.IN, col.OUT, col.LOST))
    handed = np.zeros(len(own.lead), np.bool_)
    handed[own.begins[given.lead] + given.pass_ - 1] = True
    free &= ~handed[own.present()]
    names = stories.program.versions[-1].names
    start = max(names.qualifies, names.handover)
    if start >= 0:
        free &= (table[:, col.T_STAGE] <= start) | (table[:, col.T_STANDING] != col.IN)
    if systems:
        own_created = np.flatnonzero((log.kind == CREATED) & (log.flags & COPIED == 0))
        elsewhere = np.array([name in systems for name in log.systems], np.bool_)
        foreign = np.zeros(len(log.keys), np.bool_)
        foreign[log.lead[own_created]] = elsewhere[log.source[own_created]]
        free &= ~foreign
    if agreed.applies_to is not None:
        free &= mask(agreed.applies_to, log, agreed.zone)[log.starts[1:] - 1]
    return free


def _rests_until(handoff: Handoff, zone: str, stories: Stories, gone: Ints) -> Ints:
    """Until when each lead that left a pass isn't offered again (µs); zero for no such time."""
    log, found = stories.log, np.zeros(len(gone), np.int64)
    lead = np.flatnonzero(gone >= 0)
    rows = gone[lead]
    span = handoff.return_.not_before if handoff.return_ else None
    if span is not None and len(rows):
        at = log.at[rows]
        found[lead] = (
            at + span.micros if span.micros else np.asarray(same_time(at, span.days, zone))
        )
    returned = log.kind[rows] == RETURNED
    dates = log.moments("not_before", rows[returned], col.NEVER)
    found[lead[returned]] = np.where(dates == col.NEVER, found[lead[returned]], dates)
    return found


def _triggers(
    handoff: Handoff, qualified: Qualified, lead: Ints, cause: Ints, won_back: Ints
) -> list[str]:
    """What handed each lead over, in words of the agreement."""
    known = zip(qualified.lead.tolist(), qualified.row.tolist(), strict=True)
    words = dict(zip(known, qualified.trigger, strict=True))
    return [
        OVERTURNED_REJECTION if back >= 0 else words.get((one, row), handoff.when)
        for one, row, back in zip(lead.tolist(), cause.tolist(), won_back.tolist(), strict=True)
    ]


def _last(stories: Stories, chosen: Bools) -> Ints:
    """The last chosen row of each lead, -1 for none."""
    found = np.full(len(stories.log.keys), -1, np.int64)
    rows = np.flatnonzero(chosen)
    found[stories.log.lead[rows]] = rows
    return found


def _first(stories: Stories, chosen: Bools) -> Ints:
    """The first chosen row of each lead, -1 for none."""
    found = np.full(len(stories.log.keys), -1, np.int64)
    rows = np.flatnonzero(chosen)[::-1]
    found[stories.log.lead[rows]] = rows
    return found
