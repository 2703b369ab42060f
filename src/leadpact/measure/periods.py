"""Periods: the days, weeks, months, quarters and years that promises are measured by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from leadpact.agreement.model import Agreement
from leadpact.clock import DAY, day_start, local_day, to_datetime
from leadpact.program import Program

ONE_DAY = timedelta(days=1)
EPOCH = date(1970, 1, 1)
USUAL_DAYS = 30
"""The days that a step is given where no other time is agreed or asked for."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of local days, under the version in force at its start.

    `first` and `last` are days; `begins` and `ends` the instants (µs UTC) it runs from and up to.
    `whole` says that it is a full period of its unit, and not cut at the ends of the term.
    """

    version: int
    unit: str
    first: date
    last: date
    begins: int
    ends: int
    whole: bool

    @property
    def after(self) -> date:
        """The day after its last."""
        return self.last + ONE_DAY

    @property
    def name(self) -> str:
        """The period as people write it: 2026-03-14, 2026-W11, 2026-03, 2026-Q1, 2026."""
        return name_of(self.unit, self.first)

    def to_json(self) -> dict[str, Any]:
        """The period in its JSON form; `to` is its last day."""
        return {
            "period": self.name,
            "each": self.unit,
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "whole": self.whole,
        }


def periods(program: Program, version: int, unit: str, now: int) -> tuple[Period, ...]:
    """The periods that begin under a version, up to the one that `now` lies in.

    They run from `valid from` (or a later start of the term) to the end of the term; a period that
    began under an earlier version is that one's. Only the first and the last may be cut.
    """
    return tuple(_periods(program, version, unit, now))


def _periods(program: Program, version: int, unit: str, now: int) -> Iterator[Period]:
    agreement = program.versions[version].agreement
    earliest, latest = _bounds(program, version)
    day = _start(unit, earliest)
    if day < earliest and version and program.versions[version - 1].agreement.valid_from <= day:
        day = _next(unit, day)
    while day <= latest:
        following = _next(unit, day)
        first, after = max(day, earliest), min(following, _end(agreement, following))
        begins, ends = (instant_of(each, agreement.zone) for each in (first, after))
        if begins > now:
            return
        whole = (first, after) == (day, following)
        yield Period(version, unit, first, after - ONE_DAY, begins, ends, whole)
        day = following


def _bounds(program: Program, version: int) -> tuple[date, date]:
    """The first and the last day on which a period of the version may begin."""
    agreement = program.versions[version].agreement
    term = agreement.term
    earliest = max(agreement.valid_from, term.from_) if term else agreement.valid_from
    latest = term.to if term else date.max
    if version + 1 < len(program.versions):
        latest = min(latest, program.versions[version + 1].agreement.valid_from - ONE_DAY)
    return earliest, latest


def _end(agreement: Agreement, following: date) -> date:
    return agreement.term.to + ONE_DAY if agreement.term else following


def _start(unit: str, day: date) -> date:
    """The first day of the period of a day."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, day.month - (day.month - 1) % 3, 1)
    return date(day.year, 1, 1)


def _next(unit: str, first: date) -> date:
    """The first day of the period after the one that begins on `first`."""
    if unit == "day":
        return first + ONE_DAY
    if unit == "week":
        return first + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def name_of(unit: str, first: date) -> str:
    """A period of that unit, by its first day, as people write it."""
    if unit == "week":
        year, week, _day = first.isocalendar()
        return f"{year}-W{week:02}"
    if unit == "month":
        return f"{first:%Y-%m}"
    if unit == "quarter":
        return f"{first.year}-Q{(first.month + 2) // 3}"
    return f"{first.year}" if unit == "year" else first.isoformat()


def instant_of(day: date, zone: str) -> int:
    """The first instant of a local day, µs UTC."""
    return day_start((day - EPOCH).days, zone)


def day_of(number: int) -> date:
    """A local day (days since 1970) as a date."""
    return EPOCH + timedelta(days=int(number))


def local_date(instant: int, zone: str) -> date:
    """The local day of an instant."""
    return day_of(local_day(instant, zone))


def stamp(instant: int, zone: str) -> str:
    """An instant as text, with the offset of the zone."""
    return to_datetime(instant, zone).isoformat()


def periods_around(span: Period) -> tuple[date, date]:
    """The first day of the full period that a cut one is part of, and the day after its last."""
    first = _start(span.unit, span.first)
    return first, _next(span.unit, first)


def time_to_close(agreement: Agreement) -> int:
    """The longest `closes in` of all lead types, in days; 30 where none is agreed."""
    types = [*agreement.funnel.values()]
    types += [own for stream in agreement.funnel_by_stream.values() for own in stream.values()]
    spans = [clause.closes_in for clause in types if clause.closes_in is not None]
    return max((span.days or -(-span.micros // DAY) for span in spans), default=USUAL_DAYS)
