"""Judge: the one door. Agreement, log and now give stories, obligations and the next wake-up."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.model import Agreement
from leadpact.facts import (
    ASSIGNED,
    DISPUTED,
    HANDED_OVER,
    MOVED,
    RULED,
    WAIVED,
    word,
)
from leadpact.log import Log
from leadpact.log.coming import coming
from leadpact.program import Load, Program, load
from leadpact.program import columns as col
from leadpact.program.columns import NEVER, Facts, Output
from leadpact.promises import Obligations
from leadpact.rulings import standing
from leadpact.story import Stories
from leadpact.sweep import bounds, sweep

SHARE = 500_000
"""Facts that are swept as one share of a large log, so that shares fit caches and cores."""
USUAL_LEGS = 8
"""Legs of an obligation for which there is room at once; a share with more is swept again."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """What holds at `now` (µs UTC): the log as it was read, its stories and its obligations.

    `wakes` is the next instant at which anything about each lead of `log` can change (`NEVER`: not
    by itself), `coming` the first instant of each lead of which nothing has happened yet, by key.
    """

    program: Program
    log: Log
    now: int
    stories: Stories
    obligations: Obligations
    wakes: NDArray[np.int64]
    coming: Mapping[str, int]

    @property
    def wake_at(self) -> int | None:
        """The next instant at which anything can change; None if nothing will by itself."""
        soonest = min(int(self.wakes.min(initial=NEVER)), *self.coming.values(), NEVER)
        return None if soonest == NEVER else soonest

    @property
    def repeated(self) -> int:
        """Facts that would have started a promise which had started in that pass already."""
        return int(self.stories.table[:, col.T_REPEATED].sum())

    @property
    def strange(self) -> dict[str, int]:
        """Facts with a word that no version knows: stages, promises, people who own leads."""
        promises = {word(name) for v in self.program.versions for name in v.agreement.promised()}
        promises.add("handoff")  # what a dispute of a rejection names
        roster = {name for v in self.program.versions for name in v.agreement.people}
        roster |= self.program.roster.people.keys()
        log = self.log
        owns = np.isin(log.kind, (HANDED_OVER, ASSIGNED)) & (log.who >= 0)
        said = np.isin(log.kind, (WAIVED, RULED, DISPUTED)) & (log.code >= 0)
        moved = (log.kind == MOVED) & (log.code >= 0)
        return {
            "unknown stages": _unknown(log.code[moved], log.codes, {*self.program.stages}),
            "unknown promises": _unknown(log.code[said], log.codes, promises),
            "owners not in the roster": _unknown(log.who[owns], log.people, roster)
            if roster
            else 0,
        }

    @property
    def unbound(self) -> int:
        """Facts from before the first version was in force: nothing that starts then is judged."""
        return int((self.log.at < self.program.versions[0].begins).sum())


def judge(
    agreement: Program | Sequence[Agreement], log: Log, *, now: int, known_at: int | None = None
) -> Judgement:
    """Judge every lead of the log by the version in force when each promise began.

    `now` and `known_at` are µs UTC; facts that occur after `now`, or were recorded after
    `known_at`, are ignored and counted in ``judgement.log.counts``.
    """
    program = agreement if isinstance(agreement, Program) else Program(agreement)
    seen = log.as_of(now, known_at)
    loaded = load(program, seen, now)
    found = _swept(program, loaded, len(seen), now)
    obligations = Obligations(program, seen, now, found.obligations, found.legs)
    stories = Stories(
        program,
        seen,
        found.passes,
        found.entered,
        found.entered_by,
        found.stories,
        found.pass_of,
        found.unexpected,
    )
    obligations = standing(obligations.waived(found.pass_of), stories)
    told, untold = _facts_to_come(log, seen, now, known_at)
    wakes = np.minimum.reduce([stories.alarm, stories.recycled(now), told])
    np.minimum.at(wakes, obligations.lead, obligations.column(col.O_WAKE))
    return Judgement(program, seen, now, stories, obligations, wakes, untold)


def judge_parts(
    agreement: Program | Sequence[Agreement],
    parts: Iterable[Log],
    *,
    now: int,
    known_at: int | None = None,
) -> Iterator[Judgement]:
    """Judge a log that comes in parts, each while the next is being read.

    A part holds whole leads; leads of different parts must not be merged, nor share facts of an
    account. What is yielded is as if each part were a log of its own.
    """
    program = agreement if isinstance(agreement, Program) else Program(agreement)
    with ThreadPoolExecutor(1) as pool:
        ahead = None
        for part in parts:
            judged = pool.submit(judge, program, part, now=now, known_at=known_at)
            if ahead is not None:
                yield ahead.result()
            ahead = judged
        if ahead is not None:
            yield ahead.result()


def _unknown(codes: NDArray[np.int32], words: Sequence[str], known: set[str]) -> int:
    """How many of these codes stand for words that aren't known."""
    strange = np.array([text not in known for text in words], np.bool_)
    return int(strange[codes].sum()) if len(codes) else 0


