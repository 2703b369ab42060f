"""Keeping: the cadence of every handed-over pass of a judged log, and how its touches were kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.contacting import Cadence
from leadpact.agreement.model import Agreement
from leadpact.cadence import walk as w
from leadpact.cadence.events import Judged, attempts_of, events_of, version_of
from leadpact.cadence.over import beyond
from leadpact.clock import Dials, dials
from leadpact.facts import HANDED_OVER, RETURNED
from leadpact.log import Log
from leadpact.program import Program, mask
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.program.lowering import MODES
from leadpact.story import Stories
from leadpact.units import DAY

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Touched(NamedTuple):
    """A planned touch of one pass: its step (from 1), its channel, what became of it (`STATES`), when
    it was due and when it was done (µs UTC; None: not known, not done)."""

    step: int
    channel: str
    state: str
    due: int | None
    at: int | None


class Kept(NamedTuple):
    """How planned touches were kept: `done` by channel and in time, of those `due`; one that waits for
    its time is `undecided`."""

    done: int
    due: int
    undecided: int


@dataclass(frozen=True, eq=False)
class Cadences:
    """What follows from the cadences of an agreement for every pass of a log.

    Columns by pass (the rows of ``stories.passes``): `cadence` is its place in `named` (-1: none),
    `handed` the row of its handover (-1: none), `attempts` those after it that count, `beyond` whether
    the guard would have warned of one, `returned` whether it went back, `early` whether it did with
    fewer attempts than agreed. `touches` has the planned touches of pass `n` (columns of `walk`) from
    ``first[n]`` to ``first[n + 1]``; `rows` are the attempts that count, and `places` their passes.
    """

    program: Program
    log: Log
    now: int
    stories: Stories
    named: tuple[tuple[int, str], ...]
    cadence: Ints
    handed: Ints
    attempts: Ints
    beyond: Bools
    returned: Bools
    early: Bools
    touches: Ints
    first: Ints
    rows: Ints
    places: Ints

    @cached_property
    def touch_pass(self) -> Ints:
        """The pass of each planned touch."""
        return np.repeat(np.arange(len(self.cadence)), np.diff(self.first))

    @property
    def pass_of_lead(self) -> Ints:
        """The latest pass of each lead of the log; -1 for none."""
        found = np.full(len(self.log.keys), -1, np.int64)
        found[self.stories.passes[:, col.S_LEAD]] = np.arange(len(self.stories.passes))
        return found

    def next_at(self) -> Ints:
        """When the next touch of each lead is due; `NEVER` where none is planned."""
        found = np.full(len(self.log.keys), NEVER, np.int64)
        waits = np.isin(self.touches[:, w.STATE], (w.COMING, w.OVERDUE))
        place = self.touch_pass[waits]
        leads = self.stories.passes[place, col.S_LEAD]
        latest = self.pass_of_lead[leads] == place
        found[leads[latest]] = self.touches[waits, w.DUE][latest]
        return found

    def kept(self, which: Bools | None = None) -> Kept:
        """How the touches (of some passes) were kept."""
        states = self.touches[:, w.STATE]
        own = states if which is None else states[which[self.touch_pass]]
        counts = np.bincount(own, minlength=len(w.STATES)).tolist()
        return Kept(counts[w.DONE], sum(counts[: w.COMING]), counts[w.COMING])

    def touched(self, place: int) -> list[Touched]:
        """The planned touches of a pass, in their order."""
        if self.cadence[place] < 0:
            return []
        version, name = self.named[self.cadence[place]]
        steps = _cadences(self.program.versions[version].agreement)[name].steps
        base = self._bases[self.cadence[place]]
        return [
            Touched(
                step - base + 1,
                steps[step - base].do,
                w.STATES[state],
                None if due == NEVER else due,
                None if at == NEVER else at,
            )
            for step, state, due, at, _row in self.touches[
                self.first[place] : self.first[place + 1]
            ].tolist()
        ]

    @cached_property
    def _bases(self) -> list[int]:
        """The first step of each cadence in the table of all steps."""
        return _bases(self.program, self.named)

    def tried(self, place: int) -> tuple[list[tuple[int, str]], int]:
        """The attempts of the lead of a pass that count, with their channel, oldest first; and how many
        of them are of passes before."""
        lead = self.stories.passes[place, col.S_LEAD]
        own = self.log.lead[self.rows] == lead
        words = (*self.log.codes, "")
        rows = self.rows[own].tolist()
        earlier = int((self.places[own] < place).sum())
        return [(int(self.log.at[row]), words[self.log.code[row]]) for row in rows], earlier


def cadences(judged: Judged) -> Cadences | None:
    """The cadences of every handed-over pass; None where no version of the agreement has a follow-up."""
    program, log = judged.program, judged.log
    if not any(version.agreement.follow_up for version in program.versions):
        return None
    passes = judged.stories.passes.astype(np.int64)
    place = _places(judged.stories)
    counts = attempts_of(program, log)
    handed = _first(np.flatnonzero((log.kind == HANDED_OVER) & (place >= 0)), place, len(passes))
    named = tuple(
        (number, name)
        for number, version in enumerate(program.versions)
        for name in _cadences(version.agreement)
    )
    cadence = _chosen(program, log, handed, named)
    first, touches = _walked(judged, place, counts, handed, cadence, named)
    rows = np.flatnonzero(counts & (place >= 0))
    after = rows[(handed[place[rows]] >= 0) & (rows > handed[place[rows]])]
    attempts = np.bincount(place[after], minlength=len(passes)).astype(np.int64)
    over = np.zeros(len(passes), bool)
    for number, version in enumerate(program.versions):
        follow_up = version.agreement.follow_up
        own = rows[version_of(program, log)[rows] == number]
        if follow_up is not None and follow_up.guard is not None:
            over[place[own[beyond(follow_up.guard, program, number, log, own, place)]]] = True
    returned = (
        _first(np.flatnonzero((log.kind == RETURNED) & (place >= 0)), place, len(passes)) >= 0
    )
    early = returned & (attempts < _least(program, cadence, named))
    return Cadences(
        program, log, judged.now, judged.stories, named, cadence, handed, attempts, over,
        returned, early, touches, first, rows, place[rows],
    )  # fmt: skip


def _cadences(agreement: Agreement) -> dict[str, Cadence]:
    return dict(agreement.follow_up.cadences) if agreement.follow_up else {}


def _places(stories: Stories) -> Ints:
    """The place in ``stories.passes`` of the pass of each row; -1 where it never opened."""
    passes = stories.passes
    width = int(stories.pass_of.max(initial=1)) + 1
    own = passes[:, col.S_LEAD].astype(np.int64) * width + passes[:, col.S_PASS]
    wanted = stories.log.lead.astype(np.int64) * width + stories.pass_of
    order = np.argsort(own, kind="stable")
    found = np.searchsorted(own[order], wanted)
    inside = np.minimum(found, max(len(own) - 1, 0))
    if not len(own):
        return np.full(len(wanted), -1, np.int64)
    return np.where(own[order][inside] == wanted, order[inside], -1)


def _first(rows: Ints, place: Ints, count: int) -> Ints:
    """The first of those rows in each pass; -1 for none."""
    found = np.full(count, -1, np.int64)
    found[place[rows[::-1]]] = rows[::-1]
    return found


def _chosen(program: Program, log: Log, handed: Ints, named: Sequence[tuple[int, str]]) -> Ints:
    """The first cadence that fits each pass at its handover, as a place in `named`; -1 for none."""
    passes = np.flatnonzero(handed >= 0)
    chosen = np.full(len(handed), -1, np.int64)
    rows = _last_at_once(log, handed[passes])
    version = version_of(program, log)[rows] if len(log) else rows
    for place, (number, name) in reversed([*enumerate(named)]):
        agreement = program.versions[number].agreement
        fits = version == number
        for condition in (agreement.applies_to, _cadences(agreement)[name].for_):
            if condition is not None and fits.any():
                fits &= mask(condition, log, agreement.zone)[rows]
        chosen[passes[fits]] = place
    return chosen


def _last_at_once(log: Log, rows: Ints) -> Ints:
    """The last row of the same lead at the same instant: what is known then is known of the whole."""
    found = rows.copy()
    for _step in range(len(log)):
        after = np.minimum(found + 1, len(log) - 1)
        same = (log.lead[after] == log.lead[found]) & (log.at[after] == log.at[found])
        same &= after != found
        if not same.any():
            break
        found = np.where(same, after, found)
    return found


def _bases(program: Program, named: Sequence[tuple[int, str]]) -> list[int]:
    counts = [len(_cadences(program.versions[v].agreement)[name].steps) for v, name in named]
    return [sum(counts[:place]) for place in range(len(counts) + 1)]


def _steps(program: Program, log: Log, named: Sequence[tuple[int, str]]) -> tuple[Ints, Ints, int]:
    """All steps of all cadences, how many touches each cadence has, and the longest of them (µs)."""
    codes = {word: code for code, word in enumerate(log.codes)}
    lines: list[tuple[int, int, int, int]] = []
    touches, longest = [], 0
    for version, name in named:
        steps = _cadences(program.versions[version].agreement)[name].steps
        touches.append(sum(step.do != "wait" for step in steps))
        longest = max(longest, sum(10 * s.after.micros + 3 * s.after.days * DAY for s in steps))
        for step in steps:
            code = w.WAIT if step.do == "wait" else codes.get(step.do, -2)
            mode = MODES.get(step.after.unit, col.WORKING_DAYS)
            lines.append((code, mode, step.after.micros, step.after.days))
    return np.array(lines, np.int64).reshape(-1, 4), np.array([*touches, 0], np.int64), longest


def _walked(
    judged: Judged,
    place: Ints,
    counts: Bools,
    handed: Ints,
    cadence: Ints,
    named: Sequence[tuple[int, str]],
) -> tuple[Ints, Ints]:
    """Where the touches of each pass begin, and the touches."""
    program, log = judged.program, judged.log
    steps, sizes, longest = _steps(program, log, named)
    first = np.concatenate([[0], np.cumsum(sizes[cadence])]).astype(np.int64)
    touches = np.full((int(first[-1]), w.TOUCH_WIDTH), -1, np.int64)
    if not len(touches):
        return first, touches
    followed = np.flatnonzero(cadence >= 0)
    bases = np.array(_bases(program, named), np.int64)
    version = np.array([v for v, _name in named], np.int64)[cadence[followed]]
    owners = program.owners(log.people)
    passes = np.zeros((len(followed), w.PASS_WIDTH), np.int64)
    passes[:, w.BEGINS] = handed[followed]
    passes[:, w.UNTIL] = _ends(place, len(cadence))[followed]
    passes[:, w.FIRST] = bases[cadence[followed]]
    passes[:, w.LAST] = bases[cadence[followed] + 1]
    passes[:, w.ZONE] = np.array([_zone(program, v) for v in range(len(program.versions))])[version]
    passes[:, w.DIAL] = owners[version, log.who[handed[followed]] + 1]
    passes[:, w.CAP] = np.array([_cap(v.agreement) for v in program.versions], np.int64)[version]
    passes[:, w.PLACE] = first[followed]
    of_row = np.zeros(len(cadence), np.int64)
    of_row[followed] = version
    tables = _dials(program, log, judged.now, longest)
    w.walk(
        tables, passes, steps, log.at, events_of(judged, counts), log.code,
        owners[of_row[place], log.who + 1], touches, judged.now,
    )  # fmt: skip
    return first, touches


def _dials(program: Program, log: Log, now: int, longest: int) -> Dials:
    first = min(int(log.at.min()), now)
    return dials(program.calendars, program.zones, first, max(now, int(log.at.max())) + longest)


def _zone(program: Program, version: int) -> int:
    return program.zones.index(program.versions[version].agreement.zone)


def _cap(agreement: Agreement) -> int:
    """The longest pause, about; 0 where none is agreed."""
    cap = agreement.pauses.at_most
    return 0 if cap is None else cap.micros or cap.days * DAY


def _ends(place: Ints, count: int) -> Ints:
    """The row behind the last one of each pass."""
    ends = np.zeros(count, np.int64)
    rows = np.flatnonzero(place >= 0)
    ends[place[rows]] = rows + 1
    return ends


def _least(program: Program, cadence: Ints, named: Sequence[tuple[int, str]]) -> Ints:
    """The attempts that a lead gets before it may go back: those agreed, else those of its cadence."""
    table = []
    for version, name in named:
        agreement = program.versions[version].agreement
        back = agreement.handoff.return_ if agreement.handoff else None
        touches = sum(step.do != "wait" for step in _cadences(agreement)[name].steps)
        table.append(back.attempts if back else touches)
    last = program.versions[-1].agreement.handoff
    usual = last.return_.attempts if last and last.return_ else 0
    return np.array([*table, usual], np.int64)[cadence]
