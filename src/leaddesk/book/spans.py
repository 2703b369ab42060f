"""Spans: the days of a period by its name, and the instants between which they run."""

from datetime import date, timedelta
from typing import NamedTuple

from leadpact.clock.zones import LAST_YEAR
from leadpact.measure.periods import instant_of

_DAY = timedelta(days=1)
_FIRST, _LAST = date(1970, 1, 2), date(LAST_YEAR - 1, 12, 31)
"""Calendars know them and the instants beside them in every zone."""


class Span(NamedTuple):
    """The local days of a period, both included, and the instants from which and up to which it runs."""

    first: date
    last: date
    begins: int
    ends: int


def span_of(period: str, zone: str) -> Span | None:
    """The days of a period: ``2026``, ``2026-Q4``, ``2026-11``, ``2026-W47``, ``2026-11-20`` or
    ``2026-11-01..2026-11-20``. None for anything else, and beyond the years 1970 to 2198."""
    try:
        days = _days(period)
    except (ValueError, OverflowError):
        return None
    if days is None or not _FIRST <= days[0] <= days[1] <= _LAST:
        return None
    first, last = days
    return Span(first, last, instant_of(first, zone), instant_of(last + _DAY, zone))


def _days(period: str) -> tuple[date, date] | None:
    if not period.isascii() or len(period) > 22:
        return None
    first, dots, last = period.partition("..")
    if dots:
        return date.fromisoformat(first), date.fromisoformat(last)
    year, _dash, rest = period.partition("-")
    if len(year) != 4 or not year.isdigit():
        return None
    if rest[:1] == "W":
        monday = date.fromisocalendar(int(year), int(rest[1:]), 1)
        return monday, monday + timedelta(days=6)
    if rest[:1] == "Q":
        return _months(int(year), 3 * int(rest[1:]) - 2, 3)
    if len(rest) == 2:
        return _months(int(year), int(rest), 1)
    if not rest:
        return _months(int(year), 1, 12)
    day = date.fromisoformat(period)
    return day, day


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    years, place = divmod(month - 1 + count, 12)
    return date(year, month, 1), date(year + years, place + 1, 1) - _DAY