def _facts_to_come(
    log: Log, seen: Log, now: int, known_at: int | None
) -> tuple[NDArray[np.int64], dict[str, int]]:
    """When the next fact changes each lead that was seen, and each that wasn't, by key."""
    soonest = coming(log, now, known_at)
    if len(seen.leads) == len(log.leads):
        return soonest, {}
    import pyarrow.compute as pc

    is_seen = np.asarray(pc.is_in(log.leads, value_set=seen.leads))
    later = np.flatnonzero(~is_seen & (soonest != NEVER))
    keys = log.leads.take(later).to_pylist()
    return soonest[is_seen], dict(zip(keys, soonest[later].tolist(), strict=True))


class Found(NamedTuple):
    """The results of all shares of a log."""

    obligations: list[NDArray[np.int64]]
    legs: list[NDArray[np.int64]]
    passes: NDArray[np.int32]
    entered: NDArray[np.int32]
    entered_by: NDArray[np.int32]
    stories: NDArray[np.int64]
    pass_of: NDArray[np.int32]
    unexpected: NDArray[np.bool_]


def _swept(program: Program, loaded: Load, rows: int, now: int) -> Found:
    """Sweep the log in shares of whole leads, on all cores where it is large."""
    starts = loaded.facts.starts
    stories = np.zeros((len(starts) - 1, col.STORY_WIDTH), np.int64)
    pass_of = np.ones(rows, np.int32)
    unexpected = np.zeros(rows, np.bool_)
    cuts = _cuts(starts)

    def share(place: int) -> Output:
        first, last = cuts[place], cuts[place + 1]
        facts = loaded.facts._replace(starts=starts[first : last + 1])
        output = _room(program, loaded, facts, stories[first:last], pass_of, unexpected)
        return _filled(loaded, facts, output, now, first)

    workers = min(os.cpu_count() or 1, len(cuts) - 1)
    if workers <= 1:
        outputs = [share(place) for place in range(len(cuts) - 1)]
    else:
        pool = ThreadPoolExecutor(workers)
        try:
            outputs = list(pool.map(share, range(len(cuts) - 1)))
        finally:  # after Ctrl-C nobody waits for shares that are still being swept
            pool.shutdown(wait=False, cancel_futures=True)
    return _joined(outputs, stories, pass_of, unexpected)


def _cuts(starts: NDArray[np.int64]) -> list[int]:
    """Where to cut the leads, so that each share has about `SHARE` facts and no lead is torn."""
    leads, facts = len(starts) - 1, int(starts[-1] - starts[0])
    if facts <= SHARE:
        return [0, leads]
    wanted = np.arange(SHARE, facts, SHARE)
    inner = np.unique(np.searchsorted(starts, wanted))
    return [0, *(cut for cut in inner.tolist() if 0 < cut < leads), leads]


def _room(
    program: Program,
    loaded: Load,
    facts: Facts,
    stories: NDArray[np.int64],
    pass_of: NDArray[np.int32],
    unexpected: NDArray[np.bool_],
) -> Output:
    """Empty results with room for everything that these leads can yield."""
    most = bounds(facts, loaded.rules, loaded.begins, program.restarts)
    width = len(program.stages)
    return Output(
        obligations=np.empty((most.obligations, col.OBLIGATION_WIDTH), np.int64),
        legs=_room_for_legs(min(most.legs, USUAL_LEGS * most.obligations)),
        passes=np.empty((most.passes, col.PASS_WIDTH), np.int32),
        entered=np.empty((most.passes, width), np.int32),
        entered_by=np.empty((most.passes, width), np.int32),
        stories=stories,
        pass_of=pass_of,
        unexpected=unexpected,
        sizes=np.array([0, 0, 0, most.room], np.int64),
    )


def _room_for_legs(most: int) -> NDArray[np.int64]:
    """Room for so many legs, and the row that the sweep never lets count."""
    return np.empty((most + 1, col.LEG_WIDTH), np.int64)


def _filled(loaded: Load, facts: Facts, output: Output, now: int, first: int) -> Output:
    """The results of one share, cut to size; its leads are numbered from `first`."""
    room, groups = int(output.sizes[3]), _groups(loaded)
    sweep(facts, loaded.rules, loaded.dials, output, now, room, groups)
    obligations, legs, passes, _ = output.sizes.tolist()
    if legs >= len(output.legs):  # leads that changed hands unusually often
        output = output._replace(legs=_room_for_legs(legs))
        sweep(facts, loaded.rules, loaded.dials, output, now, room, groups)
    output.obligations[:obligations, col.O_LEAD] += first
    output.passes[:passes, col.S_LEAD] += first
    return output._replace(
        obligations=output.obligations[:obligations],
        legs=output.legs[:legs],
        passes=output.passes[:passes],
        entered=output.entered[:passes],
        entered_by=output.entered_by[:passes],
    )


def _groups(loaded: Load) -> int:
    promises = loaded.rules.promises
    return int(promises[:, col.P_GROUP].max()) + 1 if len(promises) else 1


def _joined(
    outputs: Sequence[Output],
    stories: NDArray[np.int64],
    pass_of: NDArray[np.int32],
    unexpected: NDArray[np.bool_],
) -> Found:
    return Found(
        [output.obligations for output in outputs],
        [output.legs for output in outputs],
        _whole([output.passes for output in outputs]),
        _whole([output.entered for output in outputs]),
        _whole([output.entered_by for output in outputs]),
        stories,
        pass_of,
        unexpected,
    )


def _whole(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
