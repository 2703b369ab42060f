"""Exits: what ended each enrolment, and when."""

import numpy as np

from leadpact.facts import KINDS
from leadpact.log import Log
from leadpact.nurture.tracks import (
    BY_HAND,
    ENDS,
    LAST_STEP,
    OTHER_TRACK,
    Bools,
    Happenings,
    Ints,
    Place,
    Spoken,
)
from leadpact.program.columns import NEVER
from leadpact.story import Stories


def exits(
    stories: Stories,
    spoken: Spoken,
    places: tuple[Place, ...],
    rows: Ints,
    place: Ints,
    ended_row: Ints,
    reasons: tuple[str, ...],
) -> tuple[Ints, Ints]:
    """The fact by which each enrolment ended (-1: none), and why (an index of `reasons`)."""
    log = stories.log
    ends = log.starts[log.lead[rows] + 1] if len(rows) else rows
    begins, later = _same_instant(log, rows)
    exits = Exits(log, ends)
    for kind in ENDS:
        exits.by(log.kind == kind, begins, reasons.index(KINDS[kind].name))
    names = _named(stories, places, reasons)
    for number in range(len(places)):
        exits.by_words(names[number], later, place == number)
    exits.at_row(ended_row, reasons.index(LAST_STEP))
    exits.by_hand(spoken.leaves, rows, reasons)
    following = np.append(rows[1:], len(log))
    exits.at_row(np.where(following < ends, following, -1), reasons.index(OTHER_TRACK))
    return exits.row, exits.why


def _same_instant(log: Log, rows: Ints) -> tuple[Ints, Ints]:
    """For each row the first of its lead at that instant, and the first that is later."""
    count = len(log)
    changes = np.flatnonzero(
        np.concatenate([[True], (np.diff(log.lead) != 0) | (np.diff(log.at) != 0)])
        if count
        else np.zeros(0, np.bool_)
    )
    bounds = np.append(changes, count)
    nth = np.searchsorted(changes, rows, "right")
    return bounds[np.maximum(nth - 1, 0)], bounds[np.minimum(nth, len(bounds) - 1)]


class Exits:
    """The first exit of each enrolment; of two at one instant the one that was looked at first."""

    def __init__(self, log: Log, ends: Ints) -> None:
        self.log, self.ends = log, ends
        self.row = np.full(len(ends), -1, np.int64)
        self.why = np.full(len(ends), -1, np.int64)

    def by(self, chosen: Bools, since: Ints, why: int) -> None:
        """Exits by the first chosen fact since a row."""
        self.at_row(self._first(np.flatnonzero(chosen), since), why)

    def by_words(self, words: Ints, since: Ints, whose: Bools) -> None:
        """Exits of some enrolments by facts that each have their reason (-1: no exit)."""
        found = self._first(np.flatnonzero(words >= 0), since)
        found[~whose] = -1
        self._take(found, words[found] if len(words) else found)

    def by_hand(self, leaves: Bools, rows: Ints, reasons: tuple[str, ...]) -> None:
        """Exits that a fact names, for the reason that it gives where that is a known one."""
        log = self.log
        told = log.code[rows]
        found = np.full(len(rows), -1, np.int64)
        for code in np.unique(told).tolist():
            own = told == code
            hits = np.flatnonzero(leaves & (log.code == code))
            found[own] = self._first(hits, rows + 1)[own]
        self._take(found, self._given(found, reasons))

    def _given(self, found: Ints, reasons: tuple[str, ...]) -> Ints:
        """The reason that each of these facts gives; "by hand" where it gives none that is known."""
        sparse, usual = self.log.fields.get("reason"), reasons.index(BY_HAND)
        if sparse is None:
            return np.full(len(found), usual, np.int64)
        known = [reasons.index(w) if w in reasons else usual for w in sparse.words]
        codes = np.append(sparse.dense(len(self.log)), -1)[found]
        told: Ints = np.array([*known, usual], np.int64)[codes]
        return told

    def at_row(self, found: Ints, why: int) -> None:
        """Exits at given rows (-1: none)."""
        self._take(found, np.full(len(found), why, np.int64))

    def _first(self, hits: Ints, since: Ints) -> Ints:
        """The first of the rows `hits` from each row on that is of the same lead; -1 for none."""
        found = np.append(hits, len(self.log))[np.searchsorted(hits, since)]
        return np.where(found < self.ends, found, -1)

    def _take(self, found: Ints, why: Ints) -> None:
        if not len(self.log):
            return
        at = np.where(found >= 0, self.log.at[found], NEVER)
        before = np.where(self.row >= 0, self.log.at[self.row], NEVER)
        sooner = at < before
        self.row = np.where(sooner, found, self.row)
        self.why = np.where(sooner, why, self.why)


def _named(stories: Stories, places: tuple[Place, ...], reasons: tuple[str, ...]) -> list[Ints]:
    """For each track, the reason for which each fact ends it (-1: it doesn't)."""
    happenings = Happenings(stories.log)
    told = []
    for place in places:
        names = place.track.leave_when if place.track else ()
        numbers = {name: reasons.index(name) for name in names}
        told.append(happenings.words(stories.program, place.version, numbers))
    return told
