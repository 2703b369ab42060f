"""Months: the rows of a plan with their working days, and a quota's part for each of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np

from leadpact.agreement.model import Quota
from leadpact.clock import Calendar
from leadpact.units import rounded

ONE_DAY = timedelta(days=1)
_LENGTH = {"month": 1, "quarter": 3, "year": 12}


class Workdays:
    """The working days of a calendar: dates on which it opens; `in_a_week` of them in a plain week."""

    def __init__(self, calendar: Calendar) -> None:
        away = (
            first + n * ONE_DAY
            for first, last in calendar.leave
            for n in range((last - first).days + 1)
        )
        closed = np.array(sorted({*calendar.holidays, *away}), "datetime64[D]")
        self._week = np.busdaycalendar([bool(day) for day in calendar.week], closed)
        self.in_a_week = sum(bool(day) for day in calendar.week)

    def within(self, start: date, stop: date) -> int:
        """How many from `start` up to and without `stop`."""
        return int(np.busday_count(start, stop, busdaycal=self._week))


@dataclass(frozen=True, slots=True)
class Month:
    """A row's time: a calendar month, or the part of it (both days included) within the term."""

    start: date
    end: date
    working_days: int

    @property
    def ordinal(self) -> int:
        """Months since the year 0: the difference of two is how far they are apart."""
        return self.start.year * 12 + self.start.month - 1

    def __str__(self) -> str:
        return f"{self.start:%Y-%m}"


def months(start: date, end: date, workdays: Workdays) -> list[Month]:
    """The calendar months from one day to another (included), the first and last cut there."""
    found = []
    while start <= end:
        stop = min(month_after(start), end + ONE_DAY)
        found.append(Month(start, stop - ONE_DAY, workdays.within(start, stop)))
        start = stop
    return found


def month_after(day: date, count: int = 1) -> date:
    """The first day of the month so many months after that of `day`."""
    return first_of(day.year * 12 + day.month - 1 + count)


def first_of(ordinal: int) -> date:
    """The first day of a month given by its ordinal."""
    return date(ordinal // 12, ordinal % 12 + 1, 1)


def later(day: date, count: int) -> date:
    """The same day so many months later; the last of a shorter month."""
    following = month_after(day, count + 1)
    return min(month_after(day, count) + (day.day - 1) * ONE_DAY, following - ONE_DAY)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a quota's period: the row it falls in (None outside the rows), and its weight."""

    row: int | None
    start: date
    weight: int


@dataclass(frozen=True, slots=True)
class QuotaPeriod:
    """A period of the quota: its amount in whole units of `1 / scale`, and its pieces by month."""

    amount: int
    pieces: tuple[Piece, ...]


def scale_of(amount: Decimal) -> int:
    """Parts of a currency unit that hold an amount exactly; hundredths at the least."""
    exponent = amount.normalize().as_tuple().exponent
    return int(10 ** max(2, -exponent if isinstance(exponent, int) else 2))


def quota_periods(
    quota: Quota, rows: Sequence[Month], term: tuple[date, date], workdays: Workdays
) -> Iterator[QuotaPeriod]:
    """The periods of a quota that the rows touch.

    A quota per month stays per month. Quarters and years are counted from the first day of the
    term, and fall on the months by working days. A quota per day is one for each working day, one
    per week for each week from Monday, by its working days.
    """
    if quota.per in _LENGTH:
        yield from _long_periods(quota, rows, term, workdays)
    else:
        yield from _short_periods(quota, rows, workdays)


def _long_periods(
    quota: Quota, rows: Sequence[Month], term: tuple[date, date], workdays: Workdays
) -> Iterator[QuotaPeriod]:
    amount = int(quota.amount * scale_of(quota.amount))
    anchor = term[0].replace(day=1) if quota.per == "month" else term[0]
    count, length = 0, _LENGTH[quota.per]
    while (start := later(anchor, count)) <= rows[-1].end:
        count += length
        stop = later(anchor, count)
        if stop > rows[0].start:
            cuts = (start, *_cuts(start, stop, term), stop)
            yield QuotaPeriod(amount, _pieces(cuts, rows, workdays))


def _cuts(start: date, stop: date, term: tuple[date, date]) -> list[date]:
    """The days within a period on which a month, or the term, begins, or after which it ends."""
    days, day = {term[0], term[1] + ONE_DAY}, month_after(start)
    while day < stop:
        days.add(day)
        day = month_after(day)
    return sorted(day for day in days if start < day < stop)


def _pieces(cuts: Sequence[date], rows: Sequence[Month], workdays: Workdays) -> tuple[Piece, ...]:
    spans = list(pairwise(cuts))
    days = [workdays.within(start, stop) for start, stop in spans]
    if not any(days):
        days = [(stop - start).days for start, stop in spans]
    return tuple(
        Piece(_row(start, rows), start, weight)
        for (start, _stop), weight in zip(spans, days, strict=True)
    )


def _row(day: date, rows: Sequence[Month]) -> int | None:
    return next((n for n, row in enumerate(rows) if row.start <= day <= row.end), None)


def _short_periods(
    quota: Quota, rows: Sequence[Month], workdays: Workdays
) -> Iterator[QuotaPeriod]:
    scale = scale_of(quota.amount)
    for n, row in enumerate(rows):
        shares = _weeks(row, workdays) if quota.per == "week" else Fraction(row.working_days)
        exact = shares * Fraction(quota.amount) * scale
        yield QuotaPeriod(int(rounded(exact, 0)), (Piece(n, row.start, 1),))


def _weeks(row: Month, workdays: Workdays) -> Fraction:
    """How many weeks' worth of working days a row has."""
    total, monday = Fraction(0), row.start - row.start.weekday() * ONE_DAY
    while monday <= row.end:
        following = monday + 7 * ONE_DAY
        start, stop = max(monday, row.start), min(following, row.end + ONE_DAY)
        whole = workdays.within(monday, following)
        days = workdays.within(start, stop) if whole else (stop - start).days
        total += Fraction(days, whole or 7)
        monday = following
    return total
