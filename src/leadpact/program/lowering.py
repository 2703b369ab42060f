"""Lowering: an agreement's versions become the small arrays that the sweep runs.

The promises of all versions are numbered in one table; a *class* is a kind of fact with its
subject and, for attempts, its odd marks. Classes are added as logs bring new words, so that a
program is lowered once and serves any number of logs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadpact.agreement.amend import begins, hash_of
from leadpact.agreement.model import Agreement
from leadpact.agreement.promises import Response
from leadpact.agreement.roster import NOBODY, Roster, working
from leadpact.clock import Calendar, Dials, dials
from leadpact.facts import (
    ASSIGNED,
    DISQUALIFIED,
    HANDED_OVER,
    KINDS,
    LOST,
    MERGED,
    MOVED,
    PAUSED,
    REJECTED,
    RESUMED,
    RETURNED,
    SUPPRESSED,
    WON,
)
from leadpact.program import columns as col
from leadpact.program.names import Happening, Names, stages_of
from leadpact.units import DAY, Span

BLOCKS = len(KINDS) + 15
"""A block of classes for each kind, and one more for each odd combination of an attempt's marks."""

_ADDING = Lock()
"""Held while classes are added: several threads may judge by one program."""

MODES = {"hours": col.HOURS, "working hours": col.WORKING, "days": col.DAYS}

_ACTS = {
    HANDED_OVER: col.OWNS | col.HANDS_OVER,
    ASSIGNED: col.OWNS,
    MOVED: col.MOVES,
    WON: col.WINS | col.STAGED,
    PAUSED: col.PAUSES,
    RESUMED: col.RESUMES,
    RETURNED: col.LEAVES,
    REJECTED: col.LEAVES,
    DISQUALIFIED: col.LEAVES | col.DISQUALIFIES,
    LOST: col.LEAVES | col.LOSES,
    SUPPRESSED: col.ENDS,
    MERGED: col.ENDS | col.MERGES,
}


@dataclass(frozen=True)
class Row:
    """One obligation that a version's promises can yield: a promise, or one rung of its ladder."""

    version: int
    side: str
    promise: str
    clause: Response
    rung: int | None
    times: int
    span: Span


@dataclass(frozen=True)
class Version:
    """One version of the agreement and the instant from which it is in force."""

    agreement: Agreement
    names: Names
    begins: int

    @cached_property
    def hash(self) -> str:
        """The hash of the text that was signed (see `hash_of`)."""
        return hash_of(self.agreement)


