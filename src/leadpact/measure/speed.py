"""Speed: how long answers took, as a distribution, in working and in wall-clock time."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from leadpact.clock import Clock
from leadpact.facts import CREATED, ENGAGED
from leadpact.figure import exact_text
from leadpact.measure.judged import Bools, Evidence, Ints, Judged, evidence
from leadpact.measure.owed import Owed, owed_of
from leadpact.program import columns as col
from leadpact.program.columns import NEVER
from leadpact.units import HOUR, MINUTE, SECOND

BUCKETS: tuple[tuple[str, int], ...] = (
    ("5 min", 5 * MINUTE),
    ("1 h", HOUR),
    ("24 h", 24 * HOUR),
)
"""The upper ends, included, of the usual buckets; beyond the last: longer, or never."""

EDGES = tuple(
    MINUTE * minutes
    for minutes in (1, 2, 5, 10, 20, 30, 60, 120, 240, 480, 1440, 2880, 10_080, 43_200)
)
"""The upper ends of the finer bars of a chart: about even steps on a logarithmic scale."""


@dataclass(frozen=True, slots=True)
class Times:
    """The times that some answers took, µs; `never` counts what is overdue without any.

    Percentiles are by nearest rank, the median of an even number halves the two in the middle.
    Those who never answered stay in the shares and out of the percentiles.
    """

    count: int
    never: int
    undecided: int
    median: Fraction | None
    p75: int | None
    p90: int | None
    mean: Fraction | None
    within: tuple[int, ...]
    bars: tuple[int, ...]

    @property
    def asked(self) -> int:
        """Answered and never answered: the denominator of the shares."""
        return self.count + self.never

    @property
    def shares(self) -> tuple[Fraction, ...] | None:
        """The shares of: up to 5 min, up to 1 h (both cumulative), 1 to 24 h, longer, never."""
        if not self.asked:
            return None
        five, hour, day = self.within
        parts = (five, hour, day - hour, self.count - day, self.never)
        return tuple(Fraction(part, self.asked) for part in parts)

    def to_json(self) -> dict[str, Any]:
        """The times in their JSON form; lengths in seconds."""
        names = ("up_to_5_min", "up_to_1_h", "1_to_24_h", "over_24_h", "never")
        shares = self.shares or (None,) * len(names)
        return {
            "answered": self.count,
            "never": self.never,
            "undecided": self.undecided,
            **{
                name: None if length is None else exact_text(Fraction(length) / SECOND)
                for name, length in (
                    ("median", self.median),
                    ("p75", self.p75),
                    ("p90", self.p90),
                    ("mean", self.mean),
                )
            },
            "shares": {
                name: None if part is None else exact_text(part)
                for name, part in zip(names, shares, strict=True)
            },
            "bars": [
                {"up_to_seconds": None if edge is None else edge // SECOND, "count": count}
                for edge, count in zip((*EDGES, None), self.bars, strict=True)
            ],
        }


def times(taken: Ints, never: int = 0, undecided: int = 0) -> Times:
    """The distribution of some lengths of time (µs)."""
    ordered = np.sort(taken)
    within = np.searchsorted(ordered, [end for _name, end in BUCKETS], "right").tolist()
    bars = np.diff([0, *np.searchsorted(ordered, EDGES, "right").tolist(), len(ordered)]).tolist()
    some = len(ordered) > 0
    return Times(
        len(ordered),
        never,
        undecided,
        median(ordered) if some else None,
        nearest_rank(ordered, Fraction(75, 100)) if some else None,
        nearest_rank(ordered, Fraction(90, 100)) if some else None,
        Fraction(_sum(ordered), len(ordered)) if some else None,
        tuple(within),
        tuple(bars),
    )


def _sum(lengths: Ints) -> int:
    """The sum of lengths of time; seconds and their fractions apart, so that it can't overflow."""
    return int((lengths // SECOND).sum()) * SECOND + int((lengths % SECOND).sum())


def nearest_rank(ordered: Ints, part: Fraction) -> int:
    """The least value that so great a part of the (ordered) values doesn't pass."""
    rank = -(-part.numerator * len(ordered) // part.denominator)
    return int(ordered[max(rank, 1) - 1])


def median(ordered: Ints) -> Fraction:
    """The middle of ordered values; halfway between the two of an even number."""
    half = len(ordered) // 2
    if len(ordered) % 2:
        return Fraction(int(ordered[half]))
    return Fraction(int(ordered[half - 1]) + int(ordered[half]), 2)


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a promise was answered: by the working clock and on the wall.

    `buyer` counts from the buyer's last act before the promise began, `system` until somebody owned
    the lead, `human` from then to the answer; these are of what was answered.
    """

    promise: str
    side: str
    rep: str | None
    working: Times
    wall: Times
    buyer: Times
    system: Times
    human: Times
    human_working: Times
    buyer_working: Times

    def to_json(self) -> dict[str, Any]:
        """The speed in its JSON form."""
        parts = (
            "working",
            "wall",
            "buyer",
            "buyer_working",
            "system",
            "human",
            "human_working",
        )
        return {
            "promise": self.promise,
            "side": self.side,
            "rep": self.rep,
            **{part: getattr(self, part).to_json() for part in parts},
        }


def speeds(judged: Judged | Evidence, by: Literal["rep"] | None = None) -> list[Speed]:
    """How fast each response promise that asks for one answer got it, in all or by last owner."""
    found = evidence(judged)
    return [*_speeds(owed_of(found), by)]


def _speeds(owed: Owed, by: Literal["rep"] | None) -> Iterator[Speed]:
    lengths = _Lengths(owed)
    people = owed.found.log.people
    for promise, group in owed.found.program.groups.items():
        rows = [row for row in owed.found.program.rows if row.promise == promise]
        if any(row.times > 1 or row.rung is not None for row in rows):
            continue
        own = np.flatnonzero(owed.group == group)
        if by is None:
            yield lengths.speed(promise, rows[0].side, None, own)
            continue
        owners = owed.column(col.O_OWNER)[own]
        order = np.argsort(owners, kind="stable")
        listed, starts = np.unique(owners[order], return_index=True)
        parts = np.split(own[order], starts[1:])
        for owner, part in zip(listed.tolist(), parts, strict=bool(len(listed))):
            if owner >= 0:
                yield lengths.speed(promise, rows[0].side, people[owner], part)


class _Lengths:
    """The lengths of time of every obligation; where its times of day are known."""

    def __init__(self, owed: Owed) -> None:
        self.owed = owed
        start, self.end = owed.column(col.O_START), owed.column(col.O_END)
        timed = owed.column(col.O_DATED) == 0
        self.answered: Bools = owed.answered & timed & (owed.verdict != col.EXCUSED)
        self.never: Bools = ~owed.answered & (owed.verdict == col.BROKEN)
        self.undecided: Bools = (owed.verdict == col.OPEN) | (owed.answered & ~timed)
        self.working: Ints = owed.column(col.O_WORKED)
        self.wall: Ints = self.end - start
        touch = _touches(owed)
        self.owned: Bools = self.answered & (owed.first_owned != NEVER)
        first = np.where(self.owned, owed.first_owned, start)
        self.buyer: Ints = self.end - touch
        self.system: Ints = np.maximum(first - touch, 0)
        self.human: Ints = np.maximum(self.end - first, 0)
        self.human_working: Ints = np.maximum(self.working - owed.unowned_work, 0)
        clock = Clock(owed.found.program.usual(owed.found.version))
        self.buyer_working: Ints = clock.between(touch, start) + self.working

    def speed(self, promise: str, side: str, rep: str | None, own: Ints) -> Speed:
        """The distributions of those at some places."""
        never, undecided = int(self.never[own].sum()), int(self.undecided[own].sum())
        answered, owned = own[self.answered[own]], own[self.owned[own]]
        return Speed(
            promise,
            side,
            rep,
            working=times(self.working[answered], never, undecided),
            wall=times(self.wall[answered], never, undecided),
            buyer=times(self.buyer[answered], never, undecided),
            buyer_working=times(self.buyer_working[answered], never, undecided),
            system=times(self.system[owned]),
            human=times(self.human[owned], never, undecided),
            human_working=times(self.human_working[owned], never, undecided),
        )


def _touches(owed: Owed) -> Ints:
    """The buyer's last act up to the start of each: their creation or engagement; else the start."""
    log = owed.found.log
    row = owed.column(col.O_ROW)
    hits = np.where(np.isin(log.kind, [CREATED, ENGAGED]), np.arange(len(log)), -1)
    last = np.maximum.accumulate(hits)[row] if len(row) else row
    known = last >= log.starts[owed.column(col.O_LEAD)]
    at = np.minimum(log.at[np.maximum(last, 0)], owed.column(col.O_START)) if len(row) else row
    return np.where(known, at, owed.column(col.O_START))
