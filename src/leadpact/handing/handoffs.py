"""Handoffs: every lead that was given to sales, pass by pass, and what became of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadpact.facts import (
    ACCEPTED,
    CONVERTED,
    DISPUTED,
    DISQUALIFIED,
    HANDED_OVER,
    LOST,
    MOVED,
    REJECTED,
    RETURNED,
    WON,
)
from leadpact.log import SILENT, Log
from leadpact.program import columns as col
from leadpact.story import Stories

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

OFFERED, ACCEPTED_, SILENT_, REJECTED_, RETURNED_, ENDED = range(6)
STATES = ("offered", "accepted", "silent", "rejected", "returned", "ended")
"""What can become of a handoff, by number."""
NO_DISPUTE, OPEN_DISPUTE, UPHELD, OVERTURNED = range(4)
DISPUTES = ("", "open", "upheld", "overturned")
"""How a dispute of a rejection stands, by number."""
SUBJECT = "handoff"
"""What a dispute of a rejection names as its promise."""


@dataclass(frozen=True, eq=False)
class Handoffs:
    """A row for each pass that was handed over, in order of lead and pass; rows of the log, -1: none.

    `given` is the fact that handed it over, `decided` what accepted or rejected it, `left` what took
    the lead out of the pass after that. `disputed` is the fact that contested the rejection,
    `settled` the one that settled it. `owner` is who has, or last had, the lead in that pass.
    """

    log: Log
    lead: Ints
    pass_: Ints
    given: Ints
    decided: Ints
    left: Ints
    state: Ints
    owner: Ints
    disputed: Ints
    settled: Ints
    dispute: Ints

    def __len__(self) -> int:
        return len(self.lead)

    def at(self, rows: Ints) -> Ints:
        """When the facts of these rows occurred (µs); `NEVER` for none."""
        if not len(self.log):
            return np.full(len(rows), col.NEVER, np.int64)
        return np.where(rows >= 0, self.log.at[rows], col.NEVER)


def handoffs(stories: Stories) -> Handoffs:
    """Every handoff of the log of these stories."""
    log, own = stories.log, Passes(stories)
    given = own.first(log.kind == HANDED_OVER)
    after = own.since(given)
    yes = own.first(after & says_yes(stories))
    no = own.first(after & (log.kind == REJECTED))
    rejected = (no >= 0) & ((yes < 0) | (no < yes))
    # Whoever had accepted a lead and then refuses it gives it back.
    back = _earlier(own.first(after & (log.kind == RETURNED)), np.where(rejected, -1, no))
    end = own.first(after & np.isin(log.kind, (DISQUALIFIED, LOST)))
    decided = np.where(rejected, no, yes)
    left = np.where(rejected, no, np.where(back >= 0, back, end))
    state = _states(stories, own, decided, rejected, back, end)
    rows = np.flatnonzero(given >= 0)
    disputed, settled, dispute = _disputes(log, np.where(rejected, no, -1)[rows])
    return Handoffs(
        log,
        own.lead[rows],
        own.number[rows],
        given[rows],
        decided[rows],
        left[rows],
        state[rows],
        own.owners()[rows],
        disputed,
        settled,
        dispute,
    )


def _earlier(rows: Ints, others: Ints) -> Ints:
    """The earlier of two rows, where -1 is none."""
    return np.where((rows < 0) | ((others >= 0) & (others < rows)), others, rows)


class Passes:
    """The passes of all leads, numbered through; and the facts of each."""

    def __init__(self, stories: Stories) -> None:
        self.stories, self.log = stories, stories.log
        counts = np.maximum(stories.table[:, col.T_PASS], 1)
        self.begins = np.cumsum([0, *counts])[:-1].astype(np.int64)
        self.lead = np.repeat(np.arange(len(counts)), counts)
        self.number = np.arange(len(self.lead)) - self.begins[self.lead] + 1
        self.of = (self.begins[self.log.lead] + stories.pass_of - 1) if len(self.log) else _none()

    def first(self, chosen: Bools) -> Ints:
        """The first chosen row of each pass, -1 for none."""
        found = np.full(len(self.lead), -1, np.int64)
        rows = np.flatnonzero(chosen)[::-1]
        found[self.of[rows]] = rows
        return found

    def last(self, chosen: Bools) -> Ints:
        """The last chosen row of each pass, -1 for none."""
        found = np.full(len(self.lead), -1, np.int64)
        rows = np.flatnonzero(chosen)
        found[self.of[rows]] = rows
        return found

    def since(self, rows: Ints) -> Bools:
        """Which facts came with or after that row of their pass; none where it is -1."""
        if not len(self.log):
            return np.zeros(0, np.bool_)
        begun = rows[self.of]
        places = np.arange(len(self.log))
        found: Bools = (begun >= 0) & (places != begun) & (self.log.at >= self.log.at[begun])
        return found

    def present(self) -> Ints:
        """The place of the pass that each lead is in, or that comes next."""
        return self.begins + np.maximum(self.stories.table[:, col.T_PASS], 1) - 1

    def owners(self) -> Ints:
        """Who had each pass last (an index into the people of the log; -1: nobody)."""
        found = np.full(len(self.lead), -1, np.int64)
        passes = self.stories.passes
        places = self.begins[passes[:, col.S_LEAD]] + passes[:, col.S_PASS] - 1
        found[places] = passes[:, col.S_OWNER]
        return found


def says_yes(stories: Stories) -> Bools:
    """Which facts take a lead as accepted: an acceptance, or what takes it further than that."""
    log = stories.log
    beyond = [number for number, text in enumerate(log.codes) if text in _beyond(stories)]
    moved = (log.kind == MOVED) & np.isin(log.code, beyond)
    found: Bools = np.isin(log.kind, (ACCEPTED, CONVERTED, WON)) | moved
    return found


def _beyond(stories: Stories) -> set[str]:
    """The stages that come after the one in which leads are handed over, in any version."""
    found: set[str] = set()
    for version in stories.program.versions:
        names, agreed = version.names, version.agreement
        start = max(names.qualifies, names.handover)
        found |= {stage for stage in agreed.stages if names.number[stage] > start >= 0}
    return found


def _states(
    stories: Stories, own: Passes, decided: Ints, rejected: Bools, back: Ints, end: Ints
) -> Ints:
    log = stories.log
    state = np.full(len(own.lead), OFFERED, np.int64)
    gone = np.zeros(len(own.lead), np.bool_)
    standing = stories.table[:, col.T_STANDING]
    gone[own.present()] = np.isin(standing, (col.SUPPRESSED, col.MERGED))
    state[gone | (end >= 0)] = ENDED
    yes = (decided >= 0) & ~rejected
    state[yes] = ACCEPTED_
    silent = yes.copy()
    silent[yes] = (log.kind[decided[yes]] == ACCEPTED) & (log.flags[decided[yes]] & SILENT != 0)
    state[silent] = SILENT_
    state[back >= 0] = RETURNED_
    state[rejected] = REJECTED_
    # What was merged away lives on in the lead that survives, and counts there.
    state[(standing == col.MERGED)[own.lead]] = ENDED
    return state


def _disputes(log: Log, rejections: Ints) -> tuple[Ints, Ints, Ints]:
    """For each handoff what contested its rejection, what settled that, and how it stands."""
    count = len(rejections)
    opened, settled = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    state = np.full(count, NO_DISPUTE, np.int64)
    subject = [number for number, text in enumerate(log.codes) if text == SUBJECT]
    rows = np.flatnonzero((log.kind == DISPUTED) & np.isin(log.code, subject))
    of = np.flatnonzero(rejections >= 0)
    if not len(rows) or not len(of):
        return opened, settled, state
    of = of[np.argsort(rejections[of], kind="stable")]
    moment = _moments(log)
    place = np.searchsorted(moment[rejections[of]], moment[rows], "right") - 1
    place, rows = place[place >= 0], rows[place >= 0]
    same = log.lead[rejections[of[place]]] == log.lead[rows]
    place, rows = of[place[same]], rows[same]
    ended = _outcomes(log)[rows]
    opened[place[ended == OPEN_DISPUTE][::-1]] = rows[ended == OPEN_DISPUTE][::-1]
    closing = ended > OPEN_DISPUTE
    settled[place[closing]] = rows[closing]
    state[opened >= 0] = OPEN_DISPUTE
    state[place[closing]] = ended[closing]
    return opened, settled, state


def _moments(log: Log) -> Ints:
    """A number for each lead and instant, in the order of the log."""
    anew = np.ones(len(log), np.int64)
    anew[1:] = (np.diff(log.at) != 0) | (np.diff(log.lead) != 0)
    return np.cumsum(anew)


def _outcomes(log: Log) -> Ints:
    """How each row leaves a dispute: open, unless it names an outcome that is known."""
    found = np.full(len(log), OPEN_DISPUTE, np.int64)
    sparse = log.fields.get("outcome")
    if sparse is not None:
        known = {DISPUTES[number]: number for number in (UPHELD, OVERTURNED)}
        numbers = np.array([known.get(text, OPEN_DISPUTE) for text in sparse.words], np.int64)
        found[sparse.rows] = numbers[sparse.codes]
    return found


def _none() -> Ints:
    return np.zeros(0, np.int64)
