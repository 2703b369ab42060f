"""Working time: what a clock that stands still while the desk is closed can tell."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from leadpact.clock import columns
from leadpact.clock.calendar import Calendar
from leadpact.clock.dials import (
    AFTER,
    BEFORE,
    OPENS,
    OUTSIDE,
    READ_FROM,
    READ_UNTIL,
    SHUTS,
    Dials,
    dials_of_years,
)
from leadpact.clock.instants import to_datetime
from leadpact.clock.reading import deadline, elapsed, instant, nth_working_day, opened, reading
from leadpact.clock.zones import FIRST_YEAR, LAST_YEAR, CalendarError, Instants, years_of
from leadpact.words import _

_ORIGIN = 1_577_836_800_000_000  # 2020-01-01T00:00Z

T = TypeVar("T", int, NDArray[np.int64])


@dataclass(frozen=True)
class Interval:
    """A stretch of open time that was counted: local datetimes, and the µs worked in it."""

    opened_at: datetime
    shut_at: datetime
    worked: int


class Clock:
    """Working time of a calendar. Instants are µs since 1970 in UTC, working times are µs.

    Every method but `explain` takes ints or int64 arrays, and answers in kind. The tables behind a
    clock grow when it is asked for other years; no answer depends on what was asked before.
    Raises `CalendarError` outside the years 1900 to 2199, `TypeError` for anything but integers.
    """

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._years = (2019, 2030)
        self._tables: Dials | None = None

    def read(self, t: T) -> T:
        """The working time at `t` since 2020-01-01T00:00Z; below zero before it."""
        return self._told(reading, columns.readings, t)

    def at(self, w: T) -> T:
        """The earliest instant at which the clock reads `w`."""
        return self._told(instant, columns.instants, w, since=_ORIGIN)

    def between(self, a: T, b: T | int) -> T:
        """The working time from `a` to `b`; below zero where `b` is earlier."""
        return self._told(elapsed, columns.spent, a, b)

    def after(self, t: T, working: T | int) -> T:
        """The first instant at which `working` has passed since `t`; `t` itself for none.

        What ends exactly at closing time ends there, not at the next opening. Raises `ValueError`
        for a working time below zero.
        """
        if np.any(np.less(working, 0)):
            raise ValueError(_("A working time can't be below zero."))
        return self._told(deadline, columns.deadlines, t, working)

    def nth_day(self, t: T, n: T | int) -> T:
        """The same local time on the `n`-th working day after the local day of `t`.

        A working day is a date on which the desk opens. Where it is closed at that time, the
        answer is its opening, its reopening after a break, or its closing. Zero days are `t`
        itself; below zero raises `ValueError`.
        """
        if np.any(np.less(n, 0)):
            raise ValueError(_("A number of working days can't be below zero."))
        return self._told(nth_working_day, columns.working_days, t, n)

    @overload
    def is_open(self, t: int) -> bool: ...
    @overload
    def is_open(self, t: Instants) -> NDArray[np.bool_]: ...
    def is_open(self, t: int | Instants) -> bool | NDArray[np.bool_]:
        """Whether the desk is open at `t`: from the instant it opens until before it shuts."""
        found: Any = self._told(opened, columns.openings, cast("Any", t))
        return cast("bool | NDArray[np.bool_]", found != 0)

    def explain(self, a: int, b: int) -> list[Interval]:
        """The intervals that `between(a, b)` counts, cut to `a` and `b`, in order.

        What they worked sums to it; where `b` is earlier, each worked below zero.
        """
        first, last = min(a, b), max(a, b)
        self.between(first, last)  # grows the tables
        spans = self._dials().spans
        begin, end = np.searchsorted(spans[:, SHUTS], [first, last], "right")
        rows = slice(begin, end + 1)
        opens = np.maximum(spans[rows, OPENS], first)
        shuts = np.minimum(spans[rows, SHUTS], last)
        zone, sign = self.calendar.zone, 1 if a <= b else -1
        return [
            Interval(to_datetime(o, zone), to_datetime(s, zone), sign * (s - o))
            for o, s in zip(opens.tolist(), shuts.tolist(), strict=True)
            if s > o
        ]

    def _told(
        self,
        one: Callable[..., int],
        many: Callable[..., bool],
        first: T,
        *others: T | int,
        since: int = 0,
    ) -> T:
        """What `one` says of whole numbers, or `many` of columns, in tables that are wide enough.

        `since` makes an instant of the first, to guess which years are wanted.
        """
        asked: tuple[Any, ...] = (first, *others)
        told: Any
        if any(isinstance(value, np.ndarray) for value in asked):
            told = self._told_of_columns(many, asked, since)
        else:
            told = self._told_of_numbers(one, asked, since)
        answer: T = told
        return answer

    def _told_of_numbers(self, one: Callable[..., int], asked: Sequence[Any], since: int) -> int:
        numbers = [operator.index(value) for value in asked]
        while (found := one(self._dials(), 0, *numbers)) == OUTSIDE:
            self._grow(np.array([numbers[0] + since]))
        return int(found)

    def _told_of_columns(
        self, many: Callable[..., bool], asked: Sequence[Any], since: int
    ) -> Instants:
        given = [np.asarray(value) for value in asked]
        if any(value.dtype.kind not in "iu" for value in given):
            raise TypeError(_("Instants and working times are whole numbers of microseconds."))
        shape = np.broadcast_shapes(*(value.shape for value in given))
        # Columns that can't be written to would be compiled for once more.
        rows = [
            np.require(
                v if v.size == 1 else np.broadcast_to(v, shape), np.int64, ["C", "W"]
            ).ravel()
            for v in given
        ]
        out = np.empty(shape, np.int64)
        while not many(self._dials(), *rows, out.ravel()):
            self._grow(rows[0] + since)
        return out

    def _dials(self) -> Dials:
        if self._tables is None:
            self._tables = _anchored(dials_of_years((self.calendar,), (), *self._years))
        return self._tables

    def _grow(self, asked: Instants) -> None:
        """Cover the instants asked for; if they are covered already, three times as many years."""
        first, last = self._years
        near = years_of(asked)
        if first <= near[0] and near[1] <= last:
            near = (2 * first - last - 1, 2 * last - first + 1)
        wider = (max(min(first, near[0]), FIRST_YEAR), min(max(last, near[1]), LAST_YEAR))
        if wider == self._years:
            said = _("The clock of this calendar can't tell: it knows the years {first} to {last}.")
            raise CalendarError(said.format(first=first, last=last))
        self._tables = _anchored(dials_of_years((self.calendar,), (), *wider))
        self._years = wider


def _anchored(d: Dials) -> Dials:
    """The same tables with readings that count from the origin, whatever years they cover."""
    origin = reading(d, 0, _ORIGIN)
    spans, clocks = d.spans.copy(), d.clocks.copy()
    spans[:, [BEFORE, AFTER]] -= origin
    clocks[:, [READ_FROM, READ_UNTIL]] -= origin
    return d._replace(spans=spans, clocks=clocks)
