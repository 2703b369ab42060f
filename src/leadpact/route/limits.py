"""Limits: how many leads somebody was given in a period or holds at one time, and may at most."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from leadpact.agreement.phrases import Quantity
from leadpact.clock import day_start, local_day

OPEN = "open"
"""The period of a limit at one time."""
_EPOCH = date(1970, 1, 1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass
class Tally:
    """What everybody has: leads `given` by period and person, leads `open`, obligations `owed`.

    A lead that was rejected isn't given.
    """

    given: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    open: Mapping[str, int] = field(default_factory=dict)
    owed: Mapping[str, int] = field(default_factory=dict)

    def of(self, period: str, name: str) -> int:
        """How many leads somebody was given in a period, or holds."""
        counts = self.open if period == OPEN else self.given.get(period, {})
        return counts.get(name, 0)


@dataclass
class CapUse:
    """A limit of a person: how much of it is `used`, and when it begins anew (None: when a lead ends)."""

    cap: Quantity
    used: int
    until: int | None

    @property
    def is_full(self) -> bool:
        """Whether nothing more fits."""
        return self.used >= self.cap.number

    @property
    def share(self) -> Fraction:
        """The share that is used, with half a lead more: of equal shares the greater room is first."""
        return (
            Fraction(2 * self.used + 1, 2 * self.cap.number) if self.cap.number else Fraction(10**9)
        )

    @property
    def text(self) -> str:
        """The limit as it is written."""
        number, period = self.cap
        return f"{number} open" if period == OPEN else f"{number} per {period}"


def begins(period: str, now: int, zone: str) -> int:
    """When the day, week, month, quarter or year of an instant began, µs UTC."""
    return _instant(_first(period, _EPOCH + timedelta(local_day(now, zone))), zone)


def ends(period: str, now: int, zone: str) -> int:
    """When the next one begins."""
    first = _first(period, _EPOCH + timedelta(local_day(now, zone)))
    if period in _MONTHS:
        years, month = divmod(first.year * 12 + first.month - 1 + _MONTHS[period], 12)
        return _instant(date(years, month + 1, 1), zone)
    return _instant(first + timedelta(7 if period == "week" else 1), zone)


def _first(period: str, day: date) -> date:
    if period == "week":
        return day - timedelta(day.weekday())
    if period in _MONTHS:
        months = _MONTHS[period]
        return date(day.year, day.month - (day.month - 1) % months, 1)
    return day


def _instant(day: date, zone: str) -> int:
    return int(day_start((day - _EPOCH).days, zone))
