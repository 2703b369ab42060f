"""A slow clock: working time by walking from one opening to the next, local day by local day.

Instants are whole microseconds since 1970-01-01T00:00Z; walls are naive local datetimes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import takewhile
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LONGEST = 366 * 20


def instant(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def moment(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def wall(at: int, zone: str) -> datetime:
    return moment(at).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def as_shown(shown: datetime, zone: str, *, fold: int = 0) -> int:
    """When the wall shows this: twice shown is the first (fold 0); skipped is past the gap."""
    return instant(shown.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC))


@cache
def opening(shown: datetime, zone: str) -> int:
    """The first instant at which the wall shows this or later."""
    first, second = as_shown(shown, zone), as_shown(shown, zone, fold=1)
    return _jump(second, first, zone) if second < first else first


@cache
def closing(shown: datetime, zone: str) -> int:
    """The last instant before which the wall shows less."""
    first, second = as_shown(shown, zone), as_shown(shown, zone, fold=1)
    return _jump(second, first, zone) if second < first else second


def _jump(before: int, after: int, zone: str) -> int:
    """The instant at which the clock of a zone was set forward."""
    offset = wall(before, zone) - moment(before).replace(tzinfo=None)
    while after - before > 1:
        middle = (before + after) // 2
        if wall(middle, zone) - moment(middle).replace(tzinfo=None) == offset:
            before = middle
        else:
            after = middle
    return after


def same_time(at: int, days: int, zone: str) -> int:
    return at if days == 0 else as_shown(wall(at, zone) + timedelta(days=days), zone)


def day_of(at: int, zone: str) -> date:
    return wall(at, zone).date()


def day_start(day: date, zone: str) -> int:
    return opening(datetime.combine(day, time.min), zone)


@dataclass(frozen=True)
class Desk:
    """Open ranges by weekday (minutes of the day, Monday first), and the dates that are closed."""

    zone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: frozenset[date] = frozenset()
    leave: tuple[tuple[date, date], ...] = ()

    @property
    def always(self) -> bool:
        return all(day == ((0, 1440),) for day in self.week) and not (self.holidays or self.leave)

    def works_on(self, day: date) -> bool:
        away = day in self.holidays or any(a <= day <= b for a, b in self.leave)
        return bool(self.week[day.weekday()]) and not away

    def walk(self, at: int) -> Iterator[tuple[int, int]]:
        """Every open interval that may matter from `at` on, in order, none overlapping."""
        day = day_of(at, self.zone) - timedelta(days=3)
        shut = -(2**62)
        for number in range(LONGEST):
            for opens, shuts in _ranges(self, day + timedelta(days=number)):
                if max(opens, shut) < shuts:
                    yield max(opens, shut), shuts
                    shut = shuts
        raise AssertionError("This desk doesn't open for years.")

    def worked(self, start: int, end: int) -> int:
        """Working time between two instants."""
        if self.always:
            return end - start
        total = 0
        for opens, shuts in self.walk(start):
            if opens >= end:
                break
            total += max(0, min(shuts, end) - max(opens, start))
        return total

    def after(self, start: int, working: int) -> int:
        """The first instant, at or after `start`, by which this much working time has passed."""
        if working == 0 or self.always:
            return start + working
        for opens, shuts in self.walk(start):
            inside = max(0, shuts - max(opens, start))
            if working <= inside:
                return max(opens, start) + working
            working -= inside
        raise AssertionError("never reached")

    def nth_working_day(self, start: int, days: int) -> int:
        """The same local time `days` working days later, or the nearest at which the desk runs."""
        day = day_of(start, self.zone)
        for _ in range(days):
            day += timedelta(days=1)
            while not self.works_on(day):
                day += timedelta(days=1)
        again = as_shown(datetime.combine(day, wall(start, self.zone).time()), self.zone)
        begun = takewhile(lambda span: span[0] <= again, self.walk(again))
        inside = any(opens <= again <= shuts for opens, shuts in begun)
        return again if inside else self._nearest(day, again)

    def _nearest(self, day: date, again: int) -> int:
        ahead = [opens for opens, _ in _ranges(self, day) if opens > again]
        return min(ahead, default=max(shuts for _, shuts in _ranges(self, day)))


@cache
def _ranges(desk: Desk, day: date) -> tuple[tuple[int, int], ...]:
    if not desk.works_on(day):
        return ()
    midnight = datetime.combine(day, time.min)
    return tuple(
        (
            opening(midnight + timedelta(minutes=opens), desk.zone),
            closing(midnight + timedelta(minutes=shuts), desk.zone),
        )
        for opens, shuts in desk.week[day.weekday()]
    )


def always_open(zone: str) -> Desk:
    return Desk(zone, (((0, 1440),),) * 7)


def week_of(written: dict[str, tuple[str, ...]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """`{"mon-fri": ["09:00-12:30", "13:30-17:30"]}` as ranges of minutes by weekday."""
    week: list[list[tuple[int, int]]] = [[] for _ in WEEKDAYS]
    for days, ranges in written.items():
        first, _, last = days.partition("-")
        for day in range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1):
            week[day] += [_range(text) for text in ranges]
    return tuple(tuple(sorted(day)) for day in week)


def _range(text: str) -> tuple[int, int]:
    if text == "always":
        return 0, 1440
    opens, shuts = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
    return opens, shuts if shuts > opens else shuts + 1440
