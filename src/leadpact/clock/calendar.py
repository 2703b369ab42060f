"""Calendar: when a desk is open, as its author wrote it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeAlias

from leadpact.clock.instants import to_micros
from leadpact.clock.zones import CalendarError, zone_named
from leadpact.words import _

Range: TypeAlias = tuple[int, int]
Day: TypeAlias = tuple[Range, ...]

_DAY = 1440
_WEEK = 7 * _DAY


@dataclass(frozen=True)
class Calendar:
    """Open hours on the wall clock of a zone, and the days on which nobody works.

    `week` has seven days, Monday first; each lists its open ranges ``(open, close)`` in minutes
    from local midnight. `close` passes 1440 where the desk works across midnight (22:00-06:00 is
    ``(1320, 1800)``); ``(0, 1440)`` is the whole day. A range belongs to the date on which it
    opens: on a date of `holidays`, or within one of the inclusive ranges of `leave`, it doesn't.
    A date of `exceptions` has the open ranges that stand there instead of its own, none or others.
    From a date of `later` on, the zone, hours, holidays and exceptions of another calendar hold,
    and the same leave; where the zone is another one, that is as if its clocks were changed.
    Raises `CalendarError` for an unknown zone, a range that isn't one, ranges that overlap, and a
    calendar that never opens.
    """

    zone: str
    week: tuple[Day, ...]
    holidays: frozenset[date] = frozenset()
    leave: tuple[tuple[date, date], ...] = ()
    exceptions: tuple[tuple[date, Day], ...] = ()
    later: tuple[tuple[date, "Calendar"], ...] = ()

    def __post_init__(self) -> None:
        week = tuple(tuple(sorted((int(o), int(c)) for o, c in day)) for day in self.week)
        object.__setattr__(self, "week", week)
        object.__setattr__(self, "holidays", frozenset(self.holidays))
        object.__setattr__(self, "leave", tuple(sorted((a, b) for a, b in self.leave)))
        days = sorted((day, tuple(sorted(ranges))) for day, ranges in self.exceptions)
        object.__setattr__(self, "exceptions", tuple(days))
        zone_named(self.zone)
        _refuse_bad_week(week)
        for _date, ranges in days:
            _refuse_overlaps([*_checked(ranges)])
        _refuse_bad_leave(self.leave)

    def with_leave(self, ranges: Iterable[tuple[date, date]]) -> "Calendar":
        """The same hours for a person who is away in `ranges` too (inclusive dates)."""
        return replace(self, leave=(*self.leave, *ranges))

    def with_holidays(self, dates: Iterable[date]) -> "Calendar":
        """The same hours, closed on `dates` too."""
        return replace(self, holidays=self.holidays | frozenset(dates))

    def with_exceptions(self, days: Mapping[date, Day]) -> "Calendar":
        """The same calendar with other hours on these dates; with none it is closed."""
        return replace(self, exceptions=tuple({**dict(self.exceptions), **days}.items()))

    def followed_by(self, others: Iterable[tuple[date, "Calendar"]]) -> "Calendar":
        """The same calendar until the first of these dates, from then on the others, in order."""
        later = tuple(sorted(others, key=lambda other: other[0]))
        return replace(self, later=later) if later else self

    def held_at(self, instant: int) -> int:
        """Which of the calendars holds at an instant (µs UTC): 0 for this one, then `later`."""
        begun = [
            to_micros(datetime.combine(day, time.min, zone_named(other.zone))) <= instant
            for day, other in self.later
        ]
        return sum(begun)

    def opens_on(self, day: date) -> bool:
        """Whether it opens on a date."""
        held = [other for first, other in self.later if first <= day]
        hours = held[-1] if held else self
        usual = () if day in hours.holidays else hours.week[day.weekday()]
        return bool(dict(hours.exceptions).get(day, usual)) and self.away(day) is None

    def away(self, day: date) -> date | None:
        """The last day of a leave that holds on a date; None for none."""
        return next((last for first, last in self.leave if first <= day <= last), None)

    def opens_between(self, first: date, last: date) -> bool:
        """Whether it opens on any of these dates (inclusive)."""
        day = first
        while day <= last:
            if self.opens_on(day):
                return True
            day = min(self.away(day) or day, last) + timedelta(1)
        return False


def _refuse_bad_week(week: tuple[Day, ...]) -> None:
    if len(week) != 7:
        raise CalendarError(_("A week has seven days, not {count}.").format(count=len(week)))
    ranges = [(n * _DAY + o, n * _DAY + c) for n, day in enumerate(week) for o, c in _checked(day)]
    if not ranges:
        raise CalendarError(_("This calendar never opens. Give it at least one open range."))
    first = ranges[0]
    _refuse_overlaps([*ranges, (first[0] + _WEEK, first[1] + _WEEK)])


def _refuse_overlaps(ranges: Sequence[Range]) -> None:
    for one, other in pairwise(ranges):
        if one[1] > other[0]:
            said = _("The open ranges {one} and {other} overlap. Join or part them.")
            raise CalendarError(said.format(one=_spoken(one), other=_spoken(other)))


def _checked(day: Day) -> Day:
    for opens, closes in day:
        if not 0 <= opens < _DAY:
            said = _("An open range starts between 00:00 and 23:59 of its day, not at minute {m}.")
            raise CalendarError(said.format(m=opens))
        if not opens < closes <= opens + _DAY:
            said = _("The open range {range} must last from one minute to 24 hours.")
            raise CalendarError(said.format(range=_spoken((opens, closes))))
    return day


def _spoken(minutes: Range) -> str:
    opens, closes = minutes[0] % _DAY, (minutes[1] - 1) % _DAY + 1
    return f"{opens // 60:02d}:{opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}"


def _refuse_bad_leave(leave: tuple[tuple[date, date], ...]) -> None:
    for first, last in leave:
        if last < first:
            said = _("A leave can't end on {last}, before it starts on {first}. Swap them.")
            raise CalendarError(said.format(first=first, last=last))


ALWAYS = Calendar("UTC", 7 * (((0, _DAY),),))
"""Around the clock: working time is elapsed time."""
