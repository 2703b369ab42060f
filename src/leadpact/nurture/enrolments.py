"""Enrolments: when a lead was in a track, which step comes next, and when."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from leadpact.clock import Clock, same_time
from leadpact.facts import ENROLLED
from leadpact.log import Log
from leadpact.nurture.exits import exits
from leadpact.nurture.selling import with_sales
from leadpact.nurture.tracks import (
    LAST_STEP,
    Bools,
    Ints,
    Place,
    Spoken,
    by_place,
    places_of,
    reasons_of,
)
from leadpact.program import Program
from leadpact.program.columns import NEVER
from leadpact.story import Stories
from leadpact.units import Span

MOST_DONE = 1_000_000
"""More steps than this no track has."""
MOST_REPEATS = 20
"""So often it is looked exactly at what comes before a repeated enrolment; more are taken at once."""


@dataclass(frozen=True, eq=False)
class Enrolments:
    """Every time that a lead was in a track, in the order of leads and time, as columns.

    `row` is the fact that began it, `place` its track (an index of `places`), `step` the number (from
    0) of the step that comes next, `next_at` when it is due (µs; `NEVER`: paused, left, or no more).
    `since` is since when that is waited for.
    `left_at` is when it was left (`NEVER`: still in), `left_row` the fact that ended it (-1: none),
    `why` what that was (an index of `reasons`; -1: still in).
    """

    stories: Stories
    places: tuple[Place, ...]
    reasons: tuple[str, ...]
    lead: Ints
    row: Ints
    place: Ints
    at: Ints
    step: Ints
    next_at: Ints
    is_paused: Bools
    left_at: Ints
    left_row: Ints
    why: Ints
    since: Ints

    def __len__(self) -> int:
        return len(self.row)

    @property
    def is_in(self) -> Bools:
        """Whether the lead is still in the track."""
        inside: Bools = self.left_at == NEVER
        return inside

    @cached_property
    def current(self) -> Ints:
        """By lead, the enrolment that it is in; -1 for none."""
        found = np.full(len(self.stories.table), -1, np.int64)
        inside = np.flatnonzero(self.is_in)
        found[self.lead[inside]] = inside
        return found

    @property
    def wakes(self) -> Ints:
        """By lead, when its next step is due; `NEVER` where none is."""
        found = np.full(len(self.stories.table), NEVER, np.int64)
        np.minimum.at(found, self.lead, self.next_at)
        return found

    def following(self) -> list[tuple[int, str]]:
        """The enrolments that ended with their last step and have a track that follows, with its name."""
        ended = np.flatnonzero(self.why == self.reasons.index(LAST_STEP))
        found = ((int(n), self.places[int(self.place[n])].track) for n in ended)
        return [(n, track.then) for n, track in found if track is not None and track.then]


def enrolments(stories: Stories, resumed: int = 0) -> Enrolments:
    """Every time that a lead of these stories was in a track, as of the end of their log.

    No step is waited for from before `resumed` (µs): whoever sends them had ceased to until then.
    """
    spoken = Spoken(stories.log)
    rows = np.flatnonzero(spoken.enters & ~stories.unexpected)
    if not len(rows):
        return _nobody(stories)
    found = _stays(stories, spoken, rows, resumed)
    for turn in range(MOST_REPEATS):
        repeated = _repeated(found)
        if not len(repeated):
            break
        firsts = np.unique(found.lead[repeated], return_index=True)[1]
        rows = np.delete(rows, repeated[firsts] if turn + 1 < MOST_REPEATS else repeated)
        found = _stays(stories, spoken, rows, resumed)
    return found


def _nobody(stories: Stories) -> Enrolments:
    """No enrolments at all, as of most leads."""
    none, never = np.zeros(0, np.int64), np.zeros(0, np.bool_)
    columns = (none, none, none, none, none, none, never, none, none, none, none)
    return Enrolments(stories, (), reasons_of(()), *columns)


def _repeated(found: Enrolments) -> Ints:
    """Those that say again, by `enrolled`, that a lead is in the track that it is in: no new stay."""
    log = found.stories.log
    if len(found) < 2:
        return np.zeros(0, np.int64)
    before, row = found.row[:-1], found.row[1:]
    same = (log.lead[before] == log.lead[row]) & (log.code[before] == log.code[row])
    same &= (log.kind[row] == ENROLLED) & (found.left_row[:-1] == row)
    return np.flatnonzero(same) + 1


def _stays(stories: Stories, spoken: Spoken, rows: Ints, resumed: int) -> Enrolments:
    """The stays in tracks that these facts begin."""
    log, program = stories.log, stories.program
    places, place = places_of(program, log, rows)
    lead, at = log.lead[rows].astype(np.int64), log.at[rows]
    sizes = by_place(places, lambda p: len(p.track.steps) if p.track else -1)
    steps, last_at, ended_row = _steps(log, spoken, rows, sizes[place])
    reasons = reasons_of(places)
    left_row, why = exits(stories, spoken, places, rows, place, ended_row, reasons)
    left_at = np.where(left_row >= 0, log.at[left_row], NEVER) if len(log) else left_row
    freed, is_with_sales = with_sales(stories, lead)
    pauses = by_place(places, lambda p: p.track is not None and p.track.pause_with_sales)[place] > 0
    waits_from = np.where(pauses, np.maximum(last_at, freed), last_at)
    waits_from = np.maximum(waits_from, resumed)
    is_in = left_at == NEVER
    is_paused = is_in & pauses & is_with_sales
    next_at = due(program, places, place, steps, waits_from)
    next_at[~is_in | is_paused] = NEVER
    return Enrolments(
        *(stories, places, reasons, lead, rows, place, at, steps, next_at),
        *(is_paused, left_at, left_row, why, waits_from),
    )


def due_at(program: Program, place: Place, step: int, since: int) -> int | None:
    """When a step of a track is due, counted from `since` (µs); None where there is no such step."""
    places = (place,)
    told = due(program, places, np.zeros(1, np.int64), np.array([step]), np.array([since]))
    return None if int(told[0]) == NEVER else int(told[0])


def _steps(log: Log, spoken: Spoken, rows: Ints, sizes: Ints) -> tuple[Ints, Ints, Ints]:
    """By enrolment: how many steps are over, when the last one was (or it began), and the row of the
    fact that told the last step of the track, or began it with none left (-1: not yet)."""
    told = np.flatnonzero(spoken.steps)
    owner = _owners(log, rows, told)
    told, owner = told[owner >= 0], owner[owner >= 0]
    order = np.argsort(owner, kind="stable")
    told, owner = told[order], owner[order]
    own = np.bincount(owner, minlength=len(rows)).astype(np.int64)
    done, last_at = _goes_on(log, rows)
    np.maximum.at(last_at, owner, log.at[told])
    firsts, steps = np.cumsum(own) - own, own + done
    ended = (steps >= sizes) & (sizes > 0)
    at_once = ended & (done >= sizes)
    ended &= ~at_once
    ended_row = np.where(at_once, rows, -1)
    ended_row[ended] = told[firsts[ended] + sizes[ended] - done[ended] - 1]
    return steps, last_at, ended_row


def _goes_on(log: Log, rows: Ints) -> tuple[Ints, Ints]:
    """By enrolment: how many steps were over when it began, and since when the next one is waited for."""
    done, since = np.zeros(len(rows), np.int64), log.at[rows].copy()
    own = np.flatnonzero(log.kind[rows] == ENROLLED)
    since[own] = np.minimum(since[own], log.moments("since", rows[own], NEVER))
    counts = log.fields.get("done")
    if counts is not None:
        codes, place = np.unique(counts.dense(len(log))[rows[own]], return_inverse=True)
        told = [_count(counts.words[code]) if code >= 0 else 0 for code in codes.tolist()]
        done[own] = np.array(told, np.int64)[place]
    return done, since


def _count(word: str) -> int:
    """The steps that a word says are over; 0 where it is no number."""
    if not (word.isascii() and word.isdigit()):
        return 0
    digits = word.lstrip("0")
    return MOST_DONE if len(digits) >= len(str(MOST_DONE)) else int(digits or "0")


def _owners(log: Log, rows: Ints, told: Ints) -> Ints:
    """The enrolment that each of these facts belongs to; -1 for none.

    A track that follows begins at the very instant of the last step, in whatever order the two stand.
    """
    if not len(rows):
        return np.full(len(told), -1, np.int64)
    latest = np.searchsorted(rows, told, "right") - 1
    before = np.maximum(latest - 1, 0)
    same = _is_of(log, rows, told, latest)
    at_once = (latest > 0) & (log.at[rows[latest]] == log.at[told])
    earlier = at_once & _is_of(log, rows, told, before)
    return np.where(same, latest, np.where(earlier, before, -1))


def _is_of(log: Log, rows: Ints, told: Ints, place: Ints) -> Bools:
    entry = rows[np.maximum(place, 0)]
    same: Bools = (log.lead[entry] == log.lead[told]) & (log.code[entry] == log.code[told])
    return same & (place >= 0)


def due(program: Program, places: tuple[Place, ...], place: Ints, step: Ints, since: Ints) -> Ints:
    """When the next step of each enrolment is due; `NEVER` where there is none."""
    found = np.full(len(place), NEVER, np.int64)
    clocks: dict[int, Clock] = {}
    for number, one in enumerate(places):
        for n, clause in enumerate(one.track.steps if one.track else ()):
            own = (place == number) & (step == n)
            if own.any():
                found[own] = after(program, one.version, clause.after, since[own], clocks)
    return found


def after(
    program: Program, version: int, span: Span, since: Ints, clocks: dict[int, Clock]
) -> Ints:
    """Each instant after which a span has passed, on the clock of a version."""
    agreed = program.versions[version]
    if span.unit == "hours":
        return since + span.micros
    if span.unit == "days":
        return same_time(since, span.days, agreed.agreement.zone)
    clock = clocks.setdefault(version, Clock(program.usual(agreed)))
    if span.unit == "working hours":
        return clock.after(since, span.micros)
    return clock.nth_day(since, span.days)
