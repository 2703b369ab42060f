"""Periods: real months, quarters, years and weeks of the reader's calendar, as first and last days."""

from datetime import date, timedelta
from typing import NamedTuple

from leaddesk.tongue.reckoning import day_of, reckoned
from leaddesk.tongue.wishes import wishes


class Period(NamedTuple):
    """Whole days, both ends included."""

    first: date
    last: date


def month_of(day: date, calendar: str = "") -> Period:
    """The month that holds a day, in the reader's calendar or another."""
    return _months(day, 1, calendar)


def quarter_of(day: date, calendar: str = "") -> Period:
    """The quarter that holds a day."""
    return _months(day, 3, calendar)


def year_of(day: date, calendar: str = "") -> Period:
    """The year that holds a day."""
    return _months(day, 12, calendar)


def months_of(year: Period, calendar: str = "") -> tuple[Period, ...]:
    """The twelve months of a year, or the three of a quarter."""
    found = []
    first = year.first
    while first <= year.last:
        found.append(month_of(first, calendar))
        first = found[-1].last + timedelta(days=1)
    return tuple(found)


def week_of(day: date) -> Period:
    """The week that holds a day, from the weekday on which weeks start here."""
    first = day - timedelta(days=(day.weekday() - wishes().week_start) % 7)
    return Period(first, first + timedelta(days=6))


def is_weekend(day: date) -> bool:
    """Whether a day is off for everybody here."""
    return day.weekday() in wishes().weekend


def _months(day: date, count: int, calendar: str) -> Period:
    """The run of `count` months, counted from the first of the year, that holds a day."""
    calendar = calendar or wishes().reckoning
    found = reckoned(day, calendar)
    begins = (found.month - 1) // count * count + 1
    years, over = divmod(begins - 1 + count, 12)
    after = day_of(found.year + years, over + 1, 1, calendar)
    return Period(day_of(found.year, begins, 1, calendar), after - timedelta(days=1))