class Program:
    """Everything that the sweep needs to know of an agreement, whatever the log.

    The roster says who works when, beside the text (see `Roster`). Raises `CalendarError` for one
    that `roster_problems` finds fault with.
    """

    def __init__(self, agreements: Sequence[Agreement], roster: Roster = NOBODY) -> None:
        self.roster = roster
        ordered = sorted(agreements, key=lambda a: (a.valid_from, a.version))
        self.stages = stages_of(ordered)
        self.versions = _in_force(ordered, self.stages)
        self.rows = _rows(self.versions)
        self.groups = {
            name: k for k, name in enumerate(dict.fromkeys(r.promise for r in self.rows))
        }
        self.zones = tuple(dict.fromkeys(v.agreement.zone for v in self.versions))
        self._desks = [working(v.agreement, roster) for v in self.versions]
        numbers: dict[Calendar, int] = {}
        self._numbers = [
            {name: numbers.setdefault(own, len(numbers)) for name, own in desk.items()}
            for desk in self._desks
        ]
        self.calendars = tuple(numbers)
        keys = dict.fromkeys((v, id(condition)) for v, _, condition in self.stipulations())
        self.conditions = {key: number for number, key in enumerate(keys)}
        self.promises = self._promises()
        self.marks = _marks(self.rows)
        self.bounds = self._version_table()
        self._classes: dict[Happening, int] = {}
        self._tables: list[tuple[int, list[int], list[bool], list[int], int]] = []
        self._packed: tuple[NDArray[Any], ...] | None = None
        self._dials: dict[tuple[int, int], Dials] = {}

    @property
    def restarts(self) -> int:
        """How many versions start anew what is open under the one before."""
        return sum(v.agreement.open_promises == "restart" for v in self.versions[1:])

    def stipulations(self) -> list[tuple[int, Version, Any]]:
        """Every condition that promises or versions are bound to, by version."""
        found = [
            (v, version, version.agreement.applies_to) for v, version in enumerate(self.versions)
        ]
        found += [(row.version, self.versions[row.version], row.clause.for_) for row in self.rows]
        return [each for each in found if each[2] is not None]

    def usual(self, version: Version) -> Calendar:
        """The calendar of nobody in particular under a version: its first, with its exceptions."""
        return self._desks[self.versions.index(version)][None]

    def dial(self, version: int, name: str | None) -> int:
        """The clock of a calendar or person of a version; of its default without a name."""
        numbers = self._numbers[version]
        return numbers.get(name, numbers[None])

    def clock_of(self, row: int, owner: str | None) -> int:
        """The clock that the promise at that place of `rows` runs on under an owner."""
        own = int(self.promises[row, col.P_DIAL])
        return own if own >= 0 else self.dial(self.rows[row].version, owner)

    def owners(self, people: Sequence[str]) -> NDArray[np.int32]:
        """The clock of nobody, and of each of these people, by version."""
        table = [
            [self.dial(v, None), *(self.dial(v, person) for person in people)]
            for v in range(len(self.versions))
        ]
        return np.array(table, np.int32)

    def dials(self, first: int, last: int) -> Dials:
        """Tables of all clocks that cover these instants and every span after them."""
        longest = max((_most(row.span) for row in self.rows), default=0)
        years = (first // (366 * DAY), (last + longest) // (365 * DAY))
        if years not in self._dials:
            self._dials[years] = dials(self.calendars, self.zones, first, last + longest)
        return self._dials[years]

    def classes(self, happenings: Sequence[Happening]) -> list[int]:
        """The class of each happening; new ones are added."""
        with _ADDING:
            for fact in happenings:
                if fact not in self._classes:
                    self._tables.append(self._class(fact))
                    self._classes[fact] = len(self._classes)
                    self._packed = None
            return [self._classes[fact] for fact in happenings]

    def tables(self) -> tuple[NDArray[Any], ...]:
        """(acts, stages, foreign, roles, begins) of all classes so far."""
        with _ADDING:
            if self._packed is None:
                acts, stages, foreign, roles, begins = zip(*self._tables, strict=True)
                self._packed = (
                    np.array(acts, np.int64),
                    np.array(stages, np.int8),
                    np.array(foreign, np.bool_),
                    np.array(roles, np.uint8).reshape(len(acts), len(self.rows)),
                    np.array(begins, np.int64),
                )
            return self._packed

    def _class(self, fact: Happening) -> tuple[int, list[int], list[bool], list[int], int]:
        stages = [v.names.stage(fact) for v in self.versions]
        acts = _ACTS.get(fact.kind, 0) | (col.STAGED if max(stages) >= 0 else 0)
        foreign = [_is_foreign(v.agreement, fact) for v in self.versions]
        roles = [self._role(row, fact) for row in self.rows]
        begins = [0] * len(self.versions)
        for k, row in enumerate(self.rows):
            staged = stages[row.version] >= 0 and self.promises[k, col.P_STAGES]
            begins[row.version] += bool(roles[k] & col.START or staged)
        every = np.bitwise_or.reduce(np.array([0, *roles]))
        acts |= col.STARTS if any(begins) else 0
        acts |= (col.ANSWERS if every & col.ANSWER else 0) | (
            col.EXCUSES if every & col.EXCUSE else 0
        )
        return acts, stages, foreign, roles, max(begins)

    def _role(self, row: Row, fact: Happening) -> int:
        names, promise = self.versions[row.version].names, row.clause
        starts = any(names.starts(fact, name, promise.by) for name in promise.after)
        answers = any(names.meets(fact, name, promise.by) for name in names.answers(promise))
        excuses = any(names.meets(fact, name, promise.by) for name in names.excuses(promise))
        return col.START * starts | col.ANSWER * answers | col.EXCUSE * excuses

    def _promises(self) -> NDArray[np.int64]:
        table = np.zeros((len(self.rows), col.PROMISE_WIDTH), np.int64)
        seen: set[tuple[int, str]] = set()
        for k, row in enumerate(self.rows):
            names = self.versions[row.version].names
            named = row.clause.calendar
            table[k] = (
                row.version,
                self.groups[row.promise],
                (row.version, row.promise) not in seen,
                row.times,
                MODES.get(row.span.unit, col.WORKING_DAYS),
                row.span.micros,
                row.span.days,
                -1 if named is None else self.dial(row.version, f"calendar {named}"),
                names.entering(row.clause.after),
                bool(row.clause.ladder),
                row.clause.each_time,
                self.conditions.get((row.version, id(row.clause.for_)), -1),
                -1 if row.rung is None else row.rung,
            )
            seen.add((row.version, row.promise))
        return table

    def _version_table(self) -> NDArray[np.int64]:
        table = np.zeros((len(self.versions), col.VERSION_WIDTH), np.int64)
        for v, version in enumerate(self.versions):
            own = [k for k, row in enumerate(self.rows) if row.version == v]
            cap = version.agreement.pauses.at_most
            table[v] = (
                version.begins,
                own[0] if own else 0,
                own[-1] + 1 if own else 0,
                version.names.qualifies,
                v > 0 and version.agreement.open_promises == "restart",
                col.HOURS if cap is None or cap.unit == "hours" else col.DAYS,
                0 if cap is None else cap.micros or cap.days,
                self.zones.index(version.agreement.zone),
                self.conditions.get((v, id(version.agreement.applies_to)), -1),
                version.names.base,
                version.names.final,
            )
        return table


def _in_force(ordered: Sequence[Agreement], stages: Sequence[str]) -> tuple[Version, ...]:
    return tuple(
        Version(agreement, Names(agreement, stages), begins(agreement)) for agreement in ordered
    )


def _rows(versions: Sequence[Version]) -> tuple[Row, ...]:
    return tuple(
        Row(v, side, name, promise, rung, times, span)
        for v, version in enumerate(versions)
        for name, (side, promise) in version.agreement.promised().items()
        if isinstance(promise, Response)
        for rung, times, span in promise.rungs
    )


def _marks(rows: Sequence[Row]) -> NDArray[np.int64]:
    """Shares of the span, in millionths, at which something changes: the warning first."""
    most = max((len(row.clause.escalate) for row in rows), default=0)
    table = np.full((len(rows), most + 1), -1, np.int64)
    for k, row in enumerate(rows):
        shares = [row.clause.warn_at, *(step.at for step in row.clause.escalate)]
        for place, share in enumerate(shares):
            if share is not None:
                table[k, place] = millionths(share)
    return table


def millionths(share: Fraction) -> int:
    """A share of the time as the sweep counts it."""
    return int(Fraction(share) * 1_000_000)


def _is_foreign(agreement: Agreement, fact: Happening) -> bool:
    reasons = agreement.pauses.reasons
    return (
        fact.kind == PAUSED and bool(reasons) and fact.word is not None and fact.word not in reasons
    )


def _most(span: Span) -> int:
    """A generous guess of how far from its start a span can reach, µs."""
    return 10 * span.micros + 3 * span.days * DAY
